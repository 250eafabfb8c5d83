/**
 * The life of one replica as a pure function: `transition(state, event, settings)` gives the next state and what is to be done. It knows no
 * process, no socket and no clock; every event says when it happened.
 */

export interface MachineSettings {
  /** http: ready when the health path answers 2xx. tcp: when the port is open. none: when it has run for a second. */
  readonly probe: 'http' | 'tcp' | 'none';
  /** There is a liveness path. */
  readonly live: boolean;
  /** Passed probes in a row until it takes requests. */
  readonly rise: number;
  /** Missed probes in a row until it takes none, or, for liveness, is restarted. */
  readonly fall: number;
  readonly startupMs: number;
  readonly drainMs: number;
  readonly graceMs: number;
}

/**
 * waiting: has no process and gets one after the back-off. draining: takes no new requests. terminating: was told to end.
 * gone: has ended and will not come back.
 */
export type Phase = 'new' | 'spawning' | 'starting' | 'ready' | 'unready' | 'draining' | 'terminating' | 'waiting' | 'gone';

/** Why a replica counts as failed: it keeps being tried, but a release that waits for it gives up. */
export type Failure = 'crashing' | 'startup' | 'spawn';

export interface MachineState {
  readonly phase: Phase;
  /** What follows when the process has ended. */
  readonly next: 'restart' | 'end';
  readonly passed: number;
  readonly missed: number;
  readonly liveMissed: number;
  /** Since when no probe has got any answer at all. */
  readonly silentSince: number | null;
  /** When it crashed, within the crash window. */
  readonly crashes: readonly number[];
  /** Starts since the last stable time; the exponent of the back-off. */
  readonly attempt: number;
  readonly restarts: number;
  readonly failure: Failure | null;
  /** Why it is not ready, or how the last process ended. */
  readonly detail: string;
}

export type MachineEvent = { readonly at: number } & (
  | { readonly type: 'start' }
  /** A process of an earlier supervisor was found alive. */
  | { readonly type: 'adopted'; readonly phase: 'starting' | 'ready' | 'unready'; readonly restarts: number }
  | { readonly type: 'spawned' }
  /** permanent: trying again soon is pointless (no such program). jitter: 0..1. */
  | { readonly type: 'spawnFailed'; readonly detail: string; readonly permanent: boolean; readonly jitter: number }
  /** answered: some answer came, even a bad one. frozen: the process is stopped by a signal. */
  | { readonly type: 'probed'; readonly passed: boolean; readonly answered: boolean; readonly frozen: boolean; readonly detail: string }
  | { readonly type: 'liveness'; readonly passed: boolean; readonly detail: string }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'exited'; readonly how: string; readonly jitter: number }
  /** Somebody has acted: what failed before counts no more. */
  | { readonly type: 'retry' }
  | { readonly type: 'stop' }
  /** Stop without waiting for requests: the ingress has ended already. */
  | { readonly type: 'terminate' }
  | { readonly type: 'drained' }
);

export type TimerName = 'settled' | 'startup' | 'stable' | 'backoff' | 'grace';

export type Effect =
  | { readonly type: 'spawn' }
  | { readonly type: 'timer'; readonly timer: TimerName; readonly ms: number }
  /** Ask the ingress to say when nothing is in flight; answer with `drained`. */
  | { readonly type: 'drain'; readonly ms: number }
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly type: 'report'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

export interface Transition {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
}

export const crashWindowMs = 60_000;
/** Crashes within the window after which the replica counts as failed. */
export const crashLimit = 5;
export const settleMs = 1000;
export const stableMs = 60_000;
/** A process that answers nothing for so long hangs; shorter silence may be a database that is being restarted. */
export const silenceMs = 60_000;
const firstBackoffMs = 200;
const longestBackoffMs = 30_000;
/** How long a start may stand still. */
const frozenStartMs = 2000;
/** A process that hangs is not given the whole grace. */
const hangGraceMs = 2000;

export const initialState: MachineState = {
  phase: 'new',
  next: 'restart',
  passed: 0,
  missed: 0,
  liveMissed: 0,
  silentSince: null,
  crashes: [],
  attempt: 0,
  restarts: 0,
  failure: null,
  detail: '',
};

/** Milliseconds before the attempt-th start after a crash, 0-based; jitter 0..1 spreads replicas that crash together. */
export function backoffMs(attempt: number, jitter: number): number {
  const base = Math.min(firstBackoffMs * 2 ** Math.min(attempt, 20), longestBackoffMs);
  return Math.round(base * (0.85 + 0.3 * jitter));
}

/** Phases in which a process may be running. */
export function hasProcess(phase: Phase): boolean {
  return !['new', 'waiting', 'gone'].includes(phase);
}

/** An event that has no meaning in the present phase (a probe that was late, an old timer) changes nothing. */
export function transition(state: MachineState, event: MachineEvent, settings: MachineSettings): Transition {
  switch (event.type) {
    case 'start':
      return state.phase === 'new' ? { state: { ...state, phase: 'spawning' }, effects: [{ type: 'spawn' }] } : same(state);
    case 'adopted':
      return state.phase === 'new' ? adopted(state, event.phase, event.restarts, settings) : same(state);
    case 'spawned':
      return state.phase === 'spawning' ? spawned(state, settings) : same(state);
    case 'spawnFailed':
      return state.phase === 'spawning' ? spawnFailed(state, event) : same(state);
    case 'probed':
      return probed(state, event, settings);
    case 'liveness':
      return liveness(state, event, settings);
    case 'timer':
      return timer(state, event.timer, settings);
    case 'exited':
      return exited(state, event.how, event.at, event.jitter);
    case 'retry':
      return retry(state);
    case 'stop':
      return stop(state, settings);
    case 'terminate':
      return terminateNow(state, settings);
    case 'drained':
      return state.phase === 'draining' ? terminate(state, settings.graceMs) : same(state);
  }
}

function same(state: MachineState): Transition {
  return { state, effects: [] };
}

function spawned(state: MachineState, settings: MachineSettings): Transition {
  if (state.next === 'end') return terminate(state, settings.graceMs);
  const wait: Effect =
    settings.probe === 'none'
      ? { type: 'timer', timer: 'settled', ms: settleMs }
      : { type: 'timer', timer: 'startup', ms: settings.startupMs };
  return { state: { ...fresh(state), phase: 'starting', detail: state.detail }, effects: [wait] };
}

function fresh(state: MachineState): MachineState {
  return { ...state, passed: 0, missed: 0, liveMissed: 0, silentSince: null };
}

function adopted(state: MachineState, phase: 'starting' | 'ready' | 'unready', restarts: number, settings: MachineSettings): Transition {
  const known = { ...state, restarts };
  if (phase === 'starting') return spawned(known, settings);
  if (phase === 'ready') return ready(known, 'found running');
  return { state: { ...known, phase }, effects: [] };
}

function ready(state: MachineState, message: string): Transition {
  const failure = state.failure === 'crashing' ? state.failure : null;
  return {
    state: { ...fresh(state), phase: 'ready', failure, detail: '' },
    effects: [
      { type: 'timer', timer: 'stable', ms: stableMs },
      { type: 'report', level: 'info', message },
    ],
  };
}

type Probed = Extract<MachineEvent, { readonly type: 'probed' }>;

function probed(state: MachineState, event: Probed, settings: MachineSettings): Transition {
  if (!['starting', 'ready', 'unready'].includes(state.phase)) return same(state);
  return event.passed ? passedProbe(state, settings) : missedProbe(state, event, settings);
}

function passedProbe(state: MachineState, settings: MachineSettings): Transition {
  const counted = { ...state, passed: state.passed + 1, missed: 0, silentSince: null };
  if (state.phase === 'ready' || counted.passed < settings.rise) return same(counted);
  return ready(counted, state.phase === 'starting' ? 'ready' : 'ready again');
}

function missedProbe(state: MachineState, event: Probed, settings: MachineSettings): Transition {
  const silentSince = event.answered ? null : (state.silentSince ?? event.at);
  const counted = {
    ...state,
    passed: 0,
    missed: state.missed + 1,
    silentSince,
    detail: state.phase === 'ready' ? state.detail : event.detail,
  };
  if (state.phase === 'starting') return stillStarting(counted, event, settings);
  if (counted.missed < settings.fall) return same(counted);
  if (event.frozen) return kill(counted, 'it is stopped by a signal and answers nothing');
  if (silentSince !== null && event.at - silentSince >= silenceMs)
    return restart(counted, `it has not answered anything for ${silenceMs / 1000} s`);
  if (state.phase === 'unready') return same(counted);
  return {
    state: { ...counted, phase: 'unready', detail: event.detail },
    effects: [{ type: 'report', level: 'warn', message: `not ready: ${event.detail}` }],
  };
}

/** A start may take its time, but a process that is stopped by a signal does not start. */
function stillStarting(state: MachineState, event: Probed, { fall }: MachineSettings): Transition {
  const silentMs = event.at - (state.silentSince ?? event.at);
  if (event.frozen && state.missed >= fall && silentMs >= frozenStartMs)
    return kill(state, 'it was stopped by a signal before it was ready');
  return same(state);
}

/** Liveness counts only once the replica has been ready: the startup budget is its own. */
function liveness(state: MachineState, event: Extract<MachineEvent, { readonly type: 'liveness' }>, settings: MachineSettings): Transition {
  if (state.phase !== 'ready' && state.phase !== 'unready') return same(state);
  if (event.passed) return same({ ...state, liveMissed: 0 });
  const counted = { ...state, liveMissed: state.liveMissed + 1 };
  return counted.liveMissed < settings.fall ? same(counted) : restart(counted, `liveness check failed: ${event.detail}`);
}

function restart(state: MachineState, detail: string): Transition {
  return {
    state: { ...state, phase: 'terminating', next: 'restart', detail },
    effects: [
      { type: 'report', level: 'warn', message: `restarted: ${detail}` },
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', timer: 'grace', ms: hangGraceMs },
    ],
  };
}

/** A process that is stopped by a signal cannot act on SIGTERM. */
function kill(state: MachineState, detail: string): Transition {
  return {
    state: { ...state, phase: 'terminating', next: 'restart', detail },
    effects: [
      { type: 'report', level: 'warn', message: `restarted: ${detail}` },
      { type: 'signal', signal: 'SIGKILL' },
    ],
  };
}

function timer(state: MachineState, name: TimerName, settings: MachineSettings): Transition {
  if (name === 'settled' && state.phase === 'starting') return ready(state, 'running');
  if (name === 'startup' && state.phase === 'starting') return startupOver(state, settings);
  if (name === 'stable' && state.phase === 'ready') return same({ ...state, attempt: 0, crashes: [], failure: null });
  if (name === 'backoff' && state.phase === 'waiting') return { state: { ...state, phase: 'spawning' }, effects: [{ type: 'spawn' }] };
  if (name === 'grace' && state.phase === 'terminating') return { state, effects: [{ type: 'signal', signal: 'SIGKILL' }] };
  return same(state);
}

function startupOver(state: MachineState, settings: MachineSettings): Transition {
  const detail = `not ready within ${settings.startupMs / 1000} s${state.detail === '' ? '' : `: ${state.detail}`}`;
  const { state: next, effects } = restart(state, detail);
  return { state: { ...next, failure: 'startup' }, effects };
}

function exited(state: MachineState, how: string, at: number, jitter: number): Transition {
  if (!hasProcess(state.phase) || state.phase === 'spawning') return same(state);
  if (state.phase === 'draining' || (state.phase === 'terminating' && state.next === 'end')) return gone(state, how);
  return crashed(state, state.phase === 'terminating' ? state.detail : how, at, jitter);
}

function gone(state: MachineState, detail: string): Transition {
  return { state: { ...state, phase: 'gone', detail }, effects: [{ type: 'report', level: 'info', message: `stopped (${detail})` }] };
}

function crashed(state: MachineState, detail: string, at: number, jitter: number): Transition {
  const crashes = [...state.crashes.filter((time) => at - time < crashWindowMs), at].slice(-crashLimit);
  const looping = crashes.length >= crashLimit;
  const failure = looping ? 'crashing' : state.failure;
  const ms = backoffMs(state.attempt, jitter);
  const message = `ended (${detail}); next start in ${(ms / 1000).toFixed(1)} s`;
  const escalation: Effect = {
    type: 'report',
    level: 'error',
    message: `crash loop: ended ${crashLimit} times within ${crashWindowMs / 1000} s`,
  };
  return {
    state: { ...fresh(state), phase: 'waiting', crashes, failure, detail, attempt: state.attempt + 1, restarts: state.restarts + 1 },
    effects: [
      { type: 'report', level: 'warn', message },
      ...(looping && state.failure !== 'crashing' ? [escalation] : []),
      { type: 'timer', timer: 'backoff', ms },
    ],
  };
}

function spawnFailed(state: MachineState, event: Extract<MachineEvent, { readonly type: 'spawnFailed' }>): Transition {
  if (state.next === 'end') return gone(state, event.detail);
  const attempt = event.permanent ? Math.max(state.attempt, 7) : state.attempt;
  const failure = event.permanent ? 'spawn' : state.failure;
  const { state: next, effects } = crashed({ ...state, attempt, failure }, event.detail, event.at, event.jitter);
  return { state: { ...next, restarts: state.restarts }, effects };
}

function retry(state: MachineState): Transition {
  const forgiven = { ...state, failure: null, crashes: [], attempt: 0 };
  return state.phase === 'waiting' ? { state: { ...forgiven, phase: 'spawning' }, effects: [{ type: 'spawn' }] } : same(forgiven);
}

function stop(state: MachineState, settings: MachineSettings): Transition {
  if (state.phase === 'new' || state.phase === 'waiting') return gone(state, 'it had no process');
  const ending: MachineState = { ...state, next: 'end' };
  if (state.phase === 'starting') return terminate(ending, settings.graceMs);
  if (state.phase === 'ready' || state.phase === 'unready')
    return { state: { ...ending, phase: 'draining', detail: '' }, effects: [{ type: 'drain', ms: settings.drainMs }] };
  return same(ending);
}

function terminateNow(state: MachineState, settings: MachineSettings): Transition {
  if (['ready', 'unready', 'draining'].includes(state.phase)) return terminate({ ...state, next: 'end' }, settings.graceMs);
  return stop(state, settings);
}

function terminate(state: MachineState, graceMs: number): Transition {
  return {
    state: { ...state, phase: 'terminating', next: 'end', detail: '' },
    effects: [
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', timer: 'grace', ms: graceMs },
    ],
  };
}
