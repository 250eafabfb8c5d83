/** Paths that try to reach files outside of the pages, to send a browser elsewhere, or to write headers of their own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/server/http/headers.ts';
import { fakeHub, fakeParts } from './fake-parts.ts';
import { exchange, written, type RawAnswer } from './raw.ts';
import { outside, servePages, type ServedPages } from './served-pages.ts';

const hub = fakeHub();
let server: ServedPages;
let token: string;

beforeAll(async () => {
  server = await servePages({ parts: fakeParts({}, hub) });
  token = await server.signIn();
});

afterAll(() => server.close());

function get(target: string): Promise<RawAnswer> {
  return exchange(server.port, written(server.port, { target, headers: [`x-gantry-token: ${token}`] }));
}

function expectSafe({ headers, body }: RawAnswer): void {
  expect(body).not.toContain(outside);
  expect(Object.keys(headers)).not.toContain('location');
  expect(Object.keys(headers)).not.toContain('set-cookie');
  for (const [name, value] of Object.entries(securityHeaders)) expect([name, headers[name]]).toEqual([name, [value]]);
}

describe('a path out of the pages', () => {
  it.each([
    '/../outside.txt',
    '/assets/../../outside.txt',
    '/assets/../outside.txt',
    '/..%2foutside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/%2e%2e/outside.txt',
    '/%2e%2e%2foutside.txt',
    '/assets/%2e%2e/%2e%2e/outside.txt',
    '/assets/%2E%2E%2F%2E%2E%2Foutside.txt',
    '/assets/.%2e/.%2e/outside.txt',
    '/assets/..\\..\\outside.txt',
    '/assets/..%5c..%5coutside.txt',
    '/assets/%c0%ae%c0%ae/%c0%ae%c0%ae/outside.txt',
    '/assets/%uff0e%uff0e/outside.txt',
    '/assets/%',
    '/assets/./main-abc.js',
    '/assets//etc/passwd',
    '/assets/%2fetc%2fpasswd',
    '/assets/main-abc.js%00.txt',
    '/assets/%00',
    '/api/environments/../overview',
    '/api/./overview',
    '/api//overview',
  ])('%s is refused', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(400);
    expectSafe(answer);
  });

  it.each([
    '/assets/%252e%252e%252foutside.txt',
    '/assets/..;/..;/outside.txt',
    '/assets/.../outside.txt',
    '/assets/.hidden',
    '/assets/C:%3A/outside.txt',
    '/assets/index.html',
    '/assets/main-abc.js/',
    '/api/overview/',
    '/api/Overview',
    '/api',
  ])('%s does not exist', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(404);
    expectSafe(answer);
  });

  it('a folder is not listed', async () => {
    const answer = await get('/assets/');
    expect([answer.status, answer.body]).toEqual([403, expect.not.stringContaining('main-abc')]);
    expectSafe(answer);
  });

  it.each([
    '/outside.txt%3f.html',
    '/etc/passwd',
    '/.git/config',
    '/.vite/manifest.json',
    '/API/overview',
    '/assets',
    '/~root/outside.txt',
  ])('%s is a view of the page', async (target) => {
    const answer = await get(target);
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('<title>Gantry</title>')]);
    expectSafe(answer);
  });
});

describe('a path to another site', () => {
  it.each([
    '//evil.com',
    '//evil.com/..',
    '///evil.com',
    '/\\evil.com',
    '/%5cevil.com',
    '/%2f%2fevil.com',
    '/%2fevil.com',
    '/#//evil.com',
    '/assets/..//evil.com',
  ])('%s is refused', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(400);
    expectSafe(answer);
  });

  it.each(['/evil.com', '/?next=//evil.com', '/https:%2fevil.com'])('%s stays here', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBeLessThan(300);
    expectSafe(answer);
  });
});

describe('a header of its own', () => {
  it.each([
    '/x%0d%0aSet-Cookie:%20a=b',
    '/x%0aSet-Cookie:%20a=b',
    '/assets/x%0d%0aSet-Cookie:%20a=b',
    '/api/environments/local%0d%0aSet-Cookie:%20a=b/status',
    '/api/overview?x=%0d%0aSet-Cookie:%20a=b',
    '/api/events?topic=local/status%0d%0aSet-Cookie:%20a=b',
    '/api/environments/local/releases?before=%0d%0a&limit=x',
  ])('%s writes none', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(400);
    expectSafe(answer);
  });

  it('writes no event either', async () => {
    const headers = { 'x-gantry-token': token };
    const ended = new AbortController();
    const query = 'topic=local/logs&after=1%0adata:%20evil%0a%0a';
    const response = await fetch(`${server.url}/api/events?${query}`, { headers, signal: ended.signal });
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read();
    expect(new TextDecoder().decode(value)).not.toContain('evil');
    hub.publish({ type: 'logs', environment: 'local', lines: [], skipped: 0 });
    ended.abort();
  });
});

describe('markup in a name', () => {
  it.each(['/api/environments/%3Cscript%3Ealert(1)%3C%2Fscript%3E/status', '/api/%3Cimg%20src=x%20onerror=alert(1)%3E'])(
    '%s comes back as data',
    async (target) => {
      const answer = await get(target);
      expect([answer.status, answer.headers['content-type']]).toEqual([404, ['application/json; charset=utf-8']]);
      expectSafe(answer);
    },
  );
});
