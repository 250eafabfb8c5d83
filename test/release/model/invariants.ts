/** What must hold, in words. Each function gives a sentence when it does not. */
import { history } from '../../../src/release/history.ts';
import type { StoredEvent } from '../../../src/release/journal.ts';
import { replay, steps, transition, initial, type ReleaseState } from '../../../src/release/machine.ts';

/** The place as users and operators find it. */
export interface Seen {
  readonly live: string | undefined;
  readonly next: string | undefined;
  readonly share: number;
  readonly ready: ReadonlySet<string>;
}

type Verdict = string | undefined;

/** Who holds, or held, which lock when it touches the place. */
export interface Writer {
  readonly who: string;
  readonly token: number | undefined;
  /** It has been told that the lock was taken away. */
  readonly lost: boolean;
}

/** At most one process changes the place: the newest holder of the lock. @param newest token of those who have touched it so far */
export function onlyTheHolderWrites({ who, token, lost }: Writer, newest: number, what: string): Verdict {
  if (token === undefined) return `${who} touches the place (${what}) and never had the lock`;
  if (lost) return `${who} touches the place (${what}) although it has lost the lock`;
  return token < newest ? `${who} touches the place (${what}) after somebody newer did` : undefined;
}

/** Requests go only to sets that are ready; where nothing was ever promoted, to none. */
export function usersReachReadySets({ live, next, share, ready }: Seen): Verdict {
  if (share > 0 && (next === undefined || !ready.has(next))) return `${share} % of the users are sent to a next set that is not ready`;
  if (share < 100 && live !== undefined && !ready.has(live))
    return `${100 - share} % of the users are sent to a live set that is not ready`;
  return undefined;
}

/** Until the bake has ended, the release that served before stands ready: going back is one shift. */
export function oldReleaseIsWarm(state: ReleaseState, { live, ready }: Seen): Verdict {
  const isUnderWay = state.phase === 'reverting' || (state.phase === 'running' && state.step !== 'retire');
  if (!isUnderWay || state.live === null) return undefined;
  return live === state.live && ready.has(live) ? undefined : `release ${state.live} is not there any more to go back to`;
}

/** At rest exactly one release is promoted, and the place serves exactly that one. */
export function oneReleaseServes(state: ReleaseState, { live, next, share, ready }: Seen): Verdict {
  if (state.phase !== 'idle') return `the journal still says ${state.phase}`;
  if ((live ?? null) !== state.live) return `the journal says that ${state.live} serves, the place serves ${live ?? 'nothing'}`;
  if (next !== undefined || share !== 0) return `of a next set ${next} is left, with ${share} % of the users`;
  return live === undefined || ready.has(live) ? undefined : `release ${live} is not ready`;
}

/** After any failure nothing of a next set is left, unless users are on it by decision. */
export function nothingOfNextIsLeft(state: ReleaseState, { next, share }: Seen): Verdict {
  if (state.phase !== 'idle') return undefined;
  return next === undefined && share === 0 ? undefined : `a failed release has left the set of ${next}, with ${share} % of the users`;
}

/** Every release walks through all steps, in order, and has its name before it is used. */
export function walkSkipsNothing(events: readonly StoredEvent[]): Verdict {
  let done: string[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === 'begun') done = [];
    if (event.type === 'done') done.push(event.step);
    const expected = steps.slice(0, done.length);
    if (done.some((step, at) => step !== expected[at])) return `event ${index + 1} skips a step: ${done.join(' ')}`;
  }
  return (
    history(events).find(({ outcome, release }) => outcome === 'promoted' && release === null) && 'a release without a name was promoted'
  );
}

/** A rollback without a name ends in the release that was promoted before the one that served. */
export function rollbackGoesBack(events: readonly StoredEvent[], isNamed: (who: string) => boolean): Verdict {
  let state: ReleaseState = initial;
  let wanted: string | null | undefined;
  for (const event of events) {
    if (event.type === 'begun') wanted = event.operation === 'rollback' && !isNamed(event.who) ? state.previous : undefined;
    state = transition(state, event);
    if (state.phase === 'idle' && event.type === 'done' && wanted !== undefined && state.live !== wanted)
      return `a rollback went to ${state.live}, not to ${wanted}`;
  }
  return undefined;
}

/** What is settled is the old release or the new one. */
export function oldOrNew(before: ReleaseState, after: ReleaseState): Verdict {
  const possible = [before.live, ...('release' in before ? [before.release] : []), ...(before.phase === 'destroying' ? [null] : [])];
  return possible.includes(after.live) ? undefined : `${after.live} serves after ${JSON.stringify(before)}`;
}

/** Releases are numbered from 1, without gaps, in the order of the journal. */
export function numbersCount(events: readonly StoredEvent[]): Verdict {
  const numbers = history(events).flatMap(({ number }) => (number === 0 ? [] : [number]));
  return numbers.every((number, index) => number === index + 1) ? undefined : `the numbers are ${numbers.join(' ')}`;
}

export function stateOf(events: readonly StoredEvent[]): ReleaseState {
  return replay(events);
}
