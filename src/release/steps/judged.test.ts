import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../../test/contracts/target.ts';
import { newPlace, type Place } from '../../../test/fakes/place.ts';
import type { App } from '../../app/model.ts';
import { memoryStore } from '../../platforms/memory-store.ts';
import type { Metrics, Platform, ReplicaStatus, ServiceMetrics, StepEvent } from '../../platforms/platform.ts';
import type { Holder, Store } from '../../platforms/store.ts';
import type { Target } from '../../targets/target.ts';
import { local } from '../../targets/local/target.ts';
import { history, type Note } from '../history.ts';
import { readEvents } from '../journal.ts';
import type { OperationResult, ReleaseRequest } from '../request.ts';
import { release } from '../runner.ts';
import type { Tools } from '../work.ts';

const holder: Holder = {
  who: 'ana@laptop',
  operation: 'deploy',
  since: '2026-01-01T00:00:00Z',
  host: 'laptop',
  pid: process.pid,
  startTime: '1',
  bootId: 'b',
};
const text = `gantry: 1
app: shop
services:
  web: { build: ./web, run: node main.js, port: 3000, route: /, health: / }
`;
const times = { canaryMs: 400, bakeMs: 600 };
const bounds = [10, 100, 1000];

/** What one set has done so far. */
interface Numbers {
  requests: number;
  errors: number;
  slow: number;
}

let place: Place;
let store: Store;
let app: App;
let server: Server;
let url = '';
let status = 200;
let numbers: Record<'live' | 'next', Numbers>;
/** Changes the numbers before each look at them. */
let traffic: () => void;
let replica: Partial<ReplicaStatus>;
let said: string[];
let measured: NonNullable<StepEvent['measured']>[];

beforeEach(async () => {
  place = newPlace();
  store = memoryStore();
  app = await fixtureApp({ name: 'shop', text });
  status = 200;
  numbers = { live: { requests: 0, errors: 0, slow: 0 }, next: { requests: 0, errors: 0, slow: 0 } };
  traffic = () => {};
  replica = {};
  said = [];
  measured = [];
  server = createServer((_request, response) => void response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Users come by the share, whoever answers them. */
function users(each: number, next: { readonly errors?: number; readonly slow?: number } = {}): () => void {
  return () => {
    const there = place.share === 0 ? 0 : each;
    numbers.live.requests += each * 10;
    numbers.next.requests += there;
    numbers.next.errors += Math.round(there * (next.errors ?? 0));
    numbers.next.slow += Math.round(there * (next.slow ?? 0));
  };
}

function metrics(): Metrics {
  traffic();
  const service = (set: 'live' | 'next', id: string): ServiceMetrics => {
    const { requests, errors, slow } = numbers[set];
    return {
      service: 'web',
      set,
      release: id,
      requests,
      errors,
      buckets: [requests - slow, 0, slow, 0],
      bytes: 0,
      retries: 0,
      inFlight: 0,
    };
  };
  const services = [
    ...(place.live === undefined ? [] : [service('live', place.live)]),
    ...(place.next === undefined ? [] : [service('next', place.next)]),
  ];
  return { atMs: performance.now(), bounds, services, replicas: [] };
}

function platform(more: Partial<Platform> = {}): Platform {
  const seen = (id: string, set: 'live' | 'next'): ReplicaStatus => ({
    id: `web-${id.slice(0, 4)}-1`,
    pid: 1,
    port: 1,
    state: 'ready',
    restarts: 0,
    set,
    release: id,
    since: '',
    inFlight: 0,
    ...(set === 'next' && place.share > 0 ? replica : {}),
  });
  return {
    ...place.platform,
    entry: async () => ({ url, headers: {} }),
    metrics: async () => metrics(),
    status: async (context) => {
      const known = await place.platform.status(context);
      const replicas = [
        ...(place.live === undefined ? [] : [seen(place.live, 'live')]),
        ...(place.next === undefined ? [] : [seen(place.next, 'next')]),
      ];
      return { ...known, services: [{ name: 'web', kind: 'web', desired: 1, pinned: false, ready: 1, degraded: false, replicas }] };
    },
    logs: async function* ({ replica: id = '' }) {
      yield { source: id, stream: 'stdout', text: `last words of ${id}` };
    },
    ...more,
  };
}

async function deploy(more: Partial<Tools> = {}, operation: ReleaseRequest['operation'] = 'deploy'): Promise<OperationResult> {
  const target: Target = { ...local, release: times };
  const tools: Tools = {
    target,
    engines: { process: place.engine },
    builder: place.builder,
    platform: platform(),
    store,
    folder: '/nowhere',
    cacheDir: '/nowhere',
    workDir: '/nowhere',
    control: '',
    version: '0.0.0',
    path: '',
    signal: new AbortController().signal,
    report: (event) => {
      if (event.state === 'done') said.push(`${event.step} ${event.message}`);
      if (event.measured !== undefined) measured.push(event.measured);
    },
    ...more,
  };
  const env = environmentFor(local);
  return release({ operation, app, env, allow: [], confirmed: ['*'], allowSchemaMismatch: false }, holder, tools);
}

async function notes(about: Note['about']): Promise<readonly Note[]> {
  return (history(await readEvents(store)).at(-1)?.notes ?? []).filter((note) => note.about === about);
}

/** The first release serves, and the next one is another. */
async function serving(): Promise<string | null> {
  const first = await deploy({}, 'up');
  place.log.length = 0;
  place.content = 'v2';
  said.length = 0;
  return first.release;
}

const reverted = (old: string | null): object => ({ live: old, next: undefined, share: 0 });

describe('canary and bake', () => {
  it('let a good release through, with the numbers of both sets in words and on record', async () => {
    await serving();
    traffic = users(40);
    const { changed, meter } = await deploy();
    expect(changed).toBe(true);
    expect(place.log.filter((step) => step.startsWith('shift'))).toEqual(['shift 5', 'shift 100']);
    expect(said.find((line) => line.startsWith('canary'))).toBe('canary 5 % 0.4 s  error 0.00 % (old 0.00 %)  p95 10 ms (old 10 ms)');
    expect(said.find((line) => line.startsWith('bake'))).toMatch(/^bake 0\.6 s {2}error 0\.00 % \(old 0\.00 %\)/);
    const [canary, bake] = await notes('gate');
    expect(canary).toMatchObject({
      step: 'canary',
      share: 5,
      verdict: 'go',
      judgedOn: 'users',
      live: { failed: 0 },
      next: { failed: 0, p95Ms: 10 },
    });
    expect(bake).toMatchObject({ step: 'bake', share: 100, verdict: 'go', live: (canary as Record<string, unknown>)['live'] });
    expect(meter).toMatchObject({ failed: 0 });
    expect(await notes('meter')).toHaveLength(1);
  });

  it('tell their figures and those of the meter while they go on, and keep what the step said', async () => {
    await serving();
    traffic = users(40);
    await deploy();
    const gates = measured.flatMap(({ gate }) => (gate === undefined ? [] : [gate]));
    expect(gates.map(({ step }) => step)).toEqual(['canary', 'bake']);
    expect(gates[0]).toMatchObject({ share: 5, durationMs: 400, limits: { errorRate: 1, p95Ms: 60 }, next: { failed: 0 } });
    const meters = measured.flatMap(({ meter }) => (meter === undefined ? [] : [meter]));
    expect(meters.length).toBeGreaterThanOrEqual(1);
    expect(meters.at(-1)).toMatchObject({ failed: 0, requests: expect.any(Number) as number });
    const [canary] = await notes('gate');
    expect(canary).toMatchObject({ limits: { errorRate: 1, p95Ms: 60 }, elapsedMs: expect.any(Number) as number });
    const done = (await readEvents(store)).filter((event) => event.type === 'done' && event.step === 'canary');
    expect(done.at(-1)).toMatchObject({ message: said.find((line) => line.startsWith('canary'))?.slice('canary '.length) });
  });

  it('judge by requests of their own where there are no users, and say so', async () => {
    await serving();
    await deploy();
    expect(said.find((line) => line.startsWith('canary'))).toContain('(judged on smoke only)');
    expect(await notes('gate')).toMatchObject([{ judgedOn: 'smoke only', verdict: 'go' }, { judgedOn: 'smoke only' }]);
  });

  it('judge by what they see themselves where the place has no numbers', async () => {
    await serving();
    const report = platform({ metrics: async () => ({ unsupported: 'no numbers' }) });
    await deploy({ platform: report });
    expect(await notes('gate')).toMatchObject([
      { judgedOn: 'smoke only', live: { requests: 50, failed: 0 }, next: { requests: 50, failed: 0 } },
      { step: 'bake', verdict: 'go', next: { requests: 50 } },
    ]);
  });

  it('stop a canary that fails more, at once, and give the old set its requests back', async () => {
    const old = await serving();
    traffic = users(40, { errors: 0.5 });
    const startedAt = performance.now();
    const failure = await deploy().catch((error: unknown) => error);
    expect(performance.now() - startedAt).toBeLessThan(times.canaryMs + 600);
    expect(failure).toMatchObject({
      code: 'GR4001',
      message: expect.stringMatching(
        /^\d+ of \d+ requests failed \(50\.00 %\), on the old set 0 of \d+ \(0\.00 %\); 1\.00 % more is allowed$/,
      ) as string,
      where: 'canary, 5 % of the requests',
      state: expect.stringContaining(`release ${old} serves everything`) as string,
    });
    expect(place).toMatchObject(reverted(old));
    expect(place.log.filter((step) => step.startsWith('shift'))).toEqual(['shift 5', 'shift 0']);
    expect(await notes('gate')).toMatchObject([{ step: 'canary', verdict: 'stop' }]);
  });

  it('stop a bake that is slower than the old set was', async () => {
    const old = await serving();
    traffic = () => users(40, place.share === 100 ? { slow: 0.5 } : {})();
    await expect(deploy()).rejects.toMatchObject({ code: 'GR4001', where: 'bake, 100 % of the requests' });
    expect(place).toMatchObject(reverted(old));
    expect(place.log.filter((step) => step.startsWith('shift'))).toEqual(['shift 5', 'shift 100', 'shift 0']);
  });

  it('stop when a process of the next set ends, with its last lines', async () => {
    const old = await serving();
    traffic = users(40);
    replica = { state: 'waiting', restarts: 1, detail: 'exit 3' };
    const id = expect.stringMatching(/^web-\w{4}-1 ended while users were on it \(exit 3\)$/) as string;
    await expect(deploy()).rejects.toMatchObject({ code: 'GR4002', message: id, lines: [expect.stringMatching(/^last words of web-/)] });
    expect(place).toMatchObject(reverted(old));
  });

  it.each(['canary', 'bake'])('end at once when the release is interrupted in the %s', async (step) => {
    const old = await serving();
    traffic = users(40);
    const controller = new AbortController();
    const report: Tools['report'] = (event) => {
      if (event.step === step && event.state === 'running') controller.abort(new Error('not wanted any more'));
    };
    await expect(deploy({ signal: controller.signal, report })).rejects.toThrow('not wanted any more');
    expect(place).toMatchObject(reverted(old));
  });

  it('are no part of an up', async () => {
    await serving();
    await deploy({}, 'up');
    expect(place.log.filter((step) => step.startsWith('shift'))).toEqual(['shift 100']);
    expect(await notes('gate')).toEqual([]);
  });

  it('give way to the meter: more failed requests than the budget end the release', async () => {
    const old = await serving();
    traffic = () => {
      users(40)();
      if (place.share === 5) status = 503;
    };
    const failure = await deploy().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'GR4003', message: expect.stringContaining('x 503') as string });
    expect(place).toMatchObject(reverted(old));
    expect((await notes('meter'))[0]).toMatchObject({ failures: { '503': expect.any(Number) as number } });
    expect(history(await readEvents(store)).at(-1)).toMatchObject({ outcome: 'rolled back', failed: { code: 'GR4003' } });
  });
});
