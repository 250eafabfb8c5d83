/** The walk of a release as rows of a list, from what is recorded and what is being said right now; pure. */
import type { Progress, ReleaseDetail, WalkStep } from '../../../../src/server/api/index.ts';

export interface WalkRow {
  readonly step: string;
  readonly about: string;
  readonly state: WalkStep['state'];
  readonly symbol: '✓' | '✗' | '↺' | '~' | '-' | '';
  readonly message: string;
  readonly startedAt: number | null;
  /** Null where it is not known, or has not begun. */
  readonly durationMs: number | null;
  /** Of the longest step, 0 to 1. */
  readonly part: number;
}

const symbols: Readonly<Record<WalkStep['state'], WalkRow['symbol']>> = {
  waiting: '',
  running: '~',
  done: '✓',
  failed: '✗',
  skipped: '-',
  'taken back': '↺',
};

/** Milliseconds so far for what is still running. */
export function durationOf({ startedAt, endedAt, state }: WalkStep, now: number): number | null {
  if (startedAt === null) return null;
  if (endedAt === null && state !== 'running') return null;
  return Math.max(0, (endedAt ?? now) - startedAt);
}

/** What is said of a step: in an attempt that has ended, nothing waits any more. */
export function wordOf(state: WalkStep['state'], hasEnded: boolean): string {
  return state === 'waiting' && hasEnded ? 'not reached' : state;
}

/** @param now of the server's clock, ms since 1970 */
export function walkRows(walk: readonly WalkStep[], now: number): WalkRow[] {
  const durations = walk.map((step) => durationOf(step, now));
  const longest = Math.max(1, ...durations.map((duration) => duration ?? 0));
  return walk.map((step, index) => {
    const durationMs = durations[index] ?? null;
    const { about, state, message, startedAt } = step;
    return { step: step.step, about, state, symbol: symbols[state], message, startedAt, durationMs, part: (durationMs ?? 0) / longest };
  });
}

/** What is said now stands in the place of what was recorded; steps that only the stream knows (`revert`) follow. */
export function mergedWalk(recorded: readonly WalkStep[], live: readonly WalkStep[]): WalkStep[] {
  const young = new Map(live.map((step) => [step.step, step]));
  const known = new Set(recorded.map(({ step }) => step));
  const merged = recorded.map((step) => newer(step, young.get(step.step)));
  return [...merged, ...live.filter(({ step }) => !known.has(step))];
}

/** A step whose end is recorded does not begin again. */
function newer(recorded: WalkStep, live: WalkStep | undefined): WalkStep {
  if (live === undefined) return recorded;
  const hasEnded = recorded.endedAt !== null && live.endedAt === null;
  if (hasEnded) return recorded.message === '' ? { ...recorded, message: live.message } : recorded;
  return { ...live, about: live.about === '' ? recorded.about : live.about, startedAt: live.startedAt ?? recorded.startedAt };
}

/** The detail with what the stream says of the same attempt. */
export function withProgress(detail: ReleaseDetail, progress: Progress | null | undefined): ReleaseDetail {
  if (progress == null || progress.key !== detail.key || detail.outcome !== 'running') return detail;
  const { gate, meter } = progress;
  const gates = gate === null ? detail.gates : [...detail.gates.filter(({ step }) => step !== gate.step), gate];
  return { ...detail, walk: mergedWalk(detail.walk, progress.walk), gates, meter: meter ?? detail.meter };
}

/** The step at which it is, or where it ended. */
export function currentStep(walk: readonly WalkStep[]): WalkStep | undefined {
  return (
    walk.findLast(({ state }) => state === 'running') ??
    walk.find(({ state }) => state === 'failed') ??
    walk.findLast(({ state }) => state === 'done')
  );
}

/** Whether it was taken back, or is being. */
export function isTakenBack(walk: readonly WalkStep[]): boolean {
  return walk.some(({ state, step }) => state === 'taken back' || step === 'revert');
}

/** `retire` is never taken back: the old set may be gone. */
export function canTakeBack(walk: readonly WalkStep[]): boolean {
  if (isTakenBack(walk) || walk.some(({ state }) => state === 'failed')) return false;
  return !walk.some(({ step, state }) => step === 'retire' && state !== 'waiting');
}

/** Nothing is asked in these any more. */
const unasked: ReadonlySet<string> = new Set([
  'passwords',
  'provision',
  'urls',
  'push',
  'migrate',
  'apply',
  'healthy',
  'smoke',
  'canary',
  'shift',
  'bake',
  'retire',
]);

/** Whether everything that has to be confirmed is. */
export function isPastQuestions(walk: readonly WalkStep[]): boolean {
  return walk.some(({ step, state }) => unasked.has(step) && state !== 'waiting');
}
