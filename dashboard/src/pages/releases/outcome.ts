/** How an attempt ended, in the words and symbols of the terminal; pure. */
import type { Meter, ReleaseDetail, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { duration, number } from '../../ui/format.ts';

type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

export interface Ending {
  readonly symbol: '✓' | '✗' | '↺' | '~' | '-';
  readonly words: string;
  readonly tone: Tone;
}

const endings: Readonly<Record<ReleaseSummary['outcome'], Ending>> = {
  running: { symbol: '~', words: 'under way', tone: 'info' },
  promoted: { symbol: '✓', words: 'promoted', tone: 'good' },
  'rolled back': { symbol: '↺', words: 'rolled back', tone: 'warn' },
  failed: { symbol: '✗', words: 'failed', tone: 'bad' },
  unchanged: { symbol: '-', words: 'unchanged', tone: 'quiet' },
};

/** @param atWork somebody carries on what has no end yet; undefined while nobody knows */
export function endingOf({ outcome }: Pick<ReleaseSummary, 'outcome'>, atWork?: boolean): Ending {
  if (outcome === 'running' && atWork === false) return { symbol: '~', words: 'half-way', tone: 'warn' };
  return endings[outcome];
}

/** `release 42`, or what was attempted when it did not become one. */
export function nameOf(release: Pick<ReleaseSummary, 'number' | 'operation'>): string {
  return release.number === 0 ? `${release.operation} without a release` : `release ${release.number}`;
}

/** `0 of 1,832 failed`; empty where nothing was measured. */
export function failedText(meter: Pick<Meter, 'failed' | 'requests'> | null): string {
  return meter === null || meter.requests === 0 ? '' : `${number(meter.failed)} of ${number(meter.requests)} failed`;
}

/** `0 of 1,832 failed, longest gap 38 ms`: what fits into a line of a list. */
export function briefMeterText(meter: Meter | null): string {
  return meterText(meter === null ? null : { ...meter, p99DeltaMs: null });
}

/** `0 of 1,832 failed, p99 +3 ms, longest gap 38 ms`; empty where nothing was measured. */
export function meterText(meter: Meter | null): string {
  if (meter === null || meter.requests === 0) return '';
  return [
    failedText(meter),
    ...(meter.p99DeltaMs === null ? [] : [`p99 ${deltaText(meter.p99DeltaMs)}`]),
    `longest gap ${number(Math.round(meter.longestGapMs))} ms`,
  ].join(', ');
}

/** `+3 ms` */
export function deltaText(ms: number): string {
  const rounded = Math.round(ms);
  return `${rounded < 0 ? '-' : '+'}${number(Math.abs(rounded))} ms`;
}

/** `2 x reset, 1 x 502`; the most frequent first. */
export function failuresText(failures: Meter['failures']): string {
  return Object.entries(failures)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, times]) => `${number(times)} x ${kind}`)
    .join(', ');
}

/** Where a rollback without a name goes: the newest kept release other than the one that serves. */
export function rollbackGoal(releases: readonly ReleaseSummary[]): ReleaseSummary | undefined {
  const live = releases.find((release) => release.live);
  return releases.find(({ outcome, runnable, release }) => outcome === 'promoted' && runnable && release !== live?.release);
}

/** Only the newest attempt of each release is offered. */
export function canGoBackTo(one: ReleaseSummary, releases: readonly ReleaseSummary[]): boolean {
  if (one.outcome !== 'promoted' || !one.runnable || one.release === null) return false;
  return releases.find(({ live }) => live)?.release !== one.release;
}

/** The release promoted before the given attempt, to compare it with. */
export function promotedBefore(
  one: Pick<ReleaseSummary, 'key' | 'release'>,
  releases: readonly ReleaseSummary[],
): ReleaseSummary | undefined {
  const index = releases.findIndex(({ key }) => key === one.key);
  if (index === -1) return undefined;
  return releases.slice(index + 1).find(({ outcome, release }) => outcome === 'promoted' && release !== null && release !== one.release);
}

interface Result extends Ending {
  readonly text: string;
}

/** The line at the end of an attempt; undefined while it lasts. */
export function resultOf(
  detail: Pick<ReleaseDetail, 'number' | 'outcome' | 'operation' | 'durationMs' | 'meter' | 'backMs'>,
): Result | undefined {
  if (detail.outcome === 'running') return undefined;
  const ending = endingOf(detail);
  const took = detail.durationMs === null ? '' : ` in ${duration(detail.durationMs)}`;
  const figures = meterText(detail.meter);
  return { ...ending, text: `${sentence(detail, took)}${figures === '' ? '' : ` ${figures}.`}` };
}

function sentence(detail: Parameters<typeof resultOf>[0], took: string): string {
  const name = nameOf(detail);
  if (detail.outcome === 'promoted') return `${name} promoted${took}.`;
  if (detail.outcome === 'unchanged') return 'Nothing has changed: this release serves already.';
  if (detail.outcome === 'failed') return `The ${detail.operation} failed${took}, before any user saw it.`;
  return `${name} was rolled back${detail.backMs === null ? '' : `: no user was on it any more after ${backText(detail.backMs)}`}.`;
}

function backText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}

/** Each promoted release once, newest first: what can be compared. */
export function promotedOnce(releases: readonly ReleaseSummary[]): readonly ReleaseSummary[] {
  const seen = new Set<string>();
  return releases.filter(({ outcome, release }) => {
    if (outcome !== 'promoted' || release === null || seen.has(release)) return false;
    seen.add(release);
    return true;
  });
}
