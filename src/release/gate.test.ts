import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail, countAbove, percentile } from './gate-numbers.ts';
import { counted, lifetime, SetWatch, type Counted } from './gate-window.ts';
import { figures, figuresLine, judgeSets, p95, type Moment, type Window } from './gate.ts';

const bounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];
const gates = { errorRate: 1, latencyFactor: 3 };

/** A window whose requests took the given times: `[[980, 4], [20, 300]]` is 980 at 4 ms and 20 at 300 ms. */
function at(times: readonly (readonly [count: number, ms: number])[], failed = 0, waiting = 0, refused = 0, probes = 0): Window {
  const buckets = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const [count, ms] of times) {
    const found = bounds.findIndex((bound) => ms <= bound);
    const index = found === -1 ? bounds.length : found;
    buckets[index] = (buckets[index] ?? 0) + count;
  }
  return { requests: times.reduce((sum, [count]) => sum + count, 0), failed, refused, waiting, probes, bounds, buckets };
}

const fast = (requests: number, failed = 0, waiting = 0): Window => at([[requests, 4]], failed, waiting);

describe('judging both sets', () => {
  it.each<[string, Window, Window, Moment, string]>([
    ['nothing wrong', fast(1000), fast(60), 'end', 'go'],
    ['one failure in fifty is no verdict', fast(1000), fast(50, 1), 'end', 'go'],
    ['two failures in fifty are none either', fast(1000), fast(50, 2), 'end', 'go'],
    ['four in fifty are one at the end', fast(1000), fast(50, 4), 'end', 'stop'],
    ['but not on the way', fast(1000), fast(50, 4), 'early', 'go'],
    ['five in fifty are one at once', fast(1000), fast(50, 5), 'early', 'stop'],
    ['five in a row are enough, however few there were', fast(100), fast(5, 5), 'early', 'stop'],
    ['four in a row are not enough on the way', fast(100), fast(4, 4), 'early', 'more'],
    ['two in a hundred, for long', fast(20_000), fast(2000, 40), 'early', 'stop'],
    ['two in a hundred, seen briefly', fast(20_000), fast(200, 4), 'early', 'go'],
    ['as bad as the old set', fast(1000, 200), fast(100, 20), 'end', 'go'],
    ['a little worse than the old set, within what is allowed', fast(10_000, 100), fast(10_000, 190), 'end', 'go'],
    ['worse than is allowed beside a bad old set', fast(10_000, 500), fast(10_000, 800), 'end', 'stop'],
    ['better than the old set', fast(1000, 300), fast(100, 0), 'end', 'go'],
    ['too few on the next set', fast(1000), fast(49), 'end', 'more'],
    ['too few on the old set', fast(10), fast(100), 'end', 'more'],
    ['nothing at all', fast(0), fast(0), 'end', 'more'],
  ])('errors: %s', (_what, live, next, moment, verdict) => {
    expect(judgeSets(live, next, gates, moment).verdict).toBe(verdict);
  });

  it.each<[string, Window, Window, Moment, string]>([
    ['twenty times slower', at([[1000, 10]]), at([[100, 200]]), 'early', 'stop'],
    ['four times slower, but by milliseconds only', at([[1000, 0.5]]), at([[100, 2]]), 'end', 'go'],
    ['within the factor', at([[1000, 90]]), at([[100, 240]]), 'end', 'go'],
    ['beyond the factor', at([[1000, 90]]), at([[100, 700]]), 'end', 'stop'],
    [
      'a few slow ones, as the 95th percentile allows',
      at([[1000, 4]]),
      at([
        [96, 4],
        [4, 900],
      ]),
      'end',
      'go',
    ],
    [
      'more slow ones than chance explains',
      at([[1000, 4]]),
      at([
        [85, 4],
        [15, 900],
      ]),
      'end',
      'stop',
    ],
    [
      'six in a hundred may be chance',
      at([[1000, 4]]),
      at([
        [94, 4],
        [6, 900],
      ]),
      'end',
      'go',
    ],
    [
      'slow first requests of a cold program are not judged early',
      at([[1000, 4]]),
      at([
        [20, 4],
        [10, 150],
      ]),
      'early',
      'more',
    ],
    ['requests that still wait are slow ones', fast(1000), fast(80, 0, 20), 'early', 'stop'],
    ['streams that stay open on both sets say nothing', fast(1000, 0, 200), fast(80, 0, 20), 'end', 'go'],
    ['an old set that is slower than the histogram can tell', at([[100, 5000]]), at([[100, 5000]]), 'end', 'go'],
  ])('latency: %s', (_what, live, next, moment, verdict) => {
    expect(judgeSets(live, next, gates, moment).verdict).toBe(verdict);
  });

  it.each<[string, Window, Window, string]>([
    ['all users wait, only our own requests are answered', fast(800, 0, 0), at([[201, 4]], 0, 12, 0, 200), 'stop'],
    [
      'all users are slow beside many requests of our own',
      fast(800),
      at(
        [
          [200, 4],
          [9, 700],
        ],
        0,
        0,
        0,
        200,
      ),
      'stop',
    ],
    [
      'a few are slow: they may do something else than those before',
      fast(800),
      at(
        [
          [200, 4],
          [7, 700],
        ],
        0,
        0,
        0,
        200,
      ),
      'go',
    ],
    [
      'most users are served',
      fast(800),
      at(
        [
          [260, 4],
          [12, 700],
        ],
        0,
        0,
        0,
        200,
      ),
      'go',
    ],
    [
      'they waited on the old set as well',
      at(
        [
          [100, 4],
          [100, 3000],
        ],
        0,
        20,
      ),
      at([[201, 4]], 0, 12, 0, 200),
      'go',
    ],
    ['nobody knows how it was for users before', at([[150, 4]], 0, 0, 0, 140), at([[201, 4]], 0, 12, 0, 200), 'go'],
  ])('users alone: %s', (_what, live, next, verdict) => {
    expect(judgeSets(live, next, gates, 'early').verdict).toBe(verdict);
  });

  it.each<[string, number, number, boolean, string]>([
    ['as many as on the old set', 300, 30, true, 'go'],
    ['some more: clients differ', 20, 11, true, 'go'],
    ['a quarter of all where there were none', 0, 25, true, 'stop'],
    ['the same, but at another time', 0, 25, false, 'go'],
    ['half of all, where there were none before', 0, 50, false, 'stop'],
  ])('refusals: %s', (_what, live, next, beside, verdict) => {
    const [old, young] = [at([[1000, 4]], 0, 0, live), at([[100, 4]], 0, 0, next)];
    expect(judgeSets(old, young, gates, 'end', beside).verdict).toBe(verdict);
  });

  it('gives its reasons with numbers', () => {
    expect(judgeSets(fast(1000, 2), fast(100, 10), gates, 'end')).toEqual({
      verdict: 'stop',
      reason: '10 of 100 requests failed (10.00 %), on the old set 2 of 1000 (0.20 %); 1.00 % more is allowed',
    });
    expect(
      judgeSets(
        at([[1000, 20]]),
        at([
          [60, 20],
          [40, 700],
        ]),
        gates,
        'end',
      ),
    ).toEqual({
      verdict: 'stop',
      reason: '40 of 100 requests took longer than 74 ms; the 95th percentile of the old set is 24 ms, and 3 times that is allowed',
    });
    expect(judgeSets(fast(20), fast(30), gates, 'end')).toEqual({ verdict: 'more', live: 30, next: 20 });
  });

  it('never stops a release that is exactly like the old one, however often it looks', () => {
    const draw = random(7);
    let stopped = 0;
    for (let trial = 0; trial < 400; trial += 1) {
      let failed = 0;
      for (let requests = 1; requests <= 400; requests += 1) {
        if (draw() < 0.01) failed += 1;
        if (requests % 4 === 0 && judgeSets(fast(8000, 80), fast(requests, failed), gates, 'early').verdict === 'stop') stopped += 1;
      }
    }
    expect(stopped).toBe(0);
  });

  it('is not made stricter by more failures on the old set, nor milder by more on the next', () => {
    const few = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(few, few, few, (liveFailed, nextFailed, more) => {
        const stops = (live: number, next: number): boolean =>
          judgeSets(fast(1000, live), fast(500, next), gates, 'end').verdict === 'stop';
        if (stops(liveFailed + more, nextFailed)) expect(stops(liveFailed, nextFailed)).toBe(true);
        if (stops(liveFailed, nextFailed)) expect(stops(liveFailed, Math.min(500, nextFailed + more))).toBe(true);
      }),
    );
  });
});

/** The same numbers on every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the statistics', () => {
  it.each([
    [0, 10, 0.1, 1],
    [1, 10, 0.1, 1],
    [2, 10, 0.1, 0.2639010709],
    [5, 50, 0.01, 0.00014568926807],
    [30, 1000, 0.01, 0.000000205998885],
    [3, 3, 0.5, 0.125],
    [1, 10, 0, 0],
    [4, 3, 0.5, 0],
  ])('the chance of %i or more of %i at %f', (bad, all, chance, expected) => {
    expect(binomialTail(bad, all, chance)).toBeCloseTo(expected, 8);
  });

  it('agrees with a plain sum', () => {
    const plain = (bad: number, all: number, chance: number): number => {
      let sum = 0;
      for (let count = bad; count <= all; count += 1) {
        let term = 1;
        for (let index = 1; index <= count; index += 1) term *= ((all - count + index) / index) * chance;
        sum += term * (1 - chance) ** (all - count);
      }
      return sum;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 80 }),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        (a, b, chance) => {
          const [bad, all] = [Math.min(a, b), Math.max(a, b)];
          if (bad > all * chance) expect(binomialTail(bad, all, chance)).toBeCloseTo(plain(bad, all, chance), 8);
        },
      ),
    );
  });

  it('finds percentiles within buckets, and none beyond the last bound', () => {
    expect(percentile(at([[100, 8]]), 0, 0.95)).toBeCloseTo(9.75);
    expect(
      percentile(
        at([
          [90, 1],
          [10, 300],
        ]),
        0,
        0.95,
      ),
    ).toBeCloseTo(375);
    expect(
      percentile(
        at([
          [90, 1],
          [10, 9000],
        ]),
        0,
        0.95,
      ),
    ).toBe(Number.POSITIVE_INFINITY);
    expect(percentile(at([[90, 1]]), 10, 0.95)).toBe(Number.POSITIVE_INFINITY);
    expect(percentile(at([]), 0, 0.95)).toBe(0);
  });

  it('counts only what is certainly above a limit', () => {
    expect(
      countAbove(
        at([
          [5, 60],
          [7, 120],
          [9, 3000],
        ]),
        55,
      ),
    ).toBe(16);
    expect(
      countAbove(
        at([
          [5, 60],
          [7, 120],
          [9, 3000],
        ]),
        1000,
      ),
    ).toBe(9);
  });

  it('shows what people read', () => {
    const live = figures(at([[1000, 43]]));
    expect(figuresLine(live, figures(at([[200, 41]], 1)))).toBe('error 0.50 % (old 0.00 %)  p95 49 ms (old 49 ms)');
    expect(figuresLine(live, figures(fast(0)))).toBe('error 0.00 % (old 0.00 %)  p95 not known (old 49 ms)');
    expect(p95(fast(10, 0, 90))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('windows out of counters', () => {
  const look = (requests: number, waiting = 0, failed = 0): Counted => ({
    requests,
    failed,
    refused: 0,
    waiting,
    bounds: [10],
    buckets: [requests, 0],
  });

  it('adds up the services of one set of one release', () => {
    const one = {
      set: 'next',
      release: 'r2',
      requests: 5,
      errors: 1,
      refused: 3,
      buckets: [4, 1],
      bytes: 0,
      retries: 0,
      inFlight: 9,
      awaited: 2,
    } as const;
    const services = [
      { ...one, service: 'web' },
      { ...one, service: 'api' },
      { ...one, service: 'web', set: 'live' as const, release: 'r1' },
      { ...one, service: 'web', release: 'r0' },
    ];
    expect(counted({ atMs: 7, bounds: [10], services, replicas: [] }, 'next', 'r2')).toEqual({
      requests: 10,
      failed: 2,
      refused: 6,
      waiting: 4,
      bounds: [10],
      buckets: [8, 2],
    });
  });

  it('takes differences from where it began', () => {
    const watch = new SetWatch(look(100, 0, 7));
    expect(watch.add(look(130, 1, 9), 4)).toEqual({
      requests: 30,
      failed: 2,
      refused: 0,
      waiting: 1,
      probes: 4,
      bounds: [10],
      buckets: [30, 0],
    });
    expect(lifetime(look(100, 3, 7))).toMatchObject({ requests: 100, failed: 7, waiting: 3, probes: 0 });
  });

  it('begins again when the entry was replaced and counts from zero', () => {
    const watch = new SetWatch(look(100));
    watch.add(look(150));
    expect(watch.add(look(20))).toMatchObject({ requests: 20, buckets: [20, 0] });
    expect(watch.add(look(50))).toMatchObject({ requests: 50 });
  });
});
