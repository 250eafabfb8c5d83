/** What is said of an operation while somebody looks at something else; pure. */
import type { Meter, Operation } from '../../../src/server/api/index.ts';
import { count, duration, latency, number } from '../ui/format.ts';

/** `0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms` */
export function meterText({ requests, failed, p99DeltaMs, longestGapMs }: Meter): string {
  const sign = (p99DeltaMs ?? 0) < 0 ? '-' : '+';
  const change = p99DeltaMs === null ? '' : `, p99 ${sign}${latency(Math.abs(p99DeltaMs))}`;
  const gap = longestGapMs === 0 ? '' : `, longest gap ${latency(longestGapMs)}`;
  return `${number(failed)} of ${count(requests, 'request')} failed${change}${gap}`;
}

/** One line: what is done where, or how it ended. */
export function operationText({ operation, environment, state, error, result }: Operation): string {
  if (state === 'running') return `${operation} in ${environment} is under way`;
  if (state === 'failed') return error?.message ?? `${operation} in ${environment} failed`;
  if (state === 'asks') return `${operation} in ${environment} needs an answer; nothing was changed`;
  if (state === 'unchanged') return `${operation} in ${environment}: nothing has changed`;
  const took = result === null ? '' : ` in ${duration(result.durationMs)}`;
  const measured = result?.meter == null ? '' : `. ${meterText(result.meter)}`;
  return `${done(operation, result?.number)}${took}${measured}`;
}

function done(operation: string, release: number | undefined): string {
  if (operation === 'deploy' && release !== undefined) return `release ${release} promoted`;
  if (operation === 'rollback' && release !== undefined) return `rolled back to release ${release}`;
  return `${operation} done`;
}

export const symbols: Readonly<Record<Operation['state'], string>> = { running: '~', changed: '✓', unchanged: '✓', asks: '~', failed: '✗' };
