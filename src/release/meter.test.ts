import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace } from '../../test/fakes/place.ts';
import type { App } from '../app/model.ts';
import type { GantryError } from '../errors.ts';
import { local } from '../targets/local/target.ts';
import { MeterClock } from './meter-clock.ts';
import { probe, probePaths } from './meter-probe.ts';
import { startMeter, type Meter, type MeterInput } from './meter.ts';
import { effectiveSettings } from './settings.ts';

const text = `gantry: 1
app: shop
services:
  web: { build: ./web, run: node main.js, port: 3000, route: /, health: /healthz }
smoke:
  - { get: /page }
  - { get: /private, expect: { status: 401 } }
  - { post: /orders, expect: { status: 201 } }
`;

let app: App;
let server: Server;
let url = '';
let answer: RequestListener;
const seen: { method: string; path: string; connection: string }[] = [];
const meters: Meter[] = [];

beforeEach(async () => {
  app = await fixtureApp({ name: 'shop', text });
  seen.length = 0;
  answer = (request, response) => void response.writeHead(request.url === '/private' ? 401 : 200).end('fine');
  server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', path: request.url ?? '', connection: request.headers.connection ?? '' });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(meters.splice(0).map(async (meter) => meter.stop()));
});

function input(budget = 0, entry = url): MeterInput {
  const env = environmentFor(local);
  const live = { id: 'r1', app, env, content: {}, secrets: {}, counts: {} };
  const platform = { ...newPlace().platform, entry: async () => ({ url: entry, headers: {} }) };
  const settings = { ...effectiveSettings(app, local, 'deploy'), budget };
  return { app, env, folder: '/nowhere', signal: new AbortController().signal, platform, live, settings, report: () => {} };
}

async function started(budget = 0, breaches: GantryError[] = []): Promise<Meter> {
  const meter = await startMeter(input(budget), (reason) => breaches.push(reason));
  if (meter === undefined) throw new Error('no meter');
  meters.push(meter);
  return meter;
}

/** Resolves when the meter has asked that often. */
async function asked(meter: Meter, count: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (meter.sent() < count) {
    if (performance.now() > deadline) throw new Error(`the meter asked only ${meter.sent()} times`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the downtime meter', () => {
  it('asks what is safe to ask, half of it over connections of its own, and finds nothing wrong with what works', async () => {
    const meter = await started();
    await asked(meter, 20);
    const result = await meter.stop();
    expect(result).toMatchObject({ failed: 0, failures: {} });
    expect(result.requests).toBeGreaterThanOrEqual(20);
    expect(new Set(seen.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(['GET /page', 'GET /private']));
    const late = seen.slice(-20).map(({ connection }) => connection);
    expect(late.filter((value) => value === 'keep-alive')).toHaveLength(10);
    expect(await meter.stop()).toBe(result);
  });

  it('asks the front page, routes and health paths of a release without GET checks', () => {
    expect(probePaths({ ...app, smoke: [] }).map(({ path }) => path)).toEqual(['/', '/healthz']);
    expect(probePaths({ smoke: [], services: {} })).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['502', (_request, response) => void response.writeHead(502).end()],
    ['404', (_request, response) => void response.writeHead(404).end()],
    ['ECONNRESET', (request) => request.socket.resetAndDestroy()],
    [
      'truncated',
      (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy()),
    ],
    ['HPE_INVALID_CONSTANT', (request) => void request.socket.end('nonsense\r\n\r\n')],
  ])('counts %s as a failure, and says so once', async (kind, bad) => {
    const breaches: GantryError[] = [];
    const meter = await started(2, breaches);
    const before = meter.sent();
    answer = bad;
    await asked(meter, before + 12);
    const { failures, failed, longestGapMs } = await meter.stop();
    expect(failures[kind]).toBe(failed);
    // A path that was refused before may be refused in another way.
    expect(failed).toBeGreaterThanOrEqual(kind === '404' ? 5 : 10);
    if (kind !== '404') expect(longestGapMs).toBeGreaterThan(100);
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toMatchObject({
      code: 'GR4003',
      message: expect.stringMatching(`3 of \\d+ requests failed \\(3 x ${kind}\\)`) as string,
    });
    expect(breaches[0]?.lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z GET \/(page|private) /);
  });

  it('keeps quiet while the budget holds', async () => {
    const breaches: GantryError[] = [];
    const meter = await started(1_000_000, breaches);
    answer = (_request, response) => void response.writeHead(500).end();
    await asked(meter, 8);
    expect((await meter.stop()).failed).toBeGreaterThan(0);
    expect(breaches).toEqual([]);
  });

  it('judges a path by what it answered before: what failed already is not asked, what was refused may be', async () => {
    answer = (request, response) => void response.writeHead(request.url === '/page' ? 503 : 401).end();
    const meter = await started();
    seen.length = 0;
    await asked(meter, 6);
    expect(await meter.stop()).toMatchObject({ failed: 0 });
    expect(seen.every(({ path }) => path === '/private')).toBe(true);
  });

  it('never has more than ten requests waiting, and goes on when they are answered', async () => {
    const meter = await started();
    const held: (() => void)[] = [];
    answer = (_request, response) => void held.push(() => response.end('late'));
    await asked(meter, 10);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    // On a slow machine the two last requests of the baseline may still be under way.
    expect(held.length).toBeLessThanOrEqual(12);
    answer = (_request, response) => void response.end('fine');
    for (const release of held) release();
    const before = meter.sent();
    await asked(meter, before + 4);
    const result = await meter.stop();
    expect(result.failed).toBe(0);
  });

  it('measures nothing where nothing serves, nothing answers, or everything fails already', async () => {
    expect(await startMeter({ ...input(), live: undefined }, () => {})).toBeUndefined();
    expect(await startMeter(input(0, 'http://127.0.0.1:1'), () => {})).toBeUndefined();
    answer = (_request, response) => void response.writeHead(500).end();
    expect(await startMeter(input(), () => {})).toBeUndefined();
  });

  it('takes a short while for what was before', async () => {
    const startedAt = performance.now();
    await started();
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a probe', () => {
  it('gives up after its deadline', async () => {
    answer = () => {};
    const outcome = await probe({ url, headers: {} }, { path: '/', headers: {} }, { timeoutMs: 50 });
    expect(outcome).toEqual({ status: 0, bytes: 0, failure: 'timeout' });
  });

  it('says that nobody listens', async () => {
    expect(await probe({ url: 'http://127.0.0.1:1', headers: {} }, { path: '/', headers: {} })).toMatchObject({ failure: 'ECONNREFUSED' });
  });
});

describe('the clock of the meter', () => {
  it('stands still while this process does', async () => {
    const clock = new MeterClock();
    await new Promise((resolve) => setTimeout(resolve, 30));
    const before = clock.now();
    for (const end = performance.now() + 300; performance.now() < end;);
    expect(clock.now() - before).toBeLessThanOrEqual(20);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(clock.now() - before).toBeLessThan(150);
    clock.stop();
  });
});
