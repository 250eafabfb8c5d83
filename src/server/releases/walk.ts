/** The walk of one attempt as people see it, by what is recorded and what is being said; pure. */
import type { StoredEvent } from '../../release/journal.ts';
import { replay, steps, type ReleaseState, type Step } from '../../release/machine.ts';
import type { WalkStep } from '../api/index.ts';
import type { Said, WalkedStep } from './said.ts';

const about: Readonly<Record<WalkedStep, string>> = {
  lock: 'Only one person or program changes an environment at a time.',
  guard: 'Looks for mistakes that have hurt others before, and stops at those that would hurt here.',
  build: 'Makes from the source what will run; what has not changed is not made again.',
  plan: 'Compares what is wanted with what runs, and says what will change.',
  confirm: 'Whatever could lose something waits for a yes; until here nothing has changed for anybody.',
  passwords: 'Makes a password for each database that has none.',
  provision: 'Sets up databases and whatever else the services need.',
  urls: 'Stores addresses that contain a password as secrets, so that no file contains one.',
  push: 'Gives the release its name, and takes what was made to where it will run.',
  migrate: 'Prepares the database for the new version, while the old one goes on working with it.',
  apply: 'Starts the new version beside the old one; no user is on it yet.',
  healthy: 'Waits until each new replica says that it is ready.',
  smoke: 'Tries the new version before any user does.',
  canary: 'A few requests of users go to the new version, and both versions are compared.',
  shift: 'All requests go to the new version.',
  bake: 'The old version stays warm for a while: going back takes a moment.',
  retire: 'The old version answers what it still has, then stops.',
  revert: 'All requests go to the old version again, then the new one is removed.',
};

/** A step of these that says nothing had nothing to do. */
const optional: ReadonlySet<Step> = new Set(['confirm', 'passwords', 'push', 'migrate', 'canary', 'bake', 'retire']);
/** From here on the new version stands, which going back removes. What migrations did to a database stays. */
const standing = steps.indexOf('apply');

interface Mark {
  readonly state: WalkStep['state'];
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly message: string;
}

/** What somebody who carries the attempt on has said; undefined when nobody does. */
export type Voice = Pick<Said, 'message'> | undefined;

/** @param events of one attempt, from its beginning */
export function walkOf(events: readonly StoredEvent[], voice: Voice): WalkStep[] {
  const marks = new Map<WalkedStep, Mark>();
  let from = timeOf(events[0]);
  for (const event of events) from = mark(marks, event, from);
  markPresent(marks, replay(events), from, voice);
  const names: readonly WalkedStep[] = marks.has('revert') ? [...steps, 'revert'] : steps;
  return names.map((step) => ({ step, about: about[step], ...(marks.get(step) ?? unreached) }));
}

const unreached: Mark = { state: 'waiting', startedAt: null, endedAt: null, message: '' };

/** A step begins where the one before has ended. @returns where the next one begins */
function mark(marks: Map<WalkedStep, Mark>, event: StoredEvent, from: number): number {
  const at = Math.max(from, timeOf(event));
  if (event.type === 'done' || event.type === 'failed') {
    const startedAt = marks.get(event.step)?.startedAt ?? from;
    marks.set(event.step, { ...endOf(event), startedAt, endedAt: at });
    return at;
  }
  if (event.type === 'unchanged') marks.set('push', { state: 'done', startedAt: from, endedAt: at, message: 'nothing has changed' });
  if (event.type === 'reverted') takeBack(marks, from, at);
  return from;
}

function endOf(event: Extract<StoredEvent, { type: 'done' | 'failed' }>): Pick<Mark, 'state' | 'message'> {
  if (event.type === 'failed') return { state: 'failed', message: event.message };
  const message = event['message'];
  const isSkipped = message === '' && optional.has(event.step);
  return { state: isSkipped ? 'skipped' : 'done', message: typeof message === 'string' ? message : '' };
}

function takeBack(marks: Map<WalkedStep, Mark>, startedAt: number, endedAt: number): void {
  if (!hasStood(marks)) return;
  for (const step of steps.slice(standing)) {
    const known = marks.get(step);
    if (known?.state === 'done') marks.set(step, { ...known, state: 'taken back' });
  }
  marks.set('revert', { state: 'done', startedAt, endedAt, message: '' });
}

/** The step at which the new version starts has begun, so that there may be something to remove. */
function hasStood(marks: ReadonlyMap<WalkedStep, Mark>): boolean {
  return marks.has('apply');
}

/** What goes on now; where nobody carries it on, a step that has begun and not ended is told as one that failed. */
function markPresent(marks: Map<WalkedStep, Mark>, state: ReleaseState, from: number, voice: Voice): void {
  const step = presentStep(state, marks);
  if (step !== undefined) {
    const before = marks.get(step);
    const present: Mark =
      voice === undefined ? abandoned(before) : { state: 'running', message: voice.message(step), endedAt: null, startedAt: null };
    marks.set(step, { ...present, startedAt: before?.startedAt ?? from });
  }
  for (const [name, known] of marks) {
    const said = voice?.message(name) ?? '';
    if (said !== '' && known.message === '') marks.set(name, { ...known, message: said });
  }
}

function abandoned(before: Mark | undefined): Mark {
  const message = 'nobody carries this on; the next command finishes it or takes it back';
  return before?.state === 'failed' ? before : { state: 'failed', startedAt: null, endedAt: null, message };
}

function presentStep(state: ReleaseState, marks: ReadonlyMap<WalkedStep, Mark>): WalkedStep | undefined {
  if (state.phase === 'running') return state.step;
  return state.phase === 'reverting' && hasStood(marks) ? 'revert' : undefined;
}

function timeOf(event: StoredEvent | undefined): number {
  const time = Date.parse(event?.at ?? '');
  return Number.isNaN(time) ? 0 : time;
}
