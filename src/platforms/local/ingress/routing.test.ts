/** Which set, service and replica a request reaches, over real sockets. */
import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bodyOf, eventually, Fixture, ready } from './testing/fixture.ts';
import { defaultLimits } from './ingress.ts';
import type { RouteTable, SetTable } from './table.ts';

let fixture: Fixture;
let drawn = 0;
beforeEach(async () => {
  drawn = 0;
  fixture = await Fixture.start({ draw: () => drawn });
});
afterEach(() => fixture.close());

async function named(name: string): Promise<number> {
  return fixture.backend((_, response) => response.end(name));
}

async function ask(path: string, headers: Record<string, string> = {}, port = fixture.port): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ port, path, headers, agent: false }, resolve).on('error', reject),
  );
  return `${answer.statusCode} ${await bodyOf(answer)}`;
}

async function set(release: string, ...services: [service: string, prefix: string | undefined][]): Promise<SetTable> {
  const routes: RouteTable[] = [];
  for (const [service, prefix] of services) {
    const replicas = [ready(`${service}-${release}`, await named(`${service} ${release}`))];
    routes.push({ kind: 'service', service, replicas, ...(prefix === undefined ? {} : { prefix }) });
  }
  return { release, routes, internal: [] };
}

it('follows the longest prefix on borders of segments', async () => {
  await fixture.apply({ live: await set('r1', ['web', '/'], ['api', '/api'], ['admin', '/api/admin/']) });
  const answers = await Promise.all(
    ['/', '/apix', '/api', '/api?x=/api/admin', '/api/', '/api/admin', '/api/admins', '/%61pi/x', '/API'].map(async (path) => ask(path)),
  );
  expect(answers).toEqual([
    '200 web r1',
    '200 web r1',
    '200 api r1',
    '200 api r1',
    '200 api r1',
    '200 admin r1',
    '200 api r1',
    '200 api r1',
    '200 web r1',
  ]);
});

it('answers 404 where nothing is routed', async () => {
  await fixture.apply({ live: await set('r1', ['api', '/api']) });
  expect(await ask('/other')).toMatch(/^404 \{"error"/);
  expect(await ask('/other', { accept: 'text/html' })).toMatch(/^404 <!doctype html>/);
});

it('shares requests between sets as drawn', async () => {
  await fixture.apply({ live: await set('r1', ['web', '/']), next: await set('r2', ['web', '/']), share: 30 });
  const reached = [];
  for (drawn of [0, 29.9, 30, 99]) reached.push(await ask('/'));
  expect(reached).toEqual(['200 web r2', '200 web r2', '200 web r1', '200 web r1']);
});

it('lets who knows the key choose a set', async () => {
  await fixture.apply({ live: await set('r1', ['web', '/']), next: await set('r2', ['web', '/']), share: 0, setKey: 'secret' });
  expect(await ask('/', { 'x-gantry-set': 'next', 'x-gantry-set-key': 'secret' })).toBe('200 web r2');
  expect(await ask('/', { 'x-gantry-set': 'next', 'x-gantry-set-key': 'guess!' })).toBe('200 web r1');
  expect(await ask('/', { 'x-gantry-set': 'next' })).toBe('200 web r1');
  await fixture.apply({ live: await set('r1', ['web', '/']), setKey: '' });
  expect(await ask('/', { 'x-gantry-set': 'next', 'x-gantry-set-key': '' })).toBe('200 web r1');
});

it('keeps an internal address on its release when the sets change', async () => {
  const port = await freePort();
  const [first, second] = [await set('r1', ['web', '/'], ['inside', undefined]), await set('r2', ['web', '/'], ['inside', undefined])];
  const otherPort = await freePort();
  const live = { ...first, internal: [{ service: 'inside', port }] };
  const next = { ...second, internal: [{ service: 'inside', port: otherPort }] };
  await fixture.apply({ live, next });
  expect([await ask('/any', {}, port), await ask('/any', {}, otherPort)]).toEqual(['200 inside r1', '200 inside r2']);
  await fixture.apply({ live: next });
  expect(await ask('/any', {}, otherPort)).toBe('200 inside r2');
  await expect(ask('/any', {}, port)).rejects.toThrow('ECONNREFUSED');
  expect(await ask('/any')).toBe('200 web r2');
});

it('says which internal address is taken, and serves all the same', async () => {
  const port = await named('another program');
  const live = { ...(await set('r1', ['web', '/'])), internal: [{ service: 'web', port }] };
  await expect(fixture.apply({ live })).rejects.toMatchObject({ code: 'GL2004', message: expect.stringContaining(String(port)) });
  expect(await ask('/')).toBe('200 web r1');
});

it('holds requests until there is somebody to take them', async () => {
  const waiting = ask('/');
  await eventually('it is held', () => fixture.ingress.stats().held === 1);
  await fixture.apply({ live: await set('r1', ['web', '/']) });
  expect(await waiting).toBe('200 web r1');
});

it('answers 503 after a while, with Retry-After', async () => {
  await fixture.apply({
    limits: { ...defaultLimits, holdMs: 100 },
    live: { release: 'r', internal: [], routes: [{ kind: 'service', service: 'web', prefix: '/', replicas: [] }] },
  });
  const text = await fixture.raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: text/html\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 2\r\n[\s\S]*<h1>Service Unavailable<\/h1>/);
});

it('spreads requests evenly and by what is in flight', async () => {
  const counts: Record<string, number> = {};
  const slow: (() => void)[] = [];
  const replicas = await Promise.all(
    ['a', 'b', 'c'].map(async (id) =>
      ready(
        id,
        await fixture.backend((request, response) => {
          counts[id] = (counts[id] ?? 0) + 1;
          if (request.url === '/slow') slow.push(() => response.end());
          else response.end(id);
        }),
      ),
    ),
  );
  await fixture.route(replicas);
  for (let at = 0; at < 30; at++) await ask('/');
  expect(counts).toEqual({ a: 10, b: 10, c: 10 });
  const waiting = [ask('/slow'), ask('/slow')];
  await eventually('two are in flight', () => slow.length === 2);
  const [free] = Object.entries(fixture.ingress.stats().inFlight).find(([, inFlight]) => inFlight === 0) ?? [];
  for (let at = 0; at < 5; at++) expect(await ask('/')).toBe(`200 ${free}`);
  for (const end of slow) end();
  await Promise.all(waiting);
});

it('refuses an older table and takes the same again', async () => {
  await fixture.apply({});
  await fixture.apply({});
  const table = { version: 1, limits: defaultLimits, share: 0, setKey: '', live: null, next: null };
  await expect(fixture.ingress.apply(table)).rejects.toMatchObject({ code: 'GL2002' });
  await fixture.ingress.apply({ ...table, version: 2 });
});

async function freePort(): Promise<number> {
  const other = new Fixture();
  const port = await other.rawBackend(() => undefined);
  other.close();
  return port;
}
