/**
 * The release as a pure state machine. `transition` alone decides what comes next; the runner performs the step that the state names and
 * reports how it ended. The journal is the list of events, so any prefix of it gives the state in which a crash left the release.
 */

/** In this order. `shift` is the point of no return: before it a crash goes back to the old release, from it on to the new one. */
export const steps = [
  'lock',
  'guard',
  'build',
  'plan',
  'passwords',
  'provision',
  'urls',
  'migrate',
  'apply',
  'healthy',
  'smoke',
  'shift',
  'retire',
] as const;

export type Step = (typeof steps)[number];

export type ReleaseState =
  | { readonly phase: 'idle'; readonly live: string | null; readonly previous: string | null }
  | {
      readonly phase: 'running';
      readonly live: string | null;
      readonly previous: string | null;
      readonly step: Step;
      readonly release: string | null;
    }
  | {
      readonly phase: 'reverting';
      readonly live: string | null;
      readonly previous: string | null;
      readonly failed: Step;
      readonly release: string | null;
    };

export type ReleaseEvent =
  | { readonly type: 'begun'; readonly operation: string; readonly who: string }
  /** The content is known, and with it the release's id. */
  | { readonly type: 'named'; readonly release: string }
  /** The release that serves already is the one asked for. */
  | { readonly type: 'unchanged' }
  | { readonly type: 'done'; readonly step: Step }
  | { readonly type: 'failed'; readonly step: Step; readonly code: string; readonly message: string }
  | { readonly type: 'reverted' };

export const initial: ReleaseState = { phase: 'idle', live: null, previous: null };

/** @throws Error on an event that the state does not expect: a bug in the runner or a damaged journal. */
export function transition(state: ReleaseState, event: ReleaseEvent): ReleaseState {
  switch (event.type) {
    case 'begun':
      return begin(state);
    case 'named':
      return { ...running(state, event), release: event.release };
    case 'unchanged':
      return idle(running(state, event));
    case 'done':
      return advance(running(state, event), event.step);
    case 'failed':
      return fail(running(state, event), event.step);
    case 'reverted':
      return idle(reverting(state, event));
  }
}

export function replay(events: readonly ReleaseEvent[]): ReleaseState {
  return events.reduce(transition, initial);
}

/** Whether users may already have reached the next set, so that recovery must finish the release rather than take it back. */
export function pastShift(state: ReleaseState): boolean {
  return state.phase === 'running' && steps.indexOf(state.step) > steps.indexOf('shift');
}

type Running = Extract<ReleaseState, { phase: 'running' }>;

function begin(state: ReleaseState): ReleaseState {
  if (state.phase !== 'idle') throw unexpected(state, 'begun');
  return { ...state, phase: 'running', step: 'lock', release: null };
}

function advance(state: Running, done: Step): ReleaseState {
  if (state.step !== done) throw unexpected(state, `done ${done}`);
  const next = steps[steps.indexOf(done) + 1];
  return next === undefined ? promote(state) : { ...state, step: next };
}

function promote(state: Running): ReleaseState {
  return { phase: 'idle', live: state.release, previous: state.live };
}

/** After the shift there is no way back along this walk: retiring the old set is repeated until it works. */
function fail(state: Running, step: Step): ReleaseState {
  if (state.step !== step) throw unexpected(state, `failed ${step}`);
  if (pastShift(state)) return state;
  return { phase: 'reverting', live: state.live, previous: state.previous, failed: step, release: state.release };
}

function idle(state: ReleaseState): ReleaseState {
  return { phase: 'idle', live: state.live, previous: state.previous };
}

function running(state: ReleaseState, event: ReleaseEvent): Running {
  if (state.phase !== 'running') throw unexpected(state, event.type);
  return state;
}

function reverting(state: ReleaseState, event: ReleaseEvent): ReleaseState {
  if (state.phase !== 'reverting') throw unexpected(state, event.type);
  return state;
}

function unexpected(state: ReleaseState, event: string): Error {
  return new Error(`release: ${event} is not expected while ${state.phase}${state.phase === 'running' ? ` ${state.step}` : ''}`);
}
