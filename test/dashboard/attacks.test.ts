/**
 * What a hostile page, a hostile neighbour on this machine or a hostile network name could send to the dashboard. Each is one request, sent
 * with a good token where that could help it, and must end as its row says. Whatever it is: nothing is changed, nothing outside of the
 * pages is read, no header is missing.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/server/http/headers.ts';
import type { EnvironmentParts } from '../../src/server/parts.ts';
import { fakeParts } from './fake-parts.ts';
import { exchange, written, type RawAnswer, type RawRequest } from './raw.ts';
import { outside, servePages, type ServedPages } from './served-pages.ts';

let server: ServedPages;
let token: string;
let changes: string[] = [];

const watched: Partial<EnvironmentParts> = Object.fromEntries(
  (['operate', 'interrupt', 'attempt'] as const).map((name) => [name, async () => void changes.push(name)]),
);

beforeAll(async () => {
  server = await servePages({ parts: fakeParts(watched), mostRequests: 100_000 });
  token = await server.signIn();
});

afterAll(() => server.close());

beforeEach(() => {
  changes = [];
});

/** name, what is sent (PORT, NEXT and TOKEN are filled in), and the status that it gets; 0: no answer. */
type Attack = readonly [name: string, request: RawRequest | string, status: number];

function filled(text: string): string {
  return text
    .replaceAll('PORT', String(server.port))
    .replaceAll('NEXT', String(server.port + 1))
    .replaceAll('TOKEN', token);
}

function attack(request: RawRequest | string): Promise<RawAnswer> {
  return exchange(server.port, filled(typeof request === 'string' ? request : written(server.port, request)));
}

function expectSafe({ status, headers, body }: RawAnswer): void {
  expect(changes).toEqual([]);
  expect(body).not.toContain(outside);
  expect(body).not.toContain(token);
  expect(Object.keys(headers).filter((name) => /^access-control|^set-cookie$|^server$|^location$|^x-powered-by$/.test(name))).toEqual([]);
  if (status === 0) return;
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (name !== 'cache-control') expect([name, headers[name]]).toEqual([name, [value]]);
  }
}

function attacks(title: string, table: readonly Attack[]): void {
  describe(title, () => {
    it.each(table)('%s', async (_name, request, status) => {
      const answer = await attack(request);
      expect([answer.status, answer.body]).toEqual([status, answer.body]);
      expectSafe(answer);
    });
  });
}

const own = 'x-gantry-token: TOKEN';
const json = 'Content-Type: application/json';
const deploy = JSON.stringify({ operation: 'deploy' });
const operations = '/api/environments/local/operations';

/** A request that would work, but for the difference. */
const read = (different: RawRequest): RawRequest => ({
  target: '/api/overview',
  ...different,
  headers: [own, ...(different.headers ?? [])],
});
const change = (different: RawRequest): RawRequest => ({
  method: 'POST',
  target: operations,
  body: deploy,
  ...different,
  headers: [own, ...(different.headers ?? [json])],
});

it('would have worked without the difference', async () => {
  const [answer, changed] = [await attack(read({})), await attack(change({}))];
  expect([answer.status, changed.status, changes]).toEqual([200, 202, ['operate']]);
});

describe('names of other hosts, as DNS rebinding makes them', () => {
  attacks(
    'one that is not this server',
    [
      'evil.com',
      'evil.com:PORT',
      '127.0.0.1.nip.io:PORT',
      'localhost.evil.com:PORT',
      '127.0.0.1:PORT.evil.com',
      '0.0.0.0:PORT',
      '127.0.0.2:PORT',
      '127.1:PORT',
      '2130706433:PORT',
      '0x7f000001:PORT',
      '0177.0.0.1:PORT',
      '127.0.0.1',
      'localhost',
      '127.0.0.1:80',
      '127.0.0.1:NEXT',
      '127.0.0.1:0PORT',
      'localhost.:PORT',
      '127.0.0.1.:PORT',
      'user@127.0.0.1:PORT',
      '127.0.0.1:PORT@evil.com',
      'evil.com, 127.0.0.1:PORT',
      'http://127.0.0.1:PORT',
      '[::]:PORT',
      '[::ffff:127.0.0.1]:PORT',
      '[::1%lo]:PORT',
      '::1:PORT',
      '',
    ].map((host) => [`"${host}"`, read({ host }), 421]),
  );

  attacks('in other places', [
    ['two hosts, both right', read({ headers: ['Host: 127.0.0.1:PORT'] }), 421],
    ['two hosts, the second right', read({ host: 'evil.com', headers: ['Host: 127.0.0.1:PORT'] }), 421],
    ['two hosts, the first right', read({ headers: ['Host: evil.com'] }), 421],
    ['no host', read({ host: null }), 421],
    ['no host in HTTP/1.0', read({ host: null, version: '1.0' }), 421],
    ['a foreign host in HTTP/1.0', read({ host: 'evil.com', version: '1.0' }), 421],
    ['a right host that was forwarded only', read({ host: 'evil.com', headers: ['X-Forwarded-Host: 127.0.0.1:PORT'] }), 421],
    ['Forwarded', read({ host: 'evil.com', headers: ['Forwarded: host=127.0.0.1:PORT'] }), 421],
    ['a page, not data', { target: '/', host: 'evil.com' }, 421],
    ['a file', { target: '/assets/main-abc.js', host: 'evil.com' }, 421],
    ['an absolute target elsewhere', read({ target: 'http://evil.com/api/overview' }), 400],
    ['an absolute target of its own', read({ target: 'http://127.0.0.1:PORT/api/overview' }), 400],
    ['a target without a path', read({ target: '*' }), 400],
    ['a target that is a host', read({ target: 'evil.com:80' }), 400],
  ]);
});

describe('pages of others', () => {
  const origins = [
    'http://evil.com',
    'null',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:NEXT',
    'http://127.0.0.1',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT.evil.com',
    'http://127.0.0.1:PORT/',
    'HTTP://127.0.0.1:PORT',
    'http://user@127.0.0.1:PORT',
    'http://127.0.0.1:PORT http://evil.com',
    'file://',
    'chrome-extension://abcdefghijklmnop',
    '',
  ];
  attacks(
    'that change something',
    origins.map((origin) => [`"${origin}"`, change({ headers: [json, `Origin: ${origin}`] }), 403]),
  );
  attacks(
    'that read something',
    origins.slice(0, 4).map((origin) => [`"${origin}"`, read({ headers: [`Origin: ${origin}`] }), 403]),
  );

  attacks('that hide', [
    ['two origins', change({ headers: [json, 'Origin: http://127.0.0.1:PORT', 'Origin: http://evil.com'] }), 403],
    ['cross-site by the browser', read({ headers: ['Sec-Fetch-Site: cross-site'] }), 403],
    ['the app on the next port, same site', read({ headers: ['Sec-Fetch-Site: same-site'] }), 403],
    ['a site that does not exist', read({ headers: ['Sec-Fetch-Site: whatever'] }), 403],
    ['cross-site to a path in disguise', read({ target: '/%61pi/overview', headers: ['Sec-Fetch-Site: cross-site'] }), 403],
    ['a script tag', read({ headers: ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: script', 'Sec-Fetch-Mode: no-cors'] }), 403],
    ['a link to the page, which is allowed', { target: '/', headers: ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'] }, 200],
  ]);

  attacks('that send a form', [
    ['text/plain', change({ headers: ['Content-Type: text/plain'] }), 415],
    ['a form', change({ headers: ['Content-Type: application/x-www-form-urlencoded'] }), 415],
    ['a file', change({ headers: ['Content-Type: multipart/form-data; boundary=x'] }), 415],
    ['no type', change({ headers: [] }), 415],
    ['two types in one', change({ headers: ['Content-Type: text/plain, application/json'] }), 415],
    ['JSON as a parameter', change({ headers: ['Content-Type: text/plain; x=application/json'] }), 415],
    ['almost JSON', change({ headers: ['Content-Type: application/jsonp'] }), 415],
    ['a sign-in by a form', change({ target: '/api/session', headers: ['Content-Type: text/plain'] }), 415],
  ]);

  attacks('that ask whether they may', [
    [
      'a foreign origin',
      { method: 'OPTIONS', target: operations, headers: ['Origin: http://evil.com', 'Access-Control-Request-Method: POST'] },
      403,
    ],
    ['its own origin', { method: 'OPTIONS', target: operations, headers: ['Origin: http://127.0.0.1:PORT'] }, 405],
    ['for private networks', { method: 'OPTIONS', target: '/', headers: ['Access-Control-Request-Private-Network: true'] }, 405],
  ]);
});

describe('methods and protocols', () => {
  const methods = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'HEAD'];
  attacks(
    'that the API does not have',
    methods.map((method) => [method, read({ method }), 405]),
  );
  attacks(
    'that pages do not have',
    ['POST', 'PUT', 'TRACE'].map((method) => [method, { method, target: '/', headers: [json] }, 405]),
  );

  attacks('in disguise', [
    ['override by a header', read({ target: operations, headers: ['X-HTTP-Method-Override: POST', json] }), 404],
    ['override by the query', read({ target: `${operations}?_method=POST` }), 404],
    ['deletion by a header', change({ target: '/api/overview', headers: ['X-HTTP-Method: DELETE', json] }), 404],
    ['CONNECT', 'CONNECT evil.com:443 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 0],
    ['a WebSocket', read({ target: '/api/events', headers: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] }), 400],
    ['a WebSocket of another page', read({ target: '/api/events', headers: ['Upgrade: websocket', 'Origin: http://evil.com'] }), 403],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a method that does not exist', 'EVIL / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 400],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    ['another version', 'GET / HTTP/9.9\r\nHost: 127.0.0.1:PORT\r\n\r\n', 400],
  ]);

  const head = 'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\n';
  attacks('that say two things about their length', [
    ['length and chunks', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ['a negative length', `${head}Content-Length: -1\r\n\r\n{}`, 400],
    ['chunks by another name', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['a blank before the colon', `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a bare line feed', `${head}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a wrong chunk', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
  ]);
});

describe('bodies and sizes', () => {
  const session = (body: string, headers: readonly string[] = []): RawRequest =>
    change({ target: '/api/session', body, headers: [json, ...headers] });
  attacks('that do not fit', [
    ['a large body', session(`{"launch":"${'x'.repeat(65 * 1024)}"}`), 413],
    [
      'a body that says it is large',
      `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n${json}\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n{}`,
      413,
    ],
    ['long headers', read({ headers: [`X: ${'x'.repeat(20_000)}`] }), 431],
    ['a long address', read({ target: `/api/overview?${'x'.repeat(20_000)}` }), 431],
    ['deep JSON', session('['.repeat(30_000)), 400],
    ['deep JSON that ends', session('['.repeat(30_000) + ']'.repeat(30_000)), 400],
    ['half a JSON', session('{"launch":'), 400],
    ['a packed body', session('\x1f\x8b\x08\x00', ['Content-Encoding: gzip']), 400],
    ['no body', session(''), 400],
    ['__proto__', session('{"launch":"a","__proto__":{"isAdmin":true}}'), 400],
    ['__proto__ in disguise', session('{"launch":"a","\\u005f_proto__":{"isAdmin":true}}'), 400],
    ['constructor.prototype', session('{"launch":"a","constructor":{"prototype":{"isAdmin":true}}}'), 400],
    ['__proto__ deep inside', change({ body: '{"operation":"deploy","allow":[{"__proto__":{"id":"G1"}}]}' }), 400],
    ['__proto__ in the query', read({ target: '/api/overview?__proto__[isAdmin]=true' }), 400],
    ['an operator instead of a word', session('{"launch":{"$ne":""}}'), 400],
    ['a list instead of a word', session('{"launch":["a"]}'), 400],
    ['a key too many', change({ body: '{"operation":"deploy","allowAll":true}' }), 400],
    ['a name that is too long', change({ body: JSON.stringify({ operation: 'restart', service: 'x'.repeat(300) }) }), 400],
  ]);

  it('leave no trace in other objects', () => {
    expect({}).not.toHaveProperty('isAdmin');
  });
});
