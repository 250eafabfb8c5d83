import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase } from './support/backend.ts';
import { call, freshAddress, freshEmail, newPerson, PASSWORD, Person } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ replicas: 2, env: { SIGN_UPS_PER_HOUR: '5', SIGN_INS_PER_ADDRESS: '12' } });
});
afterAll(() => world?.end());

const bases = (): string[] => world.replicas.map((replica) => replica.url);
const base = (i: number): string => bases()[i % bases().length] ?? '';
const count = (answers: { status: number }[], status: number): number => answers.filter((answer) => answer.status === status).length;

describe.skipIf(postgresMissing)('brute force', () => {
  test('ten wrong passwords for one account, from anywhere, through any replica; then nobody gets on, not even with the right one', async () => {
    const person = await newPerson(world.url);
    const tries = [];
    for (let i = 0; i < 12; i++) tries.push(await new Person(base(i), { email: person.email }).signIn(`wrong ${i}`));
    expect([count(tries, 401), count(tries, 429)]).toEqual([10, 2]);
    const refused = tries.at(-1);
    expect(refused?.json.error.code).toBe('too_many_requests');
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(600);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(900);
    expect((await new Person(world.url, { email: person.email }).signIn()).status).toBe(429);
    expect((await person.call('GET', '/api/me')).status).toBe(200);
  });

  test('at the same moment it is no more', async () => {
    const email = freshEmail();
    const tries = await Promise.all(Array.from({ length: 30 }, (_, i) => new Person(base(i), { email }).signIn('wrong')));
    expect(count(tries, 429)).toBe(20);
    expect(count(tries, 401)).toBe(10);
  });

  test('the limit does not tell whether the account exists', async () => {
    const person = await newPerson(world.url);
    const answers = async (email: string): Promise<number[]> => {
      const statuses = [];
      for (let i = 0; i < 11; i++) statuses.push((await new Person(world.url, { email }).signIn('wrong')).status);
      return statuses;
    };
    expect(await answers(person.email)).toEqual(await answers(freshEmail()));
  });

  test('one address trying many accounts is stopped on all replicas', async () => {
    const address = freshAddress();
    const tries = [];
    for (let i = 0; i < 14; i++) tries.push(await new Person(base(i), { address }).signIn('wrong'));
    expect([count(tries, 401), count(tries, 429)]).toEqual([12, 2]);
  });

  test('the address is what the nearest proxy saw, not what the client claims', async () => {
    const real = freshAddress();
    const tries = [];
    for (let i = 0; i < 13; i++) tries.push(await new Person(base(i), { address: `${freshAddress()}, ${real}` }).signIn('wrong'));
    expect(count(tries, 429)).toBe(1);
  });

  test('a whole IPv6 network counts as one address', async () => {
    const tries = [];
    for (let i = 0; i < 13; i++)
      tries.push(await new Person(base(i), { address: `2001:db8:1:2::${(i + 1).toString(16)}` }).signIn('wrong'));
    expect(count(tries, 429)).toBe(1);
    expect((await new Person(world.url, { address: '2001:db8:1:3::1' }).signIn('wrong')).status).toBe(401);
  });

  test('a success starts afresh', async () => {
    const person = await newPerson(world.url);
    const tab = new Person(world.url, { email: person.email });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 3; i++) expect((await tab.signIn('wrong')).status).toBe(401);
      expect((await tab.signIn()).status).toBe(200);
    }
  });

  test('successes do not use the address up', async () => {
    const person = await newPerson(world.url);
    const tab = person.tab();
    for (let i = 0; i < 20; i++) expect((await tab.signIn()).status).toBe(200);
  });

  test('after the window it is open again', async () => {
    const person = await newPerson(world.url);
    const tries = [];
    for (let i = 0; i < 11; i++) tries.push(await new Person(world.url, { email: person.email }).signIn('wrong'));
    expect(tries.at(-1)?.status).toBe(429);
    const database = await connectDatabase(world.database.url);
    await database.query("update rate_limits set resets_at = now() - interval '1 second'");
    await database.end();
    expect((await new Person(world.url, { email: person.email }).signIn()).status).toBe(200);
  });

  test('sign-ups per address are limited across replicas', async () => {
    const address = freshAddress();
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await new Person(base(i), { address }).signUp());
    expect([count(answers, 201), count(answers, 429)]).toEqual([5, 2]);
    expect((await new Person(world.url).signUp()).status).toBe(201);
  });

  test('the table of limits knows no e-mail address', async () => {
    const email = freshEmail();
    await new Person(world.url, { email }).signIn('wrong');
    const database = await connectDatabase(world.database.url);
    const { rows } = await database.query<{ key: string }>('select key from rate_limits');
    await database.end();
    expect(rows.map((row) => row.key).join('\n')).not.toContain(email.split('@')[0]);
  });

  test('a flood of sign-ins leaves the rest of the API quick and turns away what cannot be hashed in time', async () => {
    const person = await newPerson(world.url);
    const flood = Promise.all(Array.from({ length: 150 }, () => new Person(world.url).signIn('wrong')));
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      expect((await person.tab(base(1)).call('GET', '/api/me')).status).toBe(200);
      expect((await call(world.url, 'GET', '/api/health/live')).status).toBe(200);
      times.push(performance.now() - start);
    }
    const answers = await flood;
    expect(answers.every((answer) => [401, 503].includes(answer.status))).toBe(true);
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(1000);
    for (const answer of answers.filter(({ status }) => status === 503)) expect(answer.headers['retry-after']).toBeDefined();
  });

  test('nothing secret is logged', async () => {
    const person = await newPerson(world.url);
    await person.signIn('a wrong password');
    const log = world.replicas.map((replica) => replica.log()).join('\n');
    expect(log).toContain('sign-in refused');
    for (const secret of [PASSWORD, 'a wrong password', person.email, person.cookie.split('=')[1] ?? '?'])
      expect(log).not.toContain(secret);
  });
});
