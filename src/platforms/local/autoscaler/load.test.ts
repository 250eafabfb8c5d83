import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from './settings.ts';
import { minute, Simulation } from './testing/simulation.ts';

describe('F33: load that comes and goes', () => {
  const scales = { min: 2, max: 9, cpu: 50 };

  it.each([20_000, minute, 10 * minute, 60 * minute])(
    'as a sine of %d ms: one change per 30 s, within the limits; what comes and goes within the window is not followed',
    (period) => {
      const world = new Simulation(2, { scale: scales });
      world.run(4 * 60 * minute, (at) => ({ cpu: 225 + 215 * Math.sin((2 * Math.PI * at) / period) }));
      expectCalm(world, scales);
      expect(world.changes.length).toBeGreaterThan(0);
      if (period < defaultSettings.inWindowMs) expect(world.changes.length).toBeLessThanOrEqual(4);
    },
  );

  it('from one to twenty and back', () => {
    const world = new Simulation(1, { scale: { min: 1, max: 20, concurrency: 4 } });
    world.run(5 * minute, () => ({ inFlight: 80 }));
    expect(world.count).toBe(20);
    world.run(10 * minute, () => ({ inFlight: 1 }));
    expect(world.count).toBe(1);
    expectCalm(world, { min: 1, max: 20 });
  });

  it('by any numbers at all: the limits, the pause and the cores hold', () => {
    const number = fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.double(), fc.constant(undefined));
    const sample = fc.record({ cpuSeconds: number, inFlight: number, ready: fc.boolean(), operating: fc.boolean(), load: fc.nat(2000) });
    const limits = fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 30 })).map(([min, more]) => ({ min, max: min + more }));
    const any = fc.record({
      limits,
      target: fc.record({
        cpu: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        concurrency: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      }),
      cores: fc.integer({ min: 1, max: 8 }),
      start: fc.nat(35),
      samples: fc.array(sample, { minLength: 20, maxLength: 400 }),
      sound: fc.boolean(),
    });
    fc.assert(
      fc.property(any, ({ limits: { min, max }, target, cores, start, samples, sound }) => {
        const scale = {
          min,
          max,
          ...(target.cpu === undefined ? {} : { cpu: target.cpu }),
          ...(target.concurrency === undefined ? {} : { concurrency: target.concurrency }),
        };
        const world = new Simulation(Math.min(Math.max(start, min, 1), max), { scale }, { cores });
        for (const { operating, load, ...numbers } of samples) {
          const before = world.count;
          world.look({ cpu: load, inFlight: load }, () => (sound ? {} : numbers), { operating });
          if (operating) expect(world.count).toBeGreaterThanOrEqual(before);
        }
        expectCalm(world, scale);
        for (const { from, to } of world.changes) if (to > from) expect(to * 0.1).toBeLessThanOrEqual(cores - 0.5 + 1e-6);
      }),
      { numRuns: 300 },
    );
  });

  function expectCalm({ changes }: Simulation, { min, max }: { readonly min: number; readonly max: number }): void {
    for (const [index, { at, to }] of changes.entries()) {
      expect(to).toBeGreaterThanOrEqual(Math.max(min, 1));
      expect(to).toBeLessThanOrEqual(max);
      expect(at - (changes[index - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(defaultSettings.pauseMs);
    }
  }
});
