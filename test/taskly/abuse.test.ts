import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, newPerson, PASSWORD, Stream, type Person } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let ana: Person;
let bob: Person;
beforeAll(async () => {
  if (postgresMissing) return;
  world = await startWorld();
  [ana, bob] = await Promise.all([newPerson(world.url), newPerson(world.url)]);
});
afterAll(() => world?.end());

describe.skipIf(postgresMissing)("another person's tasks", () => {
  test('cannot be read, changed or deleted, and do not even seem to exist', async () => {
    const { json: task } = await ana.create('private');
    const unknown = '11111111-1111-4111-8111-111111111111';
    for (const id of [task.id, unknown]) {
      for (const answer of [
        await bob.call('GET', `/api/tasks/${id}`),
        await bob.change(id, { version: 1, title: 'stolen' }),
        await bob.change(id, { version: 9, title: 'stolen' }),
        await bob.call('DELETE', `/api/tasks/${id}`),
        await bob.call('DELETE', `/api/tasks/${id}?version=7`),
      ]) {
        expect(answer.status).toBe(404);
        expect(answer.json).toEqual({ error: { code: 'not_found', message: 'There is nothing here.' } });
      }
    }
    expect((await ana.call('GET', `/api/tasks/${task.id}`)).json).toEqual(task);
  });

  test('are in no list and no search', async () => {
    await ana.create('a very private word');
    expect(await bob.titles()).not.toContain('a very private word');
    expect(await bob.titles('&q=private')).toEqual([]);
  });

  test('are no neighbours', async () => {
    const { json: task } = await ana.create('neighbour');
    for (const body of [
      { title: 'x', after: task.id },
      { title: 'x', before: task.id },
    ])
      expect((await bob.create(body)).status).toBe(400);
  });

  test('cannot be reached with a cursor of their list', async () => {
    await ana.create('one');
    await ana.create('two');
    const { json } = await ana.call('GET', '/api/tasks?limit=1');
    const answer = await bob.call('GET', `/api/tasks?limit=1&cursor=${json.next}`);
    expect(answer.json.items.every((task: { title: string }) => !['one', 'two', 'private'].includes(task.title))).toBe(true);
  });

  test('do not come through an event stream, nor its history', async () => {
    const stream = await Stream.open(bob, '0');
    await ana.create('not for bob');
    await bob.create('for bob');
    await stream.next((event) => event.data.task?.title === 'for bob');
    expect(stream.raw).not.toContain('not for bob');
    stream.close();
  });

  test('an Idempotency-Key of theirs means nothing', async () => {
    const key = { 'idempotency-key': 'shared-key' };
    const { json: task } = await ana.create('with a key', key);
    const answer = await bob.create('with a key', key);
    expect(answer.status).toBe(201);
    expect(answer.json.id).not.toBe(task.id);
  });
});

describe.skipIf(postgresMissing)('without a session', () => {
  test.each([
    ['GET', '/api/me'],
    ['GET', '/api/tasks'],
    ['POST', '/api/tasks'],
    ['GET', '/api/tasks/11111111-1111-4111-8111-111111111111'],
    ['PATCH', '/api/tasks/11111111-1111-4111-8111-111111111111'],
    ['DELETE', '/api/tasks/11111111-1111-4111-8111-111111111111'],
    ['GET', '/api/events'],
  ])('%s %s answers 401', async (method, path) => {
    const body = method === 'POST' ? { title: 'x' } : { version: 1, title: 'x' };
    const answer = await call(world.url, method, path, ['POST', 'PATCH'].includes(method) ? { body } : {});
    expect([answer.status, answer.json.error.code]).toEqual([401, 'not_signed_in']);
  });
});

describe.skipIf(postgresMissing)('requests from other sites', () => {
  const host = (): string => world.url.slice('http://'.length);
  test.each([
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['the Origin null', { origin: 'null' }],
    ['an Origin that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['an Origin that is no address', { origin: '%%%' }],
    ['an empty Sec-Fetch-Site and a foreign Origin', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
  ])('are refused: %s', async (_, headers) => {
    for (const [method, path, body] of [
      ['POST', '/api/tasks', { title: 'forged' }],
      ['POST', '/api/session', { email: ana.email, password: PASSWORD }],
      ['DELETE', '/api/session', undefined],
    ] as const) {
      const answer = await ana.call(method, path, { ...(body && { body }), headers });
      expect([answer.status, answer.json.error.code]).toEqual([403, 'cross_origin']);
    }
    expect((await ana.call('GET', '/api/me')).status).toBe(200);
    expect(await ana.titles()).not.toContain('forged');
  });

  test.each([
    ['Sec-Fetch-Site: same-origin', () => ({ 'sec-fetch-site': 'same-origin', origin: 'http://anything.example' })],
    ['our Origin', () => ({ origin: `http://${host()}` })],
    [
      'the Origin of the host that the proxy names',
      () => ({ origin: 'https://taskly.example', 'x-forwarded-host': 'taskly.example', 'x-forwarded-proto': 'http' }),
    ],
    ['neither, as programs do', () => ({})],
  ])('but ours are served: %s', async (_, headers) => {
    expect((await ana.call('POST', '/api/tasks', { body: { title: 'mine' }, headers: headers() })).status).toBe(201);
  });

  test('no answer invites them: no CORS header, even when asked', async () => {
    const answer = await call(world.url, 'OPTIONS', '/api/tasks', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'text/json'])(
    'a form cannot be a request: %s answers 415',
    async (type) => {
      const answer = await ana.call('POST', '/api/tasks', { raw: '{"title":"x"}', headers: { 'content-type': type } });
      expect([answer.status, answer.json.error.code]).toEqual([415, 'unsupported_media_type']);
    },
  );
});

describe.skipIf(postgresMissing)('bodies', () => {
  const post = (raw: string | Buffer, headers: Record<string, string> = {}): Promise<Awaited<ReturnType<typeof call>>> =>
    ana.call('POST', '/api/tasks', { raw, headers });

  test('of more than 64 KB answer 413', async () => {
    const answer = await post(`{"title":"${'x'.repeat(65 * 1024)}"}`);
    expect([answer.status, answer.json.error.code]).toEqual([413, 'too_large']);
  });

  test('of 10 MB are refused by their head alone', async () => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(String(head)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test('that grow beyond 64 KB without saying so are cut off', async () => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const answered = once(socket, 'data') as Promise<[Buffer]>;
    for (let i = 0; i < 6; i++) socket.write(chunk);
    expect(String((await answered)[0])).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test.each([
    ['17 levels of lists', '['.repeat(17) + ']'.repeat(17)],
    ['30,000 levels of lists', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['10,000 levels of objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
  ])('with %s answer 400', async (_, raw) => {
    const answer = await post(raw);
    expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_request']);
  });

  test('with brackets inside of a text are no depth', async () => {
    expect((await post(JSON.stringify({ title: '[[[{{{'.repeat(20) + '\\"[' }))).status).toBe(201);
  });

  test.each([
    ['nothing', ''],
    ['half an object', '{"title":'],
    ['two objects', '{"title":"a"}{"title":"b"}'],
    ['a comment', '{"title":"a"/**/}'],
    ['a single quote', "{'title':'a'}"],
    ['NaN', '{"title":NaN}'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x74, 0x69, 0x74, 0x6c, 0x65, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('{"title":"a"}', 'utf16le')],
    ['__proto__', '{"title":"a","__proto__":{"done":true}}'],
    ['constructor.prototype', '{"title":"a","constructor":{"prototype":{"done":true}}}'],
    ['a list of tasks', '[{"title":"a"}]'],
    ['a number', '1'],
  ])('of %s answer 400 and say nothing of the inside', async (_, raw) => {
    const answer = await post(raw);
    expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_request']);
    expect(answer.text).not.toMatch(/at .*\.js|node_modules|SyntaxError|Unexpected token/);
  });

  test('that are compressed are not opened', async () => {
    const answer = await post(Buffer.from('1f8b08', 'hex'), { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(415);
  });
});

describe.skipIf(postgresMissing)('answers', () => {
  test('carry the headers that keep a browser from doing more with them', async () => {
    for (const path of ['/api/health', '/api/me', '/api/nothing', '/api/openapi.json']) {
      const { headers } = await call(world.url, 'GET', path);
      expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect((await ana.call('GET', '/api/tasks')).headers['cache-control']).toBe('no-store');
  });

  test.each([
    '/',
    '/api',
    '/api/',
    '/api/task',
    '/api/tasks/',
    '/api/tasks/x/y',
    '/api//tasks',
    '/api/../metrics',
    '/.git/config',
    '/api/%2e%2e/metrics',
    '/api/tasks%00',
  ])('to %s are the usual 404', async (path) => {
    const answer = await ana.call('GET', path);
    expect([answer.status, answer.json]).toEqual([404, { error: { code: 'not_found', message: 'There is nothing here.' } }]);
  });

  test.each([
    "1' or '1'='1",
    '../../etc/passwd',
    '%00',
    '00000000-0000-0000-0000-00000000000g',
    '%F0%9F%A6%8A',
    'undefined',
    '1'.repeat(200),
  ])('to the task id %s are 404', async (id) => {
    expect((await ana.call('GET', `/api/tasks/${encodeURIComponent(id)}`)).status).toBe(404);
    expect((await ana.change(encodeURIComponent(id), { version: 1, title: 'x' })).status).toBe(404);
  });

  test.each([
    ['PUT', '/api/tasks', 'GET, HEAD, POST'],
    ['POST', '/api/me', 'GET, HEAD'],
    ['PATCH', '/api/session', 'DELETE, POST'],
    ['POST', '/api/tasks/11111111-1111-4111-8111-111111111111', 'DELETE, GET, HEAD, PATCH'],
    ['HEAD', '/api/events', 'GET'],
  ])('to %s %s say which methods there are', async (method, path, allow) => {
    const answer = await ana.call(method, path);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
  });

  test.each([
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    `GET /api/health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  ])('to something that is not HTTP close the connection (%#)', async (bytes) => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(bytes);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += String(chunk)));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 4\d\d /);
    expect((await call(world.url, 'GET', '/api/health/live')).status).toBe(200);
  });

  test('to HEAD have no body', async () => {
    const answer = await ana.call('HEAD', '/api/tasks');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test('never were a 500 in all of this', () => {
    expect(world.replicas.map((replica) => replica.log()).join('\n')).not.toMatch(/"msg":"internal"|"level":50/);
  });
});
