/** Latencies out of a histogram; pure. */
import { percentile, type Histogram } from '../../release/gate-numbers.ts';
import type { Traffic } from '../api/index.ts';

export type Latencies = Pick<Traffic, 'p50' | 'p95' | 'p99'>;

export const noLatencies: Latencies = { p50: null, p95: null, p99: null };

/**
 * Evenly spread within a bucket, so an estimate lies in the same bucket as the true percentile and is wrong by less than that bucket's
 * width: at most 1 ms below 1 ms, and at most a factor of 2.5 above. What took longer than the last bound is told as that bound.
 */
export function latencies(histogram: Histogram): Latencies {
  if (!histogram.buckets.some((count) => count > 0)) return noLatencies;
  const longest = histogram.bounds.at(-1) ?? 0;
  const at = (share: number): number => Math.min(longest, percentile(histogram, 0, share));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function addBuckets(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}
