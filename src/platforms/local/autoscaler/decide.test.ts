import { describe, expect, it } from 'vitest';
import { decide, type AutoscalerState, type Decision } from './decide.ts';
import type { Reading, ServiceReading } from './reading.ts';
import { defaultSettings } from './settings.ts';
import { minute, Simulation, step } from './testing/simulation.ts';

describe('more load than the target', () => {
  it('is answered after three samples in a row with as many replicas as bring it back to the target, and the numbers are said', () => {
    const world = new Simulation(2);
    world.run(minute, () => ({ cpu: 100 }));
    expect(world.decided).toEqual([]);
    const since = world.now;
    const [decision] = world.run(20_000, () => ({ cpu: 240 }));
    expect(decision).toMatchObject({ service: 'web', from: 2, to: 5 });
    expect(decision?.reason).toMatch(/^cpu \d+ % of the limit, target 50 %$/);
    expect(world.decided[0]?.at).toBe(since + 3 * step);
  });

  it('of one sample is a blip', () => {
    const world = new Simulation(2, { scale: { min: 1, max: 10, concurrency: 5 } });
    world.run(minute, () => ({ inFlight: 10 }));
    world.look({ inFlight: 30 });
    world.run(minute, () => ({ inFlight: 10 }));
    expect(world.changes).toEqual([]);
  });

  it('within a tenth of the target changes nothing', () => {
    const world = new Simulation(4);
    world.run(10 * minute, (at) => ({ cpu: 200 * (1 + 0.09 * Math.sin(at)) }));
    expect(world.decided).toEqual([]);
  });

  it.each([
    [{ cpu: 400, inFlight: 10 }, 8, 'cpu 100 % of the limit, target 50 %, 2.5 requests in flight per replica, target 5'],
    [{ cpu: 100, inFlight: 42 }, 9, 'cpu 25 % of the limit, target 50 %, 11 requests in flight per replica, target 5'],
  ])('by the metric that asks for more: %j', (load, to, reason) => {
    const world = new Simulation(4, { scale: { min: 1, max: 10, cpu: 50, concurrency: 5 } });
    world.run(30_000, () => load);
    expect(world.changes[0]).toMatchObject({ from: 4, to, reason });
  });

  it('beyond the maximum is held, and said once', () => {
    const world = new Simulation(2, { scale: { min: 1, max: 3, cpu: 50 } });
    world.run(10 * minute, () => ({ cpu: 900 }));
    expect(world.decided.map(({ to, reason }) => [to, reason.replace(/\d+ % of/, 'n % of')])).toEqual([
      [3, 'cpu n % of the limit, target 50 %'],
      [3, 'held: 3 is the maximum (cpu n % of the limit, target 50 %)'],
    ]);
  });

  it('than the machine has cores for is held: machine full', () => {
    const world = new Simulation(2, { cost: 0.4 }, { cores: 2 });
    world.run(10 * minute, () => ({ cpu: 900 }));
    expect(world.decided.map(({ to }) => to)).toEqual([3, 3]);
    expect(world.decided[0]?.reason).toMatch(/; machine full$/);
    expect(world.decided[1]?.reason).toMatch(/^held: machine full \(cpu \d+ % of the limit, target 50 %\)$/);
  });

  it('of several services never takes more cores than there are, the first one first', () => {
    const busy = (name: string, cpuSeconds: number): ServiceReading => ({
      name,
      scale: { min: 1, max: 9, cpu: 50 },
      count: 1,
      cost: 0.5,
      pinned: false,
      replicas: [{ key: `${name}-1`, ready: true, limit: 0.5, cpuSeconds, inFlight: 0 }],
    });
    let state: AutoscalerState = {};
    const all: Decision[] = [];
    for (let at = 0; at < 20; at += 1) {
      const reading: Reading = { cores: 4, committed: 1, operating: false, services: [busy('a', at * 2), busy('b', at * 2)] };
      const result = decide(state, reading, at * step, defaultSettings);
      ({ state } = result);
      all.push(...result.decisions);
      if (all.length > 0) break;
    }
    expect(all.map(({ service, to, reason }) => [service, to, reason.includes('machine full')])).toEqual([
      ['a', 4, false],
      ['b', 3, true],
    ]);
  });
});

describe('less load than the target', () => {
  it('takes away only what nothing needed in the last five minutes', () => {
    const world = new Simulation(6);
    world.run(6 * minute, () => ({ cpu: 300 }));
    world.run(4 * minute, () => ({ cpu: 100 }));
    expect(world.decided).toEqual([]);
    const decision = world.run(2 * minute, () => ({ cpu: 100 })).at(-1);
    expect(decision).toMatchObject({ to: 2 });
    expect(decision?.reason).toBe('cpu 25 % of the limit, target 50 %; at most 2 needed in the last 5 min');
  });

  it('right after the start is not known to last', () => {
    const world = new Simulation(6);
    world.run(4.9 * minute, () => ({ cpu: 10 }));
    expect(world.decided).toEqual([]);
  });

  it('after the process was stopped for a while is not known to last', () => {
    const world = new Simulation(6);
    world.run(6 * minute, () => ({ cpu: 300 }));
    world.now += 60 * minute;
    expect(world.run(4.9 * minute, () => ({ cpu: 10 }))).toEqual([]);
    expect(world.run(minute, () => ({ cpu: 10 }))).toMatchObject([{ from: 6, to: 1 }]);
  });

  it('is bounded by the minimum, and never ends at none', () => {
    for (const [min, end] of [
      [3, 3],
      [0, 1],
    ] as const) {
      const world = new Simulation(6, { scale: { min, max: 10, cpu: 50 } });
      world.run(20 * minute, () => ({ cpu: 0 }));
      expect(world.count).toBe(end);
    }
  });

  it('by one metric alone is not enough', () => {
    const world = new Simulation(6, { scale: { min: 1, max: 10, cpu: 50, concurrency: 5 } });
    world.run(20 * minute, () => ({ cpu: 10, inFlight: 28 }));
    expect(world.decided).toEqual([]);
  });

  it('during a release changes nothing, while more load does', () => {
    const world = new Simulation(6);
    for (let look = 0; look < 600; look += 1) world.look({ cpu: 10 }, undefined, { operating: true });
    expect(world.decided).toEqual([]);
    for (let look = 0; look < 10; look += 1) world.look({ cpu: 500 }, undefined, { operating: true });
    expect(world.changes).toMatchObject([{ from: 6 }]);
    expect(world.count).toBeGreaterThan(6);
  });
});

describe('who does not count', () => {
  it('replicas that are not ready', () => {
    const world = new Simulation(2);
    world.run(
      10 * minute,
      () => ({ cpu: 900 }),
      () => ({ ready: false }),
    );
    expect(world.decided).toEqual([]);
  });

  it('replicas that have just become ready: a start is no load', () => {
    const world = new Simulation(2);
    for (let round = 0; round < 20; round += 1) {
      world.restart();
      world.run(defaultSettings.warmUpMs - step, () => ({ cpu: 900 }));
    }
    expect(world.decided).toEqual([]);
  });

  it('a number that a person has pinned stays, and what was seen before counts for nothing afterwards', () => {
    let pinned = true;
    const service = {
      get pinned() {
        return pinned;
      },
    };
    const world = new Simulation(5, service);
    world.run(10 * minute, () => ({ cpu: 900 }));
    world.run(10 * minute, () => ({ cpu: 0 }));
    expect(world.decided).toEqual([]);
    pinned = false;
    expect(world.run(4.9 * minute, () => ({ cpu: 0 }))).toEqual([]);
    expect(world.run(minute, () => ({ cpu: 0 }))).toMatchObject([{ from: 5, to: 1 }]);
  });

  it.each([
    [{ min: 2, max: 2, cpu: 50 }],
    [{ min: 1, max: 5 }],
    [{ min: Number.NaN, max: 5, cpu: 50 }],
    [{ min: 1, max: Number.POSITIVE_INFINITY, cpu: 50 }],
    [{ min: 1, max: 5, cpu: Number.NaN }],
    [{ min: 1, max: 5, cpu: -3 }],
  ])('a service with the scale %j', (scale) => {
    const world = new Simulation(2, { scale });
    world.run(10 * minute, () => ({ cpu: 900 }));
    world.run(10 * minute, () => ({ cpu: 0 }));
    expect(world.decided).toEqual([]);
  });
});

describe('F34: numbers that are missing or cannot be true', () => {
  const bad = [undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300];

  it.each(bad)('cpu seconds %s hold everything, with a word', (cpuSeconds) => {
    const world = new Simulation(4);
    world.run(
      20 * minute,
      () => ({ cpu: 0 }),
      () => ({ cpuSeconds }),
    );
    expect(world.changes).toEqual([]);
    expect(world.decided.every(({ reason }) => reason === 'held: cpu is not measured')).toBe(true);
  });

  it.each(bad)('requests in flight %s hold everything', (inFlight) => {
    const world = new Simulation(4, { scale: { min: 1, max: 10, concurrency: 5 } });
    world.run(
      20 * minute,
      () => ({}),
      () => ({ inFlight }),
    );
    expect(world.changes).toEqual([]);
    expect(world.decided.map(({ reason }) => reason)).toEqual(['held: concurrency is not measured']);
  });

  it('of one replica of several spoil the metric: less load is not seen in what is left', () => {
    const world = new Simulation(4);
    world.run(
      20 * minute,
      () => ({ cpu: 4 }),
      ({ key, cpuSeconds }) => ({ cpuSeconds: key === 'web-2' ? undefined : cpuSeconds }),
    );
    expect(world.changes).toEqual([]);
  });

  it('for a moment: scaling in waits for five minutes with numbers', () => {
    const world = new Simulation(4);
    world.run(4.9 * minute, () => ({ cpu: 4 }));
    world.run(
      10_000,
      () => ({ cpu: 4 }),
      () => ({ cpuSeconds: undefined }),
    );
    expect(world.run(4.8 * minute, () => ({ cpu: 4 }))).toEqual([]);
    expect(world.run(minute, () => ({ cpu: 4 }))).toMatchObject([{ from: 4, to: 1 }]);
  });

  it('of one metric do not hide that the other asks for more', () => {
    const world = new Simulation(2, { scale: { min: 1, max: 10, cpu: 50, concurrency: 5 } });
    world.run(
      minute,
      () => ({ inFlight: 30 }),
      () => ({ cpuSeconds: undefined }),
    );
    expect(world.changes[0]).toMatchObject({ from: 2, to: 6 });
  });

  it.each([Number.NaN, 0, -4])('with %s cores nothing grows', (cores) => {
    const world = new Simulation(2, {}, { cores });
    world.run(minute, () => ({ inFlight: 900, cpu: 900 }));
    expect(world.changes).toEqual([]);
  });

  it('a clock that stands still, goes back or is no number changes nothing', () => {
    const world = new Simulation(2);
    world.run(minute, () => ({ cpu: 900 }));
    const { state } = world;
    for (const now of [world.now, world.now - 1, 0, Number.NaN, Number.NEGATIVE_INFINITY]) {
      const reading: Reading = { cores: 8, committed: 0, operating: false, services: [] };
      expect(decide(state, { ...reading, services: [anyService()] }, now, defaultSettings)).toEqual({ state, decisions: [] });
    }
  });

  function anyService(): ServiceReading {
    return { name: 'web', scale: { min: 1, max: 10, cpu: 50 }, count: 2, cost: 0.1, pinned: false, replicas: [] };
  }
});
