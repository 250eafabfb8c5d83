import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../platforms/platform.ts';
import { changeBetween, type Change } from './rates.ts';
import { Rings } from './rings.ts';
import { numbers } from './testing/fake-place.ts';

const start = 1_767_225_600_000;

function change(from: number, to: number, perSecond = 10, more: Parameters<typeof numbers>[2] = {}): Change {
  return changeBetween(numbers(from, perSecond), numbers(to, perSecond, more)) as Change;
}

/** A look every `stepMs` until `untilMs`. */
function watched(untilMs: number, stepMs: number, rings = new Rings(), from = 0): Rings {
  for (let at = from; at < untilMs; at += stepMs) rings.add(change(at, at + stepMs), start + at + stepMs);
  return rings;
}

test('each resolution reaches as far back as it says, and no further', () => {
  const rings = watched(8 * 3_600_000, 10_000);
  const now = start + 8 * 3_600_000;
  for (const [minutes, stepMs] of [
    [15, 2000],
    [60, 10_000],
    [360, 60_000],
  ] as const) {
    const { times, services, ...rest } = rings.read(minutes, now);
    expect(rest.stepMs).toBe(stepMs);
    expect([times.length, times.at(-1)]).toEqual([(minutes * 60_000) / stepMs, now]);
    expect(times[0]).toBe(now - minutes * 60_000 + stepMs);
    expect(services[0]?.perSecond).toEqual(times.map(() => 10));
  }
});

test('there is no point before the first look', () => {
  const { times } = watched(20_000, 2000).read(15, start + 20_000);
  expect(times[0]).toBe(start + 2000);
  expect(new Rings().read(15, start)).toEqual({ stepMs: 2000, times: [], services: [] });
});

test('looks that come rarely fill all points between them', () => {
  expect(watched(30_000, 10_000).read(15, start + 30_000).services[0]?.perSecond).toEqual(Array.from({ length: 15 }, () => 10));
});

test('looks that fall beside the points leave none out', () => {
  const rings = new Rings();
  for (let at = 700; at < 60_000; at += 2037) rings.add(change(at, at + 2037), start + at + 2037);
  expect(rings.read(15, start + 60_000).services[0]?.perSecond.includes(null)).toBe(false);
});

test('several looks at one point: counters add up, memory and what is under way by the most, ready by the fewest', () => {
  const rings = new Rings();
  rings.add(change(0, 500, 40, { replica: { memoryBytes: 900, ready: false, cpuSeconds: 0.5 }, service: { inFlight: 7 } }), start + 500);
  rings.add(change(500, 2000, 20, { replica: { memoryBytes: 700, restarts: 2, cpuSeconds: 1 }, service: { inFlight: 1 } }), start + 2000);
  const [web] = rings.read(15, start + 2000).services;
  expect(web).toEqual({
    service: 'web',
    perSecond: [25],
    errors: [0],
    p50: [1.5],
    p95: [1.95],
    p99: [1.99],
    inFlight: [7],
    cpu: [0.75],
    cpuLimit: [1],
    memory: [900],
    memoryLimit: [4096],
    ready: [0],
    restarts: [2],
  });
});

describe('not measured', () => {
  test('between two looks that do not belong together there is nothing', () => {
    const rings = watched(4000, 2000);
    rings.gap();
    watched(14_000, 2000, rings, 10_000);
    expect(rings.read(15, start + 14_000).services[0]?.perSecond).toEqual([10, 10, null, null, null, 10, 10]);
  });

  test('the axis goes on when nothing comes any more', () => {
    const { times, services } = watched(4000, 2000).read(15, start + 60_000);
    expect(times.at(-1)).toBe(start + 60_000);
    expect(services[0]?.perSecond.slice(0, 3)).toEqual([10, 10, null]);
    expect(services[0]?.cpu.at(-1)).toBeNull();
  });

  test('a service without requests has processor time and no rates', () => {
    const rings = new Rings();
    const worker = (at: number): Metrics => ({ ...numbers(at), services: [] });
    rings.add(changeBetween(worker(0), worker(2000)) as Change, start + 2000);
    expect(rings.read(15, start + 2000).services[0]).toMatchObject({
      perSecond: [null],
      p99: [null],
      inFlight: [null],
      cpu: [0.5],
      ready: [1],
    });
  });

  test('a service that is gone keeps what it had until that is too old', () => {
    const rings = watched(4000, 2000);
    const other = (at: number): Metrics => ({
      ...numbers(at),
      services: [],
      replicas: numbers(at).replicas.map((one) => ({ ...one, service: 'other' })),
    });
    for (let at = 4000; at < 16 * 60_000; at += 10_000)
      rings.add(changeBetween(other(at), other(at + 10_000)) as Change, start + at + 10_000);
    expect(rings.read(60, start + 16 * 60_000).services.map(({ service }) => service)).toEqual(['other', 'web']);
    expect(rings.read(15, start + 16 * 60_000).services.map(({ service }) => service)).toEqual(['other']);
  });
});

test('a clock that is set back a little goes on, and far back begins anew', () => {
  const rings = watched(600_000, 2000);
  rings.add(change(600_000, 602_000), start + 598_000);
  expect(rings.read(15, start + 600_000).times).toHaveLength(300);
  rings.add(change(602_000, 604_000), start + 2000);
  expect(rings.read(15, start + 2000).times).toEqual([start + 2000]);
});
