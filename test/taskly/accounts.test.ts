import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase } from './support/backend.ts';
import { call, freshAddress, freshEmail, newPerson, PASSWORD, Person, Stream } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ replicas: 2, env: { EVENT_POLL_MS: '200' } });
});
afterAll(() => world?.end());

const other = (): string => world.replicas[1]?.url ?? '';
const cookieLine = (answer: { headers: { 'set-cookie'?: string[] | undefined } }): string => answer.headers['set-cookie']?.[0] ?? '';

describe.skipIf(postgresMissing)('sign-up', () => {
  test('creates an account and signs in', async () => {
    const person = new Person(world.url);
    const answer = await person.call('POST', '/api/accounts', { body: { email: person.email, password: PASSWORD, name: '  Ana  ' } });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      id: expect.any(String),
      email: person.email,
      name: 'Ana',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await person.call('GET', '/api/me')).json).toEqual(answer.json);
  });

  test('never answers with anything of the password', async () => {
    const person = new Person(world.url);
    const answer = await person.signUp();
    expect(answer.text).not.toMatch(/argon|hash|password/i);
  });

  test('stores argon2id and the digest of the token, nothing that could be used', async () => {
    const person = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    const token = person.cookie.split('=')[1] ?? '';
    const { rows } = await database.query<{ password_hash: string; token: string }>(
      "select password_hash, encode(token_hash, 'hex') as token from accounts a join sessions s on s.account_id = a.id where email = $1",
      [person.email],
    );
    await database.end();
    expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(rows[0]?.token).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[0]?.token).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });

  test('is one account per address, whatever its case and the spaces around it', async () => {
    const person = await newPerson(world.url);
    const again = new Person(world.url, { email: `  ${person.email.toUpperCase()} ` });
    const answer = await again.signUp();
    expect([answer.status, answer.json.error.code]).toEqual([409, 'email_taken']);
    expect(again.cookie).toBe('');
  });

  test('at the same time on two replicas makes exactly one account', async () => {
    const email = freshEmail();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => new Person(i % 2 ? other() : world.url, { email }).signUp()));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(7);
  });

  test.each([
    ['no address', { password: PASSWORD }, 'email'],
    ['no password', { email: 'a@example.com' }, 'password'],
    ['an address without a host', { email: 'ana', password: PASSWORD }, 'email'],
    ['an address with a line break', { email: 'a@example.com\nbcc: b@example.com', password: PASSWORD }, 'email'],
    ['an address of 255 characters', { email: `${'a'.repeat(243)}@example.com`, password: PASSWORD }, 'email'],
    ['an address that is a number', { email: 1, password: PASSWORD }, 'email'],
    ['seven characters', { email: 'a@example.com', password: 'x7$kLmä' }, 'password'],
    ['a password of 257 characters', { email: 'a@example.com', password: 'ab'.repeat(128) + 'c' }, 'password'],
    ['half a surrogate pair in the password', { email: 'a@example.com', password: 'abcdefgh\ud800' }, 'password'],
    ['an empty name', { email: 'a@example.com', password: PASSWORD, name: '   ' }, 'name'],
    ['a name with a NUL', { email: 'a@example.com', password: PASSWORD, name: 'a\u0000b' }, 'name'],
    ['a role', { email: 'a@example.com', password: PASSWORD, role: 'admin' }, 'role'],
    ['an id of its own', { email: 'a@example.com', password: PASSWORD, id: '00000000-0000-4000-8000-000000000000' }, 'id'],
    ['a password hash', { email: 'a@example.com', password: PASSWORD, password_hash: 'x' }, 'password_hash'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const answer = await call(world.url, 'POST', '/api/accounts', { body, headers: { 'x-forwarded-for': freshAddress() } });
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBe('invalid_request');
    expect(Object.keys(answer.json.error.fields)).toContain(field);
  });

  test.each(['password', 'Password2026!', '12345678', 'aaaaaaaaaaaa', 'iloveyou', 'qwertyuiop'])(
    'refuses the well-known password %s',
    async (password) => {
      const answer = await new Person(world.url).signUp(password);
      expect([answer.status, answer.json.error.fields]).toEqual([400, { password: 'Is too easy to guess.' }]);
    },
  );

  test("refuses the person's own address as the password", async () => {
    const person = new Person(world.url);
    expect((await person.signUp(person.email)).status).toBe(400);
  });

  test.each([
    ['256 characters', 'pqrs'.repeat(64)],
    ['spaces around and inside', '  spaces are kept  '],
    ['emoji and other scripts', 'зелёный🦊چراغ'],
    ['quotes and markup', `'"; drop table accounts; --<b>`],
  ])('takes a password with %s, whole', async (_, password) => {
    const person = new Person(world.url);
    expect((await person.signUp(password)).status).toBe(201);
    expect((await person.signIn(password)).status).toBe(200);
    expect((await person.signIn(password.slice(0, -1))).status).toBe(401);
  });

  test('takes the same password from a keyboard that composes letters otherwise', async () => {
    const person = new Person(world.url);
    await person.signUp('Zürich-Überholspur'.normalize('NFC'));
    expect((await person.signIn('Zürich-Überholspur'.normalize('NFD'))).status).toBe(200);
  });
});

describe.skipIf(postgresMissing)('session', () => {
  test('is a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await new Person(world.url).signUp();
    const line = cookieLine(answer);
    expect(line).toMatch(/^taskly=[\w-]{43};/);
    for (const part of ['Path=/', 'HttpOnly', 'SameSite=Lax', 'Max-Age=2592000']) expect(line).toContain(part);
    expect(line).not.toContain('Secure');
    expect(line).not.toContain('Domain');
  });

  test('behind https is Secure and bound to the host', async () => {
    const person = new Person(world.url);
    const secure = { 'x-forwarded-proto': 'https' };
    const answer = await person.call('POST', '/api/accounts', { body: { email: person.email, password: PASSWORD }, headers: secure });
    expect(cookieLine(answer)).toMatch(/^__Host-taskly=[\w-]{43};.*Secure/);
    expect((await person.call('GET', '/api/me', { headers: secure })).status).toBe(200);
    expect((await person.call('GET', '/api/me')).status).toBe(401);
  });

  test('works on every replica', async () => {
    const person = await newPerson(world.url);
    expect((await person.tab(other()).call('GET', '/api/me')).json.email).toBe(person.email);
  });

  test('is new after every sign-in, and the old one of this browser ends', async () => {
    const person = await newPerson(world.url);
    const before = person.tab();
    await person.signIn();
    expect(person.cookie).not.toBe(before.cookie);
    expect((await before.call('GET', '/api/me')).status).toBe(401);
  });

  test('cannot be planted: a sign-in does not take over a token that the browser brings', async () => {
    const person = await newPerson(world.url);
    person.cookie = `taskly=${'A'.repeat(43)}`;
    await person.signIn();
    expect(person.cookie).not.toContain('A'.repeat(43));
  });

  test('is of no use after sign-out, on any replica', async () => {
    const person = await newPerson(world.url);
    const stolen = person.tab();
    const answer = await person.signOut();
    expect(answer.status).toBe(204);
    expect(cookieLine(answer)).toMatch(/^taskly=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
    for (const base of [world.url, other()]) {
      expect((await stolen.tab(base).call('GET', '/api/me')).status).toBe(401);
      expect((await stolen.tab(base).call('GET', '/api/tasks')).status).toBe(401);
      expect((await stolen.tab(base).create('no')).status).toBe(401);
    }
  });

  test('sign-out leaves the other browsers of the account alone', async () => {
    const person = await newPerson(world.url);
    const phone = new Person(world.url, { email: person.email });
    await phone.signIn();
    await person.signOut();
    expect((await phone.call('GET', '/api/me')).status).toBe(200);
  });

  test('sign-out twice, or signed out, is 204 too', async () => {
    const person = await newPerson(world.url);
    const tab = person.tab();
    expect([(await person.signOut()).status, (await tab.signOut()).status, (await new Person(world.url).signOut()).status]).toEqual([
      204, 204, 204,
    ]);
  });

  test.each([
    ['its longest life', "expires_at = now() - interval '1 second'"],
    ['a week without use', "last_used_at = now() - interval '8 days'"],
  ])('ends after %s', async (_, change) => {
    const person = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    await database.query(`update sessions set ${change} where account_id = (select id from accounts where email = $1)`, [person.email]);
    await database.end();
    expect((await person.call('GET', '/api/me')).status).toBe(401);
  });

  test('stays alive by use', async () => {
    const person = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    const where = 'account_id = (select id from accounts where email = $1)';
    await database.query(`update sessions set last_used_at = now() - interval '6 days' where ${where}`, [person.email]);
    expect((await person.call('GET', '/api/me')).status).toBe(200);
    const { rows } = await database.query<{ fresh: boolean }>(
      `select last_used_at > now() - interval '1 minute' as fresh from sessions where ${where}`,
      [person.email],
    );
    await database.end();
    expect(rows).toEqual([{ fresh: true }]);
  });

  test.each([
    ['nothing', ''],
    ['no value', 'taskly='],
    ['a guess', `taskly=${'A'.repeat(43)}`],
    ['very much', `taskly=${'A'.repeat(5000)}`],
    ['bytes that are no text', 'taskly=%00%ff'],
    ['SQL', "taskly=' or 1=1 --"],
    ["https's name under http", '__Host-taskly=x'],
    ['a broken pair', 'TASKLY=x; taskly'],
  ])('is not made by a cookie with %s', async (_, cookie) => {
    const answer = await call(world.url, 'GET', '/api/me', { headers: { cookie } });
    expect([answer.status, answer.json.error.code]).toEqual([401, 'not_signed_in']);
  });

  test('of very many the oldest goes', async () => {
    const first = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    await database.query(
      `insert into sessions (token_hash, account_id, expires_at) select sha256(n::text::bytea), a.id, now() + interval '1 day' from accounts a, generate_series(1, 60) n where email = $1`,
      [first.email],
    );
    await new Person(world.url, { email: first.email }).signIn();
    const { rows } = await database.query<{ n: string }>(
      'select count(*) as n from sessions where account_id = (select id from accounts where email = $1)',
      [first.email],
    );
    await database.end();
    expect(Number(rows[0]?.n)).toBe(50);
    expect((await first.call('GET', '/api/me')).status).toBe(401);
  });

  test('that is deleted in the database ends its stream at the next heartbeat at the latest', async () => {
    const person = await newPerson(world.url);
    const stream = await Stream.open(person);
    const database = await connectDatabase(world.database.url);
    await database.query('delete from sessions where account_id = (select id from accounts where email = $1)', [person.email]);
    await database.end();
    expect((await stream.next((event) => event.event === 'signed-out')).data).toEqual({});
  });
});

describe.skipIf(postgresMissing)('sign-in', () => {
  test('answers an unknown account and a wrong password alike', async () => {
    const person = await newPerson(world.url);
    const wrong = await new Person(world.url, { email: person.email }).signIn('not the password');
    const unknown = await new Person(world.url).signIn('not the password');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.text).toBe(unknown.text);
    const comparable = ({ date: _, 'content-length': __, ...headers }: Record<string, unknown>): unknown => headers;
    expect(comparable(wrong.headers)).toEqual(comparable(unknown.headers));
  });

  test('takes as long for an unknown account as for a wrong password', async () => {
    const emails = await Promise.all(Array.from({ length: 4 }, async () => (await newPerson(world.url)).email));
    const time = async (email: string): Promise<number> => {
      const start = performance.now();
      await new Person(world.url, { email }).signIn('not the password');
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 20; i++) {
      known.push(await time(emails[i % emails.length] ?? ''));
      unknown.push(await time(freshEmail()));
    }
    const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    // Without the work for unknown accounts the ratio is about 5.
    expect(middle(known) / middle(unknown)).toBeGreaterThan(0.4);
    expect(middle(known) / middle(unknown)).toBeLessThan(2.5);
  });

  test.each([
    ['a list as the password', { email: 'a@example.com', password: ['x'] }],
    ['an object as the address', { email: { $ne: null }, password: PASSWORD }],
    ['no body', undefined],
    ['a list', []],
    ['a text', 'x'],
    ['null', null],
    ['one field too many', { email: 'a@example.com', password: 'x', remember: true }],
  ])('refuses %s', async (_, body) => {
    const answer = await call(world.url, 'POST', '/api/session', {
      ...(body !== undefined && { body }),
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_request']);
  });

  test.each([`' or '1'='1`, `x'; drop table accounts; --`, '\\', '%', '\u0000'])('is not fooled by the password %j', async (password) => {
    const person = await newPerson(world.url);
    expect((await new Person(world.url, { email: person.email }).signIn(password)).status).toBe(401);
    expect((await person.call('GET', '/api/me')).status).toBe(200);
  });
});
