import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../platforms/platform.ts';
import { measuredBetween } from './measured.ts';
import { changeBetween } from './rates.ts';
import { numbers } from './testing/fake-place.ts';

function measured(before: Metrics, now: Metrics) {
  const change = changeBetween(before, now);
  return change && measuredBetween(change, 5000);
}

test('counters become rates over the time of the platform', () => {
  const later = numbers(3000, 10, { service: { errors: 4, refused: 8 }, replica: { failures: 4 } });
  expect(measured(numbers(1000), later)).toEqual({
    at: 5000,
    overMs: 2000,
    total: { perSecond: 10, errors: 2, refused: 4, p50: 1.5, p95: 1.95, p99: 1.99 },
    services: [
      {
        service: 'web',
        set: 'live',
        release: 'r1',
        inFlight: 2,
        traffic: { perSecond: 10, errors: 2, refused: 4, p50: 1.5, p95: 1.95, p99: 1.99 },
      },
    ],
    replicas: [
      {
        id: 'web-1',
        service: 'web',
        release: 'r1',
        set: 'live',
        ready: true,
        restarts: 0,
        perSecond: 10,
        failures: 2,
        inFlight: 2,
        cpu: 0.5,
        cpuLimit: 1,
        memory: 1000,
        memoryLimit: 4096,
      },
    ],
  });
});

test('without requests there are no latencies', () => {
  const idle = { service: { requests: 5, buckets: [0, 5, 0, 0, 0] } };
  expect(measured(numbers(1000, 10, idle), numbers(3000, 10, idle))?.total).toEqual({
    perSecond: 0,
    errors: 0,
    refused: 0,
    p50: null,
    p95: null,
    p99: null,
  });
});

test('the total has the latencies of all services together, not a mean of theirs', () => {
  const [before, now] = [numbers(1000, 0), numbers(2000, 0)];
  const of = (service: string, buckets: number[]) => ({
    ...(before.services[0] as Metrics['services'][number]),
    service,
    requests: buckets.reduce((sum, count) => sum + count, 0),
    buckets,
  });
  const change = measured(
    { ...before, services: [of('a', [0, 0, 0, 0, 0]), of('b', [0, 0, 0, 0, 0])] },
    { ...now, services: [of('a', [98, 0, 0, 0, 0]), of('b', [0, 0, 0, 2, 0])] },
  );
  expect(change?.total).toMatchObject({ perSecond: 100, p50: 0.51, p95: 0.969, p99: 7.5 });
});

describe('two looks do not belong together', () => {
  test.each([
    ['when the clock of the platform began anew', 9000, 1000],
    ['when no time has passed', 1000, 1000],
    ['when too much has', 1000, 31_001],
  ])('%s', (_why, before, now) => {
    expect(changeBetween(numbers(before), numbers(now))).toBeUndefined();
  });
});

describe('services', () => {
  test('a new one began at 0', () => {
    const next = {
      ...numbers(3000).services[0],
      release: 'r2',
      set: 'next',
      requests: 6,
      buckets: [0, 6, 0, 0, 0],
    } as Metrics['services'][number];
    const now = numbers(3000);
    expect(measured(numbers(1000), { ...now, services: [...now.services, next] })?.services[1]?.traffic.perSecond).toBe(3);
  });

  test('when none was known before, what they have counted is old', () => {
    expect(measured({ ...numbers(1000), services: [] }, numbers(3000))?.total.perSecond).toBe(0);
  });

  test('a release keeps its numbers when its set becomes the live one', () => {
    expect(measured(numbers(1000, 10, { service: { set: 'next' } }), numbers(3000))?.total.perSecond).toBe(10);
  });

  test('a counter that went back tells nothing, and nothing negative', () => {
    const now = numbers(3000, 10, { service: { requests: 4, buckets: [0, 4, 0, 0, 0], errors: 4 } });
    expect(measured(numbers(1000), now)?.total).toMatchObject({ perSecond: 0, errors: 0, p50: null });
  });

  test('what is not told apart stays so', () => {
    const without = (at: number): Metrics => {
      const all = numbers(at);
      return { ...all, services: all.services.map(({ refused: _refused, ...rest }) => rest) };
    };
    expect(measured(without(1000), without(3000))?.total.refused).toBeNull();
    expect(measured(numbers(1000), numbers(3000))?.total.refused).toBe(0);
  });
});

describe('processor time of a replica', () => {
  function cpu(before: object, now: object): number | null | undefined {
    return measured(numbers(1000, 10, { replica: before }), numbers(3000, 10, { replica: now }))?.replicas[0]?.cpu;
  }

  test('of the same process is what it has used in between', () => {
    expect(cpu({ cpuSeconds: 10 }, { cpuSeconds: 11 })).toBe(0.5);
  });

  test('of a new process is all that it has used', () => {
    expect(cpu({ cpuSeconds: 10 }, { cpuSeconds: 0.2, restarts: 1 })).toBe(0.1);
    expect(cpu({ id: 'other' }, { cpuSeconds: 0.2 })).toBe(0.1);
  });

  test('is not known when it went back, or was not measured', () => {
    expect(cpu({ cpuSeconds: 10 }, { cpuSeconds: 9 })).toBeNull();
    const { cpuSeconds: _cpu, memoryBytes: _memory, ...rest } = numbers(3000).replicas[0] as Metrics['replicas'][number];
    const change = measured(numbers(1000), { ...numbers(3000), replicas: [rest] });
    expect(change?.replicas[0]).toMatchObject({ cpu: null, memory: null });
  });
});
