import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { SmokeCheck } from '../app/model.ts';
import { judge, smoke } from './smoke.ts';

const check = (expectation: Partial<SmokeCheck['expect']>, more: Partial<SmokeCheck> = {}): SmokeCheck => ({
  method: 'GET',
  path: '/',
  headers: {},
  ...more,
  expect: { status: 200, ...expectation },
});
const never = new AbortController().signal;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
  server = createServer(handler as never);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('judge', () => {
  it.each([
    ['another status', check({}), { status: 500, body: '' }, 'expected 200, got 500'],
    ['a missing text', check({ contains: 'Taskly' }), { status: 200, body: 'Hello' }, 'expected a body that contains "Taskly"'],
    [
      'another field',
      check({ json: { status: 'healthy' } }),
      { status: 200, body: '{"status":"sick"}' },
      'expected JSON that contains {"status":"healthy"}',
    ],
    ['text where JSON is expected', check({ json: {} }), { status: 200, body: 'UP' }, 'expected JSON that contains {}'],
    [
      'a field of the prototype',
      check({ json: { toString: {} } }),
      { status: 200, body: '{}' },
      'expected JSON that contains {"toString":{}}',
    ],
  ])('names %s', (_what, expectation, answer, problem) => {
    expect(judge(expectation, answer)).toBe(problem);
  });

  it('accepts more fields than expected, at any depth', () => {
    expect(
      judge(check({ json: { a: { b: 1 }, list: [1] } }), { status: 200, body: '{"a":{"b":1,"c":2},"d":3,"list":[1,2]}' }),
    ).toBeUndefined();
  });
});

describe('smoke', () => {
  it('sends method, headers, JSON body and the headers that choose the set', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push([
          request.method,
          request.url,
          request.headers['x-a'],
          request.headers['x-gantry-set'],
          request.headers['content-type'],
          body,
        ]);
        response.writeHead(201).end();
      });
    });
    const post = check({ status: 201 }, { method: 'POST', path: '/api/tasks?x=1', headers: { 'x-a': 'b' }, body: { title: 'T' } });
    expect(await smoke([post], { url, headers: { 'x-gantry-set': 'next' } }, never)).toBe(1);
    expect(seen).toEqual([['POST', '/api/tasks?x=1', 'b', 'next', 'application/json', '{"title":"T"}']]);
  });

  it('stops at the first check that fails and shows the answer', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(500).end('column "owner_id" does not exist');
    });
    const failure = smoke([check({}), check({})], { url, headers: {} }, never);
    await expect(failure).rejects.toMatchObject({
      code: 'GR3001',
      message: 'GET / expected 200, got 500',
      lines: ['column "owner_id" does not exist'],
    });
    expect(asked).toBe(1);
  });

  it('says so when nothing answers', async () => {
    const url = await serve((request) => request.socket.destroy());
    await expect(smoke([check({})], { url, headers: {} }, never)).rejects.toMatchObject({
      code: 'GR3001',
      message: expect.stringContaining('GET / got no answer') as string,
    });
  });
});
