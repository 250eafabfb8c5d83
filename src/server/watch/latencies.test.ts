import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addBuckets, latencies } from './latencies.ts';

const bounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

function histogram(values: readonly number[]) {
  const buckets = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const value of values) buckets[bucketOf(value)] = (buckets[bucketOf(value)] ?? 0) + 1;
  return { bounds, buckets };
}

function bucketOf(value: number): number {
  const index = bounds.findIndex((bound) => value <= bound);
  return index < 0 ? bounds.length : index;
}

/** The smallest value that at least this share of all values does not exceed. */
function exact(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? NaN;
}

test('nothing was answered: there is no latency', () => {
  expect(latencies(histogram([]))).toEqual({ p50: null, p95: null, p99: null });
  expect(latencies({ bounds, buckets: [] })).toEqual({ p50: null, p95: null, p99: null });
});

test('of an even spread within a bucket the estimate is exact', () => {
  const values = Array.from({ length: 1000 }, (_, index) => 100 + ((index + 1) * 150) / 1000);
  expect(latencies(histogram(values))).toEqual({ p50: 175, p95: 242.5, p99: 248.5 });
});

test('of an exponential spread, which is densest at the lower end of each bucket, the estimates are high by a third at most', () => {
  const mean = 40;
  const values = Array.from({ length: 10_000 }, (_, index) => -mean * Math.log(1 - (index + 0.5) / 10_000));
  const { p50, p95, p99 } = latencies(histogram(values));
  for (const [estimate, share] of [
    [p50, 0.5],
    [p95, 0.95],
    [p99, 0.99],
  ] as const) {
    const truth = -mean * Math.log(1 - share);
    expect(((estimate ?? 0) - truth) / truth).toBeGreaterThan(-0.05);
    expect(((estimate ?? 0) - truth) / truth).toBeLessThan(0.34);
  }
});

test('what took longer than all bounds is told as the last one', () => {
  expect(latencies(histogram([60_000, 90_000]))).toEqual({ p50: 30_000, p95: 30_000, p99: 30_000 });
});

test('an estimate lies in the bucket of the true percentile', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 40_000, noNaN: true }), { minLength: 1, maxLength: 300, size: 'max' }), (values) => {
      const { p50, p95, p99 } = latencies(histogram(values));
      for (const [estimate, share] of [
        [p50, 0.5],
        [p95, 0.95],
        [p99, 0.99],
      ] as const) {
        const bucket = bucketOf(exact(values, share));
        expect(estimate).toBeGreaterThanOrEqual(bounds[bucket - 1] ?? 0);
        expect(estimate).toBeLessThanOrEqual((bounds[bucket] ?? 30_000) + 1e-9);
      }
    }),
  );
});

test('histograms add up, whatever their lengths', () => {
  expect(addBuckets([1, 2], [1, 1, 1])).toEqual([2, 3, 1]);
});
