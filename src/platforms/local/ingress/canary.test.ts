/** Users stay with the set that gave them their page, and find the assets of either; over real sockets. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, eventually, Fixture, ready } from './testing/fixture.ts';
import { defaultLimits } from './ingress.ts';
import type { RouteTable, SetTable } from './table.ts';

let fixture: Fixture;
let drawn = 0;
/** What the services were asked, as `release path`. */
let seen: string[] = [];
beforeEach(async () => {
  drawn = 50;
  seen = [];
  fixture = await Fixture.start({ draw: () => drawn });
});
afterEach(() => fixture.close());

type Headers = Record<string, string | string[]>;
interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function ask(path: string, headers: Headers = {}, method = 'GET', port = fixture.port): Promise<Got> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    request({ port, path, headers, method, agent: false }, resolve).on('error', reject).end(),
  );
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
}

/** A service that has only its own release's asset, and says who it is. */
function app(release: string): RequestListener {
  return (incoming, response) => {
    const { url = '', headers } = incoming;
    seen.push(`${release} ${url}`);
    if (url.includes('fail')) response.writeHead(503).end();
    else if (/\.\w+$/.test(url) && !url.includes(release)) response.writeHead(404, { 'x-by': release }).end(`no ${url} in ${release}`);
    else response.setHeader('x-cookies', headers.cookie ?? '-').end(release);
  };
}

async function set(release: string, listener: RequestListener = app(release), routes: RouteTable[] = []): Promise<SetTable> {
  const port = await fixture.backend(listener);
  return {
    release,
    routes: [{ kind: 'service', service: 'web', prefix: '/', replicas: [ready(`web-${release}`, port)] }, ...routes],
    internal: [],
  };
}

async function canary(share = 10): Promise<{ live: SetTable; next: SetTable }> {
  const sets = { live: await set('r1'), next: await set('r2') };
  await fixture.apply({ ...sets, share });
  return sets;
}

const page = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' };

function name(): string {
  return `gantry-set-${fixture.port}`;
}

describe('a user in a canary', () => {
  it('gets the cookie of the set that gave the page, and only then', async () => {
    await canary();
    for (const [draw, release] of [
      [5, 'r2'],
      [50, 'r1'],
    ] as const) {
      drawn = draw;
      const got = await ask('/', page);
      expect([got.body, got.headers['set-cookie']]).toEqual([release, [`${name()}=${release}; Path=/; HttpOnly; SameSite=Lax`]]);
      expect((await ask('/', page, 'HEAD')).headers['set-cookie']).toHaveLength(1);
      expect((await ask('/api', { 'sec-fetch-mode': 'cors' })).headers['set-cookie']).toBeUndefined();
      expect((await ask('/', { ...page, cookie: `${name()}=${release}` })).headers['set-cookie']).toBeUndefined();
    }
  });

  it('is followed by everything that carries the cookie, while the others are drawn one by one', async () => {
    await canary();
    for (drawn of [5, 50]) {
      for (const release of ['r1', 'r2']) {
        const cookie = `${name()}=${release}`;
        for (const more of [{}, page, { 'sec-fetch-mode': 'cors' }, { accept: 'application/json' }])
          expect((await ask('/x', { ...more, cookie })).body).toBe(release);
        expect((await ask('/x', { cookie }, 'DELETE')).body).toBe(release);
      }
      expect((await ask('/x')).body).toBe(drawn === 5 ? 'r2' : 'r1');
    }
  });

  it('shows the app none of it', async () => {
    await canary();
    expect((await ask('/', { cookie: `a=1; ${name()}=r2;b="2 " ; c` })).headers['x-cookies']).toBe('a=1;b="2 " ; c');
    expect((await ask('/', { cookie: `${name()}=r2` })).headers['x-cookies']).toBe('-');
    expect((await ask('/', { cookie: 'gantry-set-1=r2' })).headers['x-cookies']).toBe('gantry-set-1=r2');
  });

  it('is drawn again with the cookie of another release, and gets a new one with the next page', async () => {
    await canary();
    drawn = 5;
    const cookie = `${name()}=r0`;
    const call = await ask('/x', { cookie });
    expect([call.body, call.headers['set-cookie']]).toEqual(['r2', undefined]);
    const got = await ask('/', { ...page, cookie });
    expect([got.body, got.headers['set-cookie']?.[0]]).toEqual(['r2', expect.stringContaining('=r2; Path=/;')]);
  });

  it('is tied to no set that failed to give the page', async () => {
    await canary();
    drawn = 5;
    const got = await ask('/fail', page);
    expect([got.status, got.headers['set-cookie']]).toEqual([503, undefined]);
  });

  it('keeps its own cookies as the app gives them', async () => {
    const next = await set('r2', (_, response) => response.writeHead(200, { 'set-cookie': ['a=1; Path=/', 'b=2'] }).end());
    await fixture.apply({ live: await set('r1'), next, share: 10 });
    drawn = 5;
    expect((await ask('/', page)).headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2', expect.stringContaining('=r2;')]);
  });

  it.each([0, 100])('has no cookie any more with a share of %i, when the table decides', async (share) => {
    await canary(share);
    const removed = [`${name()}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`];
    for (const release of ['r1', 'r2', 'r0']) {
      const got = await ask('/', { ...page, cookie: `${name()}=${release}` });
      expect([got.body, got.headers['set-cookie']]).toEqual([share === 0 ? 'r1' : 'r2', removed]);
    }
    expect((await ask('/', page)).headers['set-cookie']).toBeUndefined();
    const failed = await ask('/fail', { cookie: `${name()}=r1` });
    expect([failed.status, failed.headers['set-cookie']]).toEqual([503, removed]);
  });

  it('loses the cookie also by an answer of the ingress itself', async () => {
    await fixture.apply({ live: { release: 'r1', routes: [], internal: [] } });
    const cookie = `${name()}=r1`;
    expect((await ask('/', { cookie })).headers['set-cookie']?.[0]).toContain('Max-Age=0');
    await fixture.apply({ limits: { ...defaultLimits, holdMs: 50 } });
    const got = await ask('/', { cookie });
    expect([got.status, got.headers['set-cookie']?.[0]]).toEqual([503, expect.stringContaining('Max-Age=0')]);
  });

  it('is not confused with a smoke check', async () => {
    await canary();
    const smoke = { 'x-gantry-set': 'next', 'x-gantry-set-key': 'key' };
    const got = await ask('/', { ...page, ...smoke, cookie: `${name()}=r1` });
    expect([got.body, got.headers['set-cookie']]).toEqual(['r2', undefined]);
  });

  it('has a WebSocket and events from its own set', async () => {
    const upgrading = async (release: string): Promise<SetTable> => {
      const port = await fixture.backend(
        (_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end(`data: ${release}\n\n`);
        },
        (server) =>
          server.on('upgrade', (_, socket) =>
            socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${release}`),
          ),
      );
      const replicas = [ready(`ws-${release}`, port)];
      return { release, routes: [{ kind: 'service', service: 'ws', prefix: '/', replicas }], internal: [] };
    };
    await fixture.apply({ live: await upgrading('r1'), next: await upgrading('r2'), share: 10 });
    for (const release of ['r1', 'r2']) {
      const cookie = `Cookie: ${name()}=${release}\r\n`;
      const socket = await fixture.raw(`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${cookie}\r\n`);
      expect(socket).toMatch(new RegExp(`^HTTP/1.1 101 [\\s\\S]*\r\n\r\n${release}`));
      expect((await ask('/', { accept: 'text/event-stream', cookie: `${name()}=${release}` })).body).toBe(`data: ${release}\n\n`);
    }
  });
});

describe('assets of the other set', () => {
  it.each([1, 50, 100])('are found with a share of %i', async (share) => {
    await canary(share);
    for (drawn of [0, 99]) {
      for (const release of ['r1', 'r2']) {
        const got = await ask(`/assets/app.${release}`);
        expect([got.status, got.body]).toEqual([200, release]);
      }
    }
    const stats = fixture.ingress.stats();
    expect(stats.services.reduce((sum, { requests }) => sum + requests, 0)).toBe(4);
    expect(stats.services.every(({ inFlight, byClass }) => inFlight === 0 && byClass[3] === 0)).toBe(true);
    expect(fixture.ingress.metricsText()).toContain('gantry_ingress_other_set_total{result="found"} 2');
  });

  it('are found after the way back, and not before users have seen the next set', async () => {
    const sets = await canary(0);
    expect((await ask('/app.r2')).status).toBe(404);
    await fixture.apply({ ...sets, share: 5 });
    await fixture.apply({ ...sets, share: 0 });
    expect((await ask('/app.r2')).status).toBe(200);
    await fixture.apply({ live: sets.live });
    expect((await ask('/app.r2')).status).toBe(404);
    await fixture.apply({ ...sets, next: { ...sets.next, release: 'r3' }, share: 0 });
    expect((await ask('/app.r2')).status).toBe(404);
  });

  it('are missed as the first set says it, body and head', async () => {
    await canary();
    const got = await ask('/app.r3');
    expect([got.status, got.body, got.headers['x-by']]).toEqual([404, 'no /app.r3 in r1', 'r1']);
    expect(seen).toEqual(['r1 /app.r3', 'r2 /app.r3']);
    const head = await ask('/app.r3', {}, 'HEAD');
    expect([head.status, head.body, head.headers['x-by']]).toEqual([404, '', 'r1']);
    const stats = fixture.ingress.stats();
    expect(stats.services.map(({ release, byClass, inFlight }) => [release, byClass[3], inFlight])).toEqual([
      ['r1', 2, 0],
      ['r2', 0, 0],
    ]);
    expect(fixture.ingress.metricsText()).toContain('gantry_ingress_other_set_total{result="missing"} 2');
    expect(fixture.ingress.twoSets.shelf.bytes).toBe(0);
  });

  it('are not asked for by pages, data, writes, smoke checks and callers inside', async () => {
    const sets = await canary();
    const spare = new Fixture();
    const port = await spare.rawBackend(() => undefined);
    spare.close();
    const live = { ...sets.live, internal: [{ service: 'web', port }] };
    await fixture.apply({ live, next: sets.next, share: 10 });
    const statuses = [
      await ask('/page.r2', page),
      await ask('/data.r2', { accept: 'application/json' }),
      await ask('/app.r2', {}, 'DELETE'),
      await ask('/app.r2', { 'x-gantry-set': 'live', 'x-gantry-set-key': 'key' }),
      await ask('/app.r2', {}, 'GET', port),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
    expect(seen.filter((line) => line.startsWith('r2'))).toEqual([]);
  });

  it('are not asked for below the route of an API', async () => {
    const api = async (release: string): Promise<RouteTable> => {
      const port = await fixture.backend(app(release));
      return { kind: 'service', service: 'api', prefix: '/api', replicas: [ready(`api-${release}`, port)] };
    };
    const live = await set('r1', app('r1'), [await api('r1')]);
    await fixture.apply({ live, next: await set('r2', app('r2'), [await api('r2')]), share: 10 });
    expect((await ask('/api/file.r2')).status).toBe(404);
    expect((await ask('/apis/file.r2')).status).toBe(200);
    expect((await ask('/api/file.r2', { 'sec-fetch-dest': 'script' })).status).toBe(200);
  });

  it('are not asked of a set that fails, redirects or has nobody', async () => {
    for (const status of [301, 403, 500]) {
      const next = await set('r2', (_, response) => response.writeHead(status, { location: '/' }).end('other'));
      await fixture.apply({ live: await set('r1'), next, share: 10 });
      expect((await ask('/app.r2')).body).toBe('no /app.r2 in r1');
    }
    const gone = await set('r2', (incoming) => void incoming.socket.destroy());
    await fixture.apply({ live: await set('r1'), next: gone, share: 10 });
    expect((await ask('/app.r2')).body).toBe('no /app.r2 in r1');
    const nobody: SetTable = { release: 'r2', routes: [{ kind: 'service', service: 'web', prefix: '/', replicas: [] }], internal: [] };
    await fixture.apply({ live: await set('r1'), next: nobody, share: 10 });
    expect((await ask('/app.r2')).body).toBe('no /app.r2 in r1');
    expect(fixture.ingress.stats()).toMatchObject({ held: 0 });
  });

  it.each([
    ['announced', 64 * 1024, 1],
    ['announced', 64 * 1024 + 1, 0],
    ['chunked', 64 * 1024, 1],
    ['chunked', 300_000, 0],
  ])('are asked for while the %s body of the 404 is small: %i bytes', async (how, size, askedOther) => {
    const body = Buffer.alloc(size, 'n');
    const live = await set('r1', (_, response) => {
      response.writeHead(404, how === 'announced' ? { 'content-length': size } : {});
      for (let at = 0; at < size; at += 20_000) response.write(body.subarray(at, at + 20_000));
      response.end();
    });
    await fixture.apply({ live, next: await set('r2'), share: 10 });
    const got = await ask('/app.r3');
    expect([got.status, got.body.length, got.body === body.toString()]).toEqual([404, size, true]);
    expect(seen.length).toBe(askedOther);
    expect(fixture.ingress.twoSets.shelf.bytes).toBe(0);
  });

  it('leave nothing behind when the client goes away meanwhile', async () => {
    const live = await set('r1', (_, response) => void response.writeHead(404).write('part'));
    await fixture.apply({ live, next: await set('r2'), share: 10 });
    const asking = request({ port: fixture.port, path: '/app.r3', agent: false }).on('error', () => undefined);
    asking.end();
    await eventually('the part is kept', () => fixture.ingress.twoSets.shelf.bytes === 4);
    asking.destroy();
    await eventually('the room is free again', () => fixture.ingress.twoSets.shelf.bytes === 0);
    expect(fixture.ingress.stats().services.every(({ inFlight }) => inFlight === 0)).toBe(true);
  });
});

describe('static sites', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gantry-canary-'));
    for (const release of ['r1', 'r2']) {
      mkdirSync(join(dir, release));
      writeFileSync(join(dir, release, 'index.html'), release);
      writeFileSync(join(dir, release, `app.${release}`), `asset of ${release}`);
    }
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function site(release: string): SetTable {
    const routes: RouteTable[] = [{ kind: 'site', service: 'site', prefix: '/', dir: join(dir, release), fallback: 'index.html' }];
    return { release, routes, internal: [] };
  }

  it('take part', async () => {
    await fixture.apply({ live: site('r1'), next: site('r2'), share: 10 });
    drawn = 5;
    const first = await ask('/', page);
    expect([first.body, first.headers['set-cookie']?.[0]]).toEqual(['r2', `${name()}=r2; Path=/; HttpOnly; SameSite=Lax`]);
    expect((await ask('/', { ...page, cookie: `${name()}=r1` })).body).toBe('r1');
    for (const release of ['r1', 'r2']) expect((await ask(`/app.${release}`)).body).toBe(`asset of ${release}`);
    const missing = await ask('/app.r3');
    expect([missing.status, missing.headers['content-type']]).toEqual([404, 'application/json']);
    await fixture.apply({ live: site('r1'), next: site('r2'), share: 100 });
    const after = await ask('/', { ...page, cookie: `${name()}=r1` });
    expect([after.body, after.headers['set-cookie']?.[0]]).toEqual(['r2', expect.stringContaining('Max-Age=0')]);
    expect(fixture.ingress.stats().services.every(({ inFlight }) => inFlight === 0)).toBe(true);
  });

  it('and services have each other for the other set', async () => {
    await fixture.apply({ live: site('r1'), next: await set('r2'), share: 10 });
    for (drawn of [5, 50]) for (const release of ['r1', 'r2']) expect((await ask(`/app.${release}`)).status).toBe(200);
    drawn = 50;
    expect((await ask('/app.r3')).body).toContain('"status":404');
    drawn = 5;
    expect((await ask('/app.r3')).body).toBe('no /app.r3 in r2');
  });

  it('count when only one of the sets has the route', async () => {
    const bare = { ...(await set('r1')), routes: [] };
    await fixture.apply({ live: bare, next: site('r2'), share: 10 });
    expect((await ask('/app.r2')).body).toBe('asset of r2');
    expect((await ask('/app.r1')).body).toContain('Nothing is served');
    expect((await ask('/', page)).status).toBe(404);
  });
});

it('counts by release, whatever set it is in', async () => {
  const sets = await canary(100);
  const stats = () => fixture.ingress.stats().services.map(({ set, release, requests }) => `${set} ${release} ${requests}`);
  await ask('/');
  expect(stats()).toEqual(['live r1 0', 'next r2 1']);
  await fixture.apply({ live: sets.next });
  await ask('/');
  expect(stats()).toEqual(['retired r1 0', 'live r2 2']);
  const text = fixture.ingress.metricsText();
  expect(text).toContain('gantry_ingress_requests_total{service="web",class="2xx"} 2');
  expect(text).toContain('gantry_ingress_release_requests_total{service="web",release="r2",class="2xx"} 2');
  expect(text).toContain('gantry_ingress_set{set="live",release="r2"} 1');
});
