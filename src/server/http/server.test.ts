import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeHub, fakeParts, overview } from '../../../test/dashboard/fake-parts.ts';
import { exchangeWord, servePages, wordOf, type ServedPages } from '../../../test/dashboard/served-pages.ts';
import { GantryError } from '../../errors.ts';
import type { EnvironmentParts } from '../parts.ts';
import { routes, type Route } from './routes.ts';
import { startServer } from './server.ts';

const bugs: unknown[] = [];
const own: Partial<EnvironmentParts> = {};
let server: ServedPages;
let token: string;

beforeAll(async () => {
  const parts = fakeParts(own);
  const live = { ...parts, environment: async (name: string) => ({ ...(await parts.environment(name)), ...own }) };
  server = await servePages({ parts: live, onBug: (error) => void bugs.push(error) });
  token = await server.signIn();
});

afterAll(() => server.close());

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { 'x-gantry-token': token, ...init.headers } });
}

function send(path: string, body: unknown): Promise<Response> {
  return ask(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
}

describe('every route', () => {
  const requests: Record<string, unknown> = {
    'POST /environments/:env/operations': { operation: 'deploy' },
    'POST /environments/:env/interrupt': {},
    'POST /environments/:env/tries': { kind: 'kill', replica: 'backend-1' },
  };
  const plain = routes.filter(({ kind, access }) => kind === 'json' && access !== 'session');

  it.each(plain.map((route) => [`${route.method} ${route.path}`, route] as const))('%s answers by its schema', async (name, route) => {
    const response = await (route.method === 'POST' ? send(addressOf(route), requests[name]) : ask(addressOf(route)));
    const answer: unknown = await response.json();
    expect([response.status, answer]).toEqual([route.status, route.answer.parse(answer)]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  function addressOf({ path }: Route): string {
    const query = path.endsWith('/compare') ? '?from=a&to=b' : '';
    return `/api${path.replace(':env', 'local').replace(':key', 'k1').replace(':id', 'o1')}${query}`;
  }
});

describe('a session', () => {
  it('is got once for the word of a link', async () => {
    const word = wordOf(server.link());
    const first = await exchangeWord(server.url, word);
    expect(await first.json()).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/), idleMs: 43_200_000 });
    expect(await codeOf(await exchangeWord(server.url, word))).toEqual([401, 'GC2002']);
  });

  it('is demanded', async () => {
    expect(await codeOf(await fetch(`${server.url}/api/overview`))).toEqual([401, 'GC2001']);
  });
});

describe('what is asked for', () => {
  it('is checked, and every fault is told', async () => {
    const response = await send('/api/environments/local/operations', { operation: 'scale', count: -1, surprise: true });
    const { error } = (await response.json()) as { error: { code: string; lines: string[] } };
    expect([response.status, error.code]).toEqual([400, 'GC2004']);
    expect(error.lines.map((line) => line.split(':', 1)[0])).toEqual(expect.arrayContaining(['body.service', 'body.count']));
  });

  it.each([
    '/api/environments/local/history?minutes=17',
    '/api/environments/local/logs?tail=0',
    '/api/environments/local/logs?unknown=1',
    '/api/environments/local/releases?limit=1000',
    '/api/environments/local/compare?from=a',
    '/api/overview?a=b',
  ])('%s does not fit', async (path) => {
    expect(await codeOf(await ask(path))).toEqual([400, 'GC2004']);
  });

  it('comes to the part with its defaults and numbers', async () => {
    const asked: unknown[] = [];
    own.logs = async (query) => (asked.push(query), { lines: [], more: false, cursor: 0, sources: [] });
    own.history = async (minutes) => (asked.push(minutes), Promise.reject(new GantryError('GL3005', 'no')));
    own.releases = async (...args) => (asked.push(args), []);
    own.operate = async (input) => (asked.push(input), Promise.reject(new GantryError('GR1001', 'locked')));
    await ask('/api/environments/local/logs?before=7&service=backend');
    await ask('/api/environments/local/history');
    await ask('/api/environments/local/releases?before=k9');
    await send('/api/environments/local/operations', { operation: 'deploy' });
    expect(asked).toEqual([
      { tail: 2000, before: 7, service: 'backend' },
      15,
      [50, 'k9'],
      { operation: 'deploy', confirmed: [], allow: [], allowSchemaMismatch: false },
    ]);
    for (const name of ['logs', 'history', 'releases', 'operate'] as const) delete own[name];
  });
});

describe('a failure', () => {
  it.each([
    ['GR1001', 409, 'GR1001'],
    ['GR1005', 409, 'GR1005'],
    ['GC2006', 404, 'GC2006'],
    ['GC2007', 400, 'GC2007'],
    ['GC2008', 409, 'GC2008'],
    ['GL1001', 502, 'GL1001'],
  ] as const)('%s is an answer with %d', async (code, ...expected) => {
    own.plan = () => Promise.reject(new GantryError(code, 'it does not work', { lines: ['why'], state: 'as before' }));
    const response = await ask('/api/environments/local/plan');
    expect(await codeOf(response.clone())).toEqual(expected);
    expect(await response.json()).toMatchObject({ error: { message: 'it does not work', lines: ['why'], state: 'as before' } });
    delete own.plan;
  });

  it('of the files is 422', async () => {
    own.plan = () => Promise.reject(new GantryError('GA1003', 'unknown key', { exitCode: 2 }));
    expect(await codeOf(await ask('/api/environments/local/plan'))).toEqual([422, 'GA1003']);
    delete own.plan;
  });

  it('that is a mistake tells the client nothing of it, and the server everything', async () => {
    const mistake = new TypeError('x of undefined at /home/ana/secret.ts');
    own.plan = () => Promise.reject(mistake);
    const response = await ask('/api/environments/local/plan');
    const text = await response.clone().text();
    expect(await codeOf(response)).toEqual([500, 'GC2010']);
    expect(text).not.toMatch(/undefined|secret|\.ts/);
    expect(bugs).toEqual([mistake]);
    delete own.plan;
  });

  it('of an environment or path that does not exist is 404', async () => {
    expect(await codeOf(await ask('/api/environments/moon/status'))).toEqual([404, 'GC1003']);
    expect(await codeOf(await ask('/api/operations/o9'))).toEqual([404, 'GC2005']);
    expect(await codeOf(await ask('/api/nothing'))).toEqual([404, 'GC2004']);
    expect(await codeOf(await ask('/api/session'))).toEqual([404, 'GC2004']);
  });
});

describe('pages', () => {
  it.each(['/', '/local', '/local/releases/42', '/index.html', '/a.b'])('%s is the page, never kept', async (path) => {
    const response = await ask(path);
    expect([response.status, await response.text()]).toEqual([200, '<title>Gantry</title>']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('has a head without a body', async () => {
    const response = await ask('/local', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-length')).toBe('21');
  });

  it('has files of its own', async () => {
    expect(await (await ask('/theme.js')).text()).toBe('theme');
    expect((await ask('/nothing.js')).status).toBe(404);
  });

  it.each([
    ['br, gzip', 'br', 6],
    ['gzip', 'gzip', 4],
    ['identity', null, 5],
  ])('gives a client that takes %s the fitting file, kept for good', async (accepted, encoding, length) => {
    const response = await ask('/assets/main-abc.js', { method: 'HEAD', headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('content-length')).toBe(String(length));
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('vary')).toBe('accept-encoding');
  });

  it('does not take a missing file for a view', async () => {
    const response = await ask('/assets/old-xyz.js');
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('says how to make them when there are none', async () => {
    const bare = await startServer({ parts: fakeParts(), pages: '/nowhere' });
    const response = await fetch(bare.url);
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
    await bare.close();
  });
});

describe('the description', () => {
  it('is given to everybody, and is the file in schema/', async () => {
    const response = await fetch(`${server.url}/api/openapi.json`);
    const { default: file } = await import('../../../schema/dashboard-api.json', { with: { type: 'json' } });
    expect(await response.json()).toEqual(file);
  });

  it('has an entry for every route, and schemas that take what is answered', async () => {
    const document = (await (await ask('/api/openapi.json')).json()) as { paths: Record<string, object> };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).toSorted());
    const ajv = new Ajv2020({ strict: false }).addSchema(document, 'api');
    expect(ajv.compile({ $ref: 'api#/components/schemas/Overview' })(overview)).toBe(true);
    expect(ajv.compile({ $ref: 'api#/components/schemas/Overview' })({ ...overview, more: 1 })).toBe(false);
    expect(ajv.compile({ $ref: 'api#/components/schemas/OperationInput' })({ operation: 'deploy' })).toBe(true);
  });
});

describe('the port', () => {
  it('is the next one when the first is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => void holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const next = await startServer({ parts: fakeParts(), pages: '/nowhere', port });
    expect(next.port).toBeGreaterThan(port);
    expect(next.port).toBeLessThanOrEqual(port + 100);
    await next.close();
    await new Promise((resolve) => void holder.close(resolve));
  });
});

describe('a port that cannot be had', () => {
  it('is an error, and leaves nothing behind', async () => {
    await expect(startServer({ parts: fakeParts(), pages: '/nowhere', port: 65_536 })).rejects.toThrow(/port/i);
  });
});

describe('the end', () => {
  it('comes at once, also with streams and idle connections open', async () => {
    const hub = fakeHub();
    const other = await servePages({ parts: fakeParts({}, hub) });
    const headers = { 'x-gantry-token': await other.signIn() };
    const stream = await fetch(`${other.url}/api/events`, { headers });
    await fetch(`${other.url}/api/overview`, { headers });
    const from = performance.now();
    await other.close();
    expect(performance.now() - from).toBeLessThan(450);
    await expect(stream.text()).resolves.toContain('"type":"hello"');
    expect(hub.sinks.size).toBe(0);
    await expect(fetch(other.url)).rejects.toThrow('fetch failed');
  });
});
