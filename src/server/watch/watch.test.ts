import { afterEach, describe, expect, test } from 'vitest';
import type { Marker, ServerEvent, Status } from '../api/index.ts';
import { createHub } from '../events/hub.ts';
import { StillClock } from './testing/fake-clock.ts';
import { audience, FakePlace, numbers, replica, runningStatus, unreachable } from './testing/fake-place.ts';
import { watchEnvironment, type EnvironmentWatch } from './watch.ts';

interface Setup {
  readonly place: FakePlace;
  readonly clock: StillClock;
  readonly hub: ReturnType<typeof createHub>;
  readonly watch: EnvironmentWatch;
  readonly lookedUp: number[];
}

const open: EnvironmentWatch[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

function setup(more: { numbers?: Record<string, number>; markers?: readonly Marker[]; unread?: boolean } = {}): Setup {
  const [place, clock, hub] = [new FakePlace(), new StillClock(), createHub()];
  const lookedUp: number[] = [];
  const watch = watchEnvironment(place.served, hub, {
    clock,
    numbers: async () => {
      lookedUp.push(clock.now());
      return more.unread ? new Promise(() => undefined) : { ...(more.numbers ?? { r1: 7 }) };
    },
    markers: async () => more.markers ?? [],
  });
  open.push(watch);
  return { place, clock, hub, watch, lookedUp };
}

/** Asked for while the clock goes on. */
async function during<T>(clock: StillClock, ms: number, asked: Promise<T>): Promise<T> {
  await clock.pass(ms);
  return asked;
}

function statuses(told: readonly ServerEvent[]): Status[] {
  return told.flatMap((event) => (event.type === 'status' ? [event.status] : []));
}

describe('status', () => {
  test('is not asked for while nobody wants it', async () => {
    const { place, clock } = setup();
    await clock.pass(60_000);
    expect(place.asked.status).toBe(0);
  });

  test('is asked for each second at rest, at once when somebody comes, and not any more when the last has gone', async () => {
    const { place, clock, hub } = setup();
    await clock.pass(500);
    const one = audience(hub, 'local/status');
    await clock.pass(3000);
    expect(place.asked.status).toBe(4);
    one.close();
    await clock.pass(60_000);
    expect(place.asked.status).toBe(4);
  });

  test.each([
    [
      'an operation is under way',
      runningStatus({ operation: { name: 'deploy', who: 'ana', since: '2026-01-01T00:00:00Z', step: 'build' } }),
    ],
    ['two sets stand side by side', runningStatus({ next: { release: 'r2', services: [] } })],
    ['the app starts', runningStatus({ state: 'starting' })],
    [
      'a replica starts',
      runningStatus({ services: runningStatus().services.map((one) => ({ ...one, replicas: [replica('web-1', { state: 'starting' })] })) }),
    ],
  ])('is asked for four times a second while %s', async (_why, status) => {
    const { place, clock, hub } = setup();
    place.status = status;
    audience(hub, 'local/status');
    await clock.pass(20_000);
    expect(place.asked.status).toBe(81);
  });

  test('is asked for four times a second for five seconds after a change, or when one is expected', async () => {
    const { place, clock, hub, watch } = setup();
    audience(hub, 'local/status');
    await clock.pass(10_500);
    expect(place.asked.status).toBe(11);
    place.status = runningStatus({ release: 'r2' });
    await clock.pass(500);
    place.asked.status = 0;
    await clock.pass(10_000);
    expect(place.asked.status).toBe(20 + 5);
    place.asked.status = 0;
    watch.refresh();
    await clock.pass(10_000);
    expect(place.asked.status).toBeGreaterThanOrEqual(20 + 5);
  });

  test('requests under way are no change', async () => {
    const { place, clock, hub } = setup();
    const { told } = audience(hub, 'local/status');
    await clock.pass(5500);
    const services = runningStatus().services.map((one) => ({ ...one, replicas: [replica('web-1', { inFlight: 3 })] }));
    place.status = runningStatus({ services });
    await clock.pass(500);
    expect(statuses(told).at(-1)?.place?.services[0]?.replicas[0]?.inFlight).toBe(3);
    place.asked.status = 0;
    await clock.pass(4000);
    expect(place.asked.status).toBe(4);
  });

  test('is told when it changes, and as a sign that it has not every five seconds', async () => {
    const { place, clock, hub } = setup();
    const { told } = audience(hub, 'local/status');
    await clock.pass(4900);
    expect(statuses(told)).toHaveLength(1);
    await clock.pass(200);
    expect(statuses(told)).toHaveLength(2);
    place.status = runningStatus({ state: 'degraded' });
    await clock.pass(1000);
    expect(statuses(told).at(-1)).toMatchObject({ at: StillClock.start + 6000, place: { state: 'degraded' }, problem: null });
  });

  test('answers a request with what is a second old at most, and asks once for all', async () => {
    const { place, clock, watch } = setup();
    const all = await Promise.all([watch.status(), watch.status(), watch.status()]);
    expect([place.asked.status, all[0]?.place?.state, all[0]?.numbers]).toEqual([1, 'running', { r1: 7 }]);
    await clock.pass(900);
    await watch.status();
    expect(place.asked.status).toBe(1);
    await clock.pass(200);
    await watch.status();
    expect(place.asked.status).toBe(2);
  });

  test('stopped is a state', async () => {
    const { place, watch } = setup();
    place.status = runningStatus({ state: 'stopped', release: null, services: [] });
    expect(await watch.status()).toMatchObject({ place: { state: 'stopped' }, problem: null });
  });
});

describe('an environment that cannot be asked', () => {
  test('keeps its last place, says why, and comes back by itself', async () => {
    const { place, clock, hub } = setup();
    const { told } = audience(hub, 'local/status');
    await clock.pass(100);
    place.error = unreachable();
    await clock.pass(2000);
    expect(statuses(told).at(-1)).toMatchObject({ place: { state: 'running' }, problem: { code: 'GL1010' } });
    place.error = undefined;
    await clock.pass(4000);
    expect(statuses(told).at(-1)).toMatchObject({ place: { state: 'running' }, problem: null });
  });

  test('that hangs is given up after four seconds, never asked twice at once, and asked again', async () => {
    const { place, clock, hub } = setup();
    const { told } = audience(hub, 'local/status');
    place.isHanging = true;
    await clock.pass(4100);
    expect(statuses(told).at(-1)).toMatchObject({ place: null, problem: { code: 'GL1011' } });
    await clock.pass(30_000);
    expect(place.mostAtOnce).toBe(1);
    place.isHanging = false;
    await clock.pass(9000);
    expect(statuses(told).at(-1)?.problem).toBeNull();
  });

  test('does not keep everybody waiting who comes later', async () => {
    const { place, clock, watch } = setup();
    place.isHanging = true;
    const first = await during(clock, 4000, watch.status());
    expect(first.problem?.code).toBe('GL1011');
    expect((await watch.status()).problem?.code).toBe('GL1011');
    expect(place.asked.status).toBe(1);
  });

  test('for a reason that nobody foresaw is told as that', async () => {
    const { place, watch } = setup();
    place.error = new TypeError('x is not a function');
    expect((await watch.status()).problem).toMatchObject({
      code: 'GC2020',
      message: 'local cannot be asked: x is not a function',
      lines: [],
    });
  });
});

describe('numbers of releases', () => {
  test('are those that the place names, looked up when there is a new one', async () => {
    const known: Record<string, number> = { r0: 1, r1: 7 };
    const { place, clock, hub, lookedUp } = setup({ numbers: known });
    const { told } = audience(hub, 'local/status');
    await clock.pass(10_000);
    expect([statuses(told).at(-1)?.numbers, lookedUp]).toEqual([{ r1: 7 }, [0]]);
    known['r2'] = 8;
    place.status = runningStatus({ next: { release: 'r2', services: [] } });
    await clock.pass(1000);
    expect([statuses(told).at(-1)?.numbers, lookedUp.length]).toEqual([{ r1: 7, r2: 8 }, 2]);
  });

  test('that nobody knows are not asked for all the time, and a store that hangs hides nothing', async () => {
    const { place, clock, hub, lookedUp } = setup({ unread: true });
    place.status = runningStatus({ release: 'unknown' });
    const { told } = audience(hub, 'local/status');
    await clock.pass(10_000);
    expect(statuses(told).at(-1)).toMatchObject({ place: { release: 'unknown' }, problem: null, numbers: {} });
    expect(lookedUp).toEqual([0]);
  });

  test('that nobody knows are asked for again now and then', async () => {
    const { place, clock, hub, lookedUp } = setup();
    place.status = runningStatus({ release: 'unknown' });
    audience(hub, 'local/status');
    await clock.pass(7000);
    expect(lookedUp).toEqual([0, 2000, 4000, 6000]);
  });
});

describe('numbers over time', () => {
  /** The platform counts on. */
  async function live({ place, clock }: Setup, ms: number, stepMs = 500): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      place.metrics = numbers(clock.now() + 1);
      await clock.pass(stepMs);
    }
  }

  test('are looked at every ten seconds for the history, and every two while somebody looks', async () => {
    const it = setup();
    await live(it, 30_500);
    expect(it.place.asked.metrics).toBe(4);
    const { told } = audience(it.hub, 'local/sample');
    await live(it, 10_000);
    expect(it.place.asked.metrics).toBe(9);
    expect(told.at(-1)).toMatchObject({ type: 'sample', sample: { overMs: 2000, total: { perSecond: 10 } } });
  });

  test('the history has no holes between looks, and is watched for a while after it was read', async () => {
    const it = setup();
    await live(it, 40_500);
    const { times, services, unsupported } = await it.watch.history(15);
    expect([times.length, unsupported]).toEqual([20, null]);
    expect(services[0]?.perSecond).toEqual(times.map(() => 10));
    const before = it.place.asked.metrics;
    await live(it, 20_000);
    expect(it.place.asked.metrics - before).toBe(10);
  });

  test('has the markers of releases, of scaling and of restarts, and decisions, as far back as it goes', async () => {
    const at = (ms: number): string => new Date(StillClock.start + ms).toISOString();
    const early: Marker = { at: StillClock.start - 16 * 60_000, kind: 'promoted', text: 'release 1' };
    const released: Marker = { at: StillClock.start + 25_000, kind: 'promoted', text: 'release 2' };
    const it = setup({ markers: [early, released] });
    const grown = { at: at(5000), service: 'web', from: 1, to: 2, reason: 'cpu 93 %' };
    it.place.status = runningStatus({ scaling: [{ ...grown, at: at(9000), to: 1, reason: 'held' }, grown] });
    await live(it, 12_000);
    it.place.metrics = numbers(20_000, 10, { replica: { restarts: 1 } });
    await it.clock.pass(10_000);
    const { markers, decisions } = await it.watch.history(15);
    expect(markers.map(({ kind, text }) => [kind, text])).toEqual([
      ['scale', 'web 1 -> 2'],
      ['restart', 'web-1 restarted'],
      ['promoted', 'release 2'],
    ]);
    expect(decisions.map(({ reason }) => reason)).toEqual(['held', 'cpu 93 %']);
  });

  test('what a platform cannot measure is told as that, and rarely asked again', async () => {
    const it = setup();
    it.place.metrics = { unsupported: 'the place has no counters' };
    const { told } = audience(it.hub, 'local/sample');
    await it.clock.pass(59_000);
    expect(told.at(-1)).toMatchObject({ sample: { unsupported: 'the place has no counters' } });
    expect(it.place.asked.metrics).toBe(1);
    expect(await it.watch.history(60)).toMatchObject({ times: [], services: [], unsupported: 'the place has no counters' });
    it.place.metrics = numbers(60_000);
    await it.clock.pass(2000);
    it.place.metrics = numbers(62_000);
    await it.clock.pass(2000);
    expect(told.at(-1)).toMatchObject({ sample: { total: { perSecond: 10 } } });
  });

  test('a failure leaves a hole, and no spike behind it', async () => {
    const it = setup();
    audience(it.hub, 'local/sample');
    await live(it, 10_000);
    it.place.error = unreachable();
    await live(it, 6000);
    it.place.error = undefined;
    await live(it, 10_000);
    const { services } = await it.watch.history(15);
    const seen = services[0]?.perSecond ?? [];
    expect(seen.includes(null)).toBe(true);
    expect(Math.max(...seen.map((value) => value ?? 0))).toBeLessThanOrEqual(10);
    expect(seen.at(-1)).toBe(10);
  });
});

test('after its end nothing is asked', async () => {
  const { place, clock, hub, watch } = setup();
  audience(hub, 'local/status', 'local/sample');
  await clock.pass(1000);
  watch.close();
  const { status, metrics } = place.asked;
  await clock.pass(60_000);
  expect(place.asked).toEqual({ status, metrics });
  expect(clock.isIdle).toBe(true);
});
