/**
 * The release as a pure state machine. `transition` alone decides what comes next; the runner performs the step that the state names and
 * reports how it ended. The journal is the list of events, so any prefix of it gives the state in which a crash left the release.
 */

/** In this order; none is skipped, a step that has nothing to do says so. From `apply` to `bake` two sets stand side by side. */
export const steps = [
  'lock',
  'guard',
  'build',
  'plan',
  'confirm',
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
] as const;

export type Step = (typeof steps)[number];

interface Standing {
  /** Id of the promoted release; null before the first and after `destroy`. */
  readonly live: string | null;
  /** The one promoted before it, where `rollback` goes without a name. */
  readonly previous: string | null;
}

export type ReleaseState =
  | (Standing & { readonly phase: 'idle' })
  | (Standing & { readonly phase: 'running'; readonly step: Step; readonly release: string | null })
  | (Standing & { readonly phase: 'reverting'; readonly failed: Step; readonly release: string | null })
  | (Standing & { readonly phase: 'destroying' });

export type ReleaseEvent =
  | { readonly type: 'begun'; readonly operation: string; readonly who: string }
  /** The content is known, and with it the release's id. */
  | { readonly type: 'named'; readonly release: string }
  /** The release that serves already is the one asked for. */
  | { readonly type: 'unchanged' }
  | { readonly type: 'done'; readonly step: Step }
  | { readonly type: 'failed'; readonly step: Step; readonly code: string; readonly message: string }
  | { readonly type: 'reverted' }
  | { readonly type: 'destroying'; readonly who: string }
  | { readonly type: 'destroyed' }
  /** Something worth keeping that changes no state: figures of the meter, a verdict, a scaling decision, an allowed guardrail. */
  | { readonly type: 'noted'; readonly about: NoteSubject };

export type NoteSubject = 'guard' | 'plan' | 'schema' | 'gate' | 'meter' | 'timing' | 'scale' | 'restart';

const eventTypes: ReadonlySet<string> = new Set<ReleaseEvent['type']>([
  'begun',
  'named',
  'unchanged',
  'done',
  'failed',
  'reverted',
  'destroying',
  'destroyed',
  'noted',
]);

/** False for what a later version may have written. */
export function isKnown(event: { readonly type: string; readonly step?: unknown }): event is ReleaseEvent {
  const isStepKnown = (event.type !== 'done' && event.type !== 'failed') || steps.some((step) => step === event.step);
  return eventTypes.has(event.type) && isStepKnown;
}

export const initial: ReleaseState = { phase: 'idle', live: null, previous: null };

/** @throws Error on an event that the state does not expect: a bug in the runner or a damaged journal. */
export function transition(state: ReleaseState, event: ReleaseEvent): ReleaseState {
  switch (event.type) {
    case 'begun':
      return begin(state);
    case 'named':
      return { ...unnamed(state, event), release: event.release };
    case 'unchanged':
      return idle(unnamed(state, event));
    case 'done':
      return advance(running(state, event), event.step);
    case 'failed':
      return fail(running(state, event), event.step);
    case 'reverted':
      return idle(inPhase(state, 'reverting', event));
    case 'destroying':
      return { ...standing(inPhase(state, 'idle', event)), phase: 'destroying' };
    case 'destroyed':
      inPhase(state, 'destroying', event);
      return initial;
    case 'noted':
      return state;
  }
}

export function replay(events: readonly ReleaseEvent[]): ReleaseState {
  return events.reduce(transition, initial);
}

/** Whether all requests go to the next set by decision, so that recovery goes on with the release rather than takes it back. */
export function pastShift(state: ReleaseState): boolean {
  return state.phase === 'running' && steps.indexOf(state.step) > steps.indexOf('shift');
}

/** Whether the old set may be gone already: from then on there is no way back along this walk. */
export function pastReturn(state: ReleaseState): boolean {
  return state.phase === 'running' && state.step === 'retire';
}

type Running = Extract<ReleaseState, { phase: 'running' }>;

function begin(state: ReleaseState): ReleaseState {
  if (state.phase !== 'idle') throw unexpected(state, 'begun');
  return { ...state, phase: 'running', step: 'lock', release: null };
}

function advance(state: Running, done: Step): ReleaseState {
  if (state.step !== done || (done === namedAt && state.release === null)) throw unexpected(state, `done ${done}`);
  const next = steps[steps.indexOf(done) + 1];
  return next === undefined ? promote(state) : { ...state, step: next };
}

function promote(state: Running): ReleaseState {
  return { phase: 'idle', live: state.release, previous: state.live };
}

/** Retiring the old set is repeated until it works; everything before is taken back. */
function fail(state: Running, step: Step): ReleaseState {
  if (state.step !== step) throw unexpected(state, `failed ${step}`);
  if (pastReturn(state)) return state;
  return { ...standing(state), phase: 'reverting', failed: step, release: state.release };
}

/** A release has its name when everything that it consists of is known, and before it is used anywhere. */
const namedAt: Step = 'push';

function unnamed(state: ReleaseState, event: ReleaseEvent): Running {
  const found = running(state, event);
  if (found.step !== namedAt || found.release !== null) throw unexpected(state, event.type);
  return found;
}

function standing({ live, previous }: Standing): Standing {
  return { live, previous };
}

function idle(state: Standing): ReleaseState {
  return { ...standing(state), phase: 'idle' };
}

function running(state: ReleaseState, event: ReleaseEvent): Running {
  return inPhase(state, 'running', event);
}

function inPhase<P extends ReleaseState['phase']>(state: ReleaseState, phase: P, event: ReleaseEvent): Extract<ReleaseState, { phase: P }> {
  if (state.phase !== phase) throw unexpected(state, event.type);
  return state as Extract<ReleaseState, { phase: P }>;
}

function unexpected(state: ReleaseState, event: string): Error {
  return new Error(`release: ${event} is not expected while ${state.phase}${state.phase === 'running' ? ` ${state.step}` : ''}`);
}
