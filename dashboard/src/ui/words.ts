/** Sentences that several pages say in the words of the terminal; pure. */
import type { Meter } from '../../../src/server/api/index.ts';
import { count, latency, number } from './format.ts';

/** `0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms` */
export function meterText({ requests, failed, p99DeltaMs, longestGapMs }: Meter): string {
  const sign = (p99DeltaMs ?? 0) < 0 ? '-' : '+';
  const change = p99DeltaMs === null ? '' : `, p99 ${sign}${latency(Math.abs(p99DeltaMs))}`;
  const gap = longestGapMs === 0 ? '' : `, longest gap ${latency(longestGapMs)}`;
  return `${number(failed)} of ${count(requests, 'request')} failed${change}${gap}`;
}
