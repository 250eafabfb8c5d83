/** What a release, a rollback or a scaling comes down to, in a line; pure. */
import type { GantryError } from '../../errors.ts';
import type { MeterResult } from '../../release/meter.ts';
import type { ReleaseRecord } from '../../release/history.ts';
import { steps } from '../../release/machine.ts';
import type { Target } from '../../targets/target.ts';
import { duration, thousands } from './text.ts';

const shownCommit = 7;

/** `taskly -> local (this machine)  release 42, commit 9f3c2ab` */
export function headline(
  app: string,
  env: { readonly name: string },
  target: Target,
  about: { readonly what: string; readonly commit: string | undefined },
): string {
  const [title = ''] = target.title.split(',');
  const place = `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  return `${app} -> ${env.name} (${place})  ${about.what}${about.commit === undefined ? '' : `, commit ${about.commit.slice(0, shownCommit)}`}`;
}

/** `0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms`; empty where nothing was measured. */
export function meterText(meter: MeterResult | null): string {
  if (meter === null || meter.requests === 0) return '';
  const { failed, requests, failures, p99DeltaMs, longestGapMs } = meter;
  const kinds = Object.entries(failures).map(([kind, number]) => `${number} x ${kind}`);
  return [
    `${thousands(failed)} of ${thousands(requests)} requests failed${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`,
    ...(p99DeltaMs === null ? [] : [`p99 ${p99DeltaMs < 0 ? '-' : '+'}${Math.abs(Math.round(p99DeltaMs))} ms`]),
    `longest gap ${Math.round(longestGapMs)} ms`,
  ].join(', ');
}

/** `release 41 (3f9a2b...)`, or `nothing` before the first. */
export function releaseName(number: number, release: string | null): string {
  return release === null ? 'nothing' : `release ${number === 0 ? '' : `${number} `}(${release})`;
}

export interface Failure {
  readonly error: GantryError;
  /** Of the attempt; undefined when it did not get that far. */
  readonly record: ReleaseRecord | undefined;
  readonly live: { readonly number: number; readonly release: string | null };
  readonly meter: MeterResult | null;
  /** How long it took from the decision until all requests went to the old set. */
  readonly backMs: number | undefined;
}

/** What is true after a release that failed: `rolled back to release 41 (...) in 0.6 s: no user has seen release 42.  0 of 90 requests failed` */
export function truthAfter({ error, record, live, meter, backMs }: Failure): string {
  if (error.code === 'GR1001') return `  Now: ${error.state ?? 'this command has changed nothing'}`;
  if (record?.outcome === 'running' && error.state !== undefined) return `  Now: ${error.state}`;
  const [serves = '', seen, ...database] = (error.state ?? '').split('; ');
  if (!touched(record)) return `  Now: ${untouched({ error, record, live }, database)}`;
  const who = seen?.replace('the new one', record?.number === 0 ? 'the new one' : `release ${record?.number ?? ''}`);
  const figures = meterText(meter);
  const end = `${who === undefined ? '' : `: ${who}`}${figures === '' ? '' : `.  ${figures}`}`;
  if (live.release === null) return `↺ taken away again: ${serves || 'nothing of this app serves requests'}`;
  const back = `↺ rolled back to ${releaseName(live.number, live.release)}${backMs === undefined ? '' : ` in ${shortTime(backMs)}`}${end}`;
  return [back, ...database.map((text) => `  Database: ${text}`)].join('\n');
}

/** Migrations run before anything starts: they are all that can have changed then. */
function untouched({ error, record, live }: Pick<Failure, 'error' | 'record' | 'live'>, database: readonly string[]): string {
  if (live.release === null) return error.state ?? 'nothing was changed';
  const serves = `${releaseName(live.number, live.release)} serves everything`;
  if (database.length > 0) return [serves, ...database].join('; ');
  if (record?.failed?.step === 'migrate') return `${serves}; the migration may have been applied, in whole or in part`;
  return `nothing was changed; ${serves}`;
}

function shortTime(ms: number): string {
  return ms < 100 ? `${ms} ms` : duration(ms);
}

/** Whether the attempt got as far as starting something. */
function touched(record: ReleaseRecord | undefined): boolean {
  return record?.failed != null && steps.indexOf(record.failed.step) >= steps.indexOf('apply');
}
