import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backoffMs,
  crashLimit,
  hasProcess,
  initialState,
  silenceMs,
  transition,
  type Effect,
  type MachineEvent,
  type MachineSettings,
  type MachineState,
} from './replica-machine.ts';

const settings: MachineSettings = { probe: 'http', live: true, rise: 2, fall: 3, startupMs: 30_000, drainMs: 10_000, graceMs: 5000 };

type Bare = MachineEvent extends infer E ? (E extends MachineEvent ? Omit<E, 'at'> : never) : never;

const pass: Bare = { type: 'probed', passed: true, answered: true, frozen: false, detail: '' };
const miss: Bare = { type: 'probed', passed: false, answered: true, frozen: false, detail: 'answered 503' };
const silence: Bare = { type: 'probed', passed: false, answered: false, frozen: false, detail: 'no answer' };
const frozen: Bare = { type: 'probed', passed: false, answered: false, frozen: true, detail: 'stopped' };
const exit: Bare = { type: 'exited', how: 'exit 1', jitter: 0.5 };

function walk(
  events: readonly Bare[],
  from: MachineState = initialState,
  start = 0,
  stepMs = 0,
): { state: MachineState; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  events.forEach((event, index) => {
    const next = transition(state, { ...event, at: start + index * stepMs }, settings);
    state = next.state;
    effects.push(...next.effects);
  });
  return { state, effects };
}

const running: readonly Bare[] = [{ type: 'start' }, { type: 'spawned' }];
const up: readonly Bare[] = [...running, pass, pass];

describe('a new chance', () => {
  const waiting = walk([...running, exit, { type: 'timer', timer: 'backoff' }, { type: 'spawned' }, exit]).state;
  const loop: readonly Bare[] = [{ type: 'timer', timer: 'backoff' }, { type: 'spawned' }, exit];
  const looping = walk([...loop, ...loop, ...loop], waiting).state;

  it('is a start at once that forgets the crashes', () => {
    expect(looping).toMatchObject({ phase: 'waiting', failure: 'crashing' });
    const { state, effects } = walk([{ type: 'retry' }], looping);
    expect(state).toMatchObject({ phase: 'spawning', failure: null, crashes: [], attempt: 0 });
    expect(effects).toEqual([{ type: 'spawn' }]);
  });

  it('leaves a replica alone that runs', () => {
    const { state, effects } = walk([{ type: 'timer', timer: 'backoff' }, { type: 'spawned' }, pass, pass, { type: 'retry' }], looping);
    expect(state).toMatchObject({ phase: 'ready', failure: null });
    expect(effects.at(-1)).toMatchObject({ type: 'report', message: 'ready' });
  });
});

describe('the way up', () => {
  it('takes `rise` passed probes in a row', () => {
    expect(walk([...running, pass]).state.phase).toBe('starting');
    expect(walk([...running, pass, miss, pass]).state.phase).toBe('starting');
    expect(walk(up).state.phase).toBe('ready');
  });

  it('is not cut short by liveness, only by the startup budget', () => {
    const bad: Bare = { type: 'liveness', passed: false, detail: 'no' };
    expect(walk([...running, bad, bad, bad, bad]).state.phase).toBe('starting');
    const { state, effects } = walk([...running, miss, { type: 'timer', timer: 'startup' }]);
    expect(state).toMatchObject({
      phase: 'terminating',
      next: 'restart',
      failure: 'startup',
      detail: 'not ready within 30 s: answered 503',
    });
    expect(effects).toContainEqual({ type: 'signal', signal: 'SIGTERM' });
  });

  it('ends one that is stopped by a signal before it was ready, and starts it again', () => {
    const still = [...running, frozen, frozen, frozen, frozen];
    expect(walk(still, initialState, 0, 100).state.phase).toBe('starting');
    const { state, effects } = walk(still, initialState, 0, 1000);
    expect(state).toMatchObject({ phase: 'terminating', next: 'restart' });
    expect(effects.at(-1)).toEqual({ type: 'signal', signal: 'SIGKILL' });
  });

  it('is not found by one whose health flaps, unless a single good answer is enough', () => {
    const flapping = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? pass : miss));
    expect(walk([...running, ...flapping]).state.phase).toBe('starting');
  });

  it('needs no probe for a program without a port', () => {
    const none = { ...settings, probe: 'none' as const };
    const started = transition(transition(initialState, { type: 'start', at: 0 }, none).state, { type: 'spawned', at: 1 }, none);
    expect(started.effects).toEqual([{ type: 'timer', timer: 'settled', ms: 1000 }]);
    expect(transition(started.state, { type: 'timer', timer: 'settled', at: 1001 }, none).state.phase).toBe('ready');
  });
});

describe('hysteresis', () => {
  it('needs `fall` missed probes to leave rotation and `rise` passed ones to come back', () => {
    expect(walk([...up, miss, miss]).state.phase).toBe('ready');
    expect(walk([...up, miss, miss, miss]).state).toMatchObject({ phase: 'unready', detail: 'answered 503' });
    expect(walk([...up, miss, miss, miss, pass]).state.phase).toBe('unready');
    expect(walk([...up, miss, miss, miss, pass, pass]).state.phase).toBe('ready');
  });

  it('never restarts a replica that answers badly while it answers', () => {
    const { state, effects } = walk([...up, ...Array.from({ length: 500 }, () => miss)], initialState, 0, 10_000);
    expect(state.phase).toBe('unready');
    expect(effects.filter(({ type }) => type === 'signal')).toEqual([]);
  });

  it('changes rotation at most once in three checks when health flaps', () => {
    const flapping = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? pass : miss));
    const { effects } = walk([...running, ...flapping]);
    expect(effects.filter(({ type }) => type === 'report')).toEqual([]);
  });
});

describe('restarts', () => {
  it('restarts after `fall` failed liveness checks', () => {
    const bad: Bare = { type: 'liveness', passed: false, detail: 'answered 500' };
    const good: Bare = { type: 'liveness', passed: true, detail: '' };
    expect(walk([...up, bad, bad, good, bad, bad]).state.phase).toBe('ready');
    expect(walk([...up, bad, bad, bad]).state).toMatchObject({
      phase: 'terminating',
      next: 'restart',
      detail: 'liveness check failed: answered 500',
    });
    expect(walk([...up, bad, bad, bad, exit]).state).toMatchObject({
      phase: 'waiting',
      restarts: 1,
      detail: 'liveness check failed: answered 500',
    });
  });

  it('kills a frozen process at once, and a silent one after a while', () => {
    const { state, effects } = walk([...up, frozen, frozen, frozen]);
    expect(state.phase).toBe('terminating');
    expect(effects.at(-1)).toEqual({ type: 'signal', signal: 'SIGKILL' });
    const quiet = walk([...up, silence, silence, silence, silence], initialState, 0, 1000);
    expect(quiet.state.phase).toBe('unready');
    expect(walk([silence], quiet.state, 4000 + silenceMs).state.phase).toBe('terminating');
  });

  it('backs off from 200 ms to 30 s', () => {
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, 0.5))).toEqual([200, 400, 800, 1600]);
    expect(backoffMs(50, 0.5)).toBe(30_000);
    expect(backoffMs(0, 0)).toBe(170);
    expect(backoffMs(0, 1)).toBe(230);
  });

  it('counts as failed after five crashes in a minute, and goes on trying', () => {
    const loop = [
      ...running,
      exit,
      ...Array.from({ length: crashLimit - 1 }, (): Bare[] => [{ type: 'timer', timer: 'backoff' }, { type: 'spawned' }, exit]).flat(),
    ];
    const { state, effects } = walk(loop, initialState, 0, 100);
    expect(state).toMatchObject({ phase: 'waiting', failure: 'crashing', restarts: crashLimit, detail: 'exit 1' });
    expect(effects.filter((effect) => effect.type === 'report' && effect.level === 'error')).toHaveLength(1);
    expect(walk([{ type: 'timer', timer: 'backoff' }], state).effects).toEqual([{ type: 'spawn' }]);
  });

  it('does not count crashes that lie apart', () => {
    const cycle: Bare[] = [{ type: 'timer', timer: 'backoff' }, { type: 'spawned' }, exit];
    const { state } = walk([...running, exit, ...Array.from({ length: 20 }, () => cycle).flat()], initialState, 0, 10_000);
    expect(state.failure).toBeNull();
  });

  it('forgets crashes after a stable minute', () => {
    const { state } = walk([
      ...up,
      exit,
      { type: 'timer', timer: 'backoff' },
      { type: 'spawned' },
      pass,
      pass,
      { type: 'timer', timer: 'stable' },
    ]);
    expect(state).toMatchObject({ phase: 'ready', attempt: 0, crashes: [], restarts: 1 });
  });

  it('fails at once when there is nothing to start, and keeps trying seldom', () => {
    const { state, effects } = walk([{ type: 'start' }, { type: 'spawnFailed', detail: 'not found', permanent: true, jitter: 0.5 }]);
    expect(state).toMatchObject({ phase: 'waiting', failure: 'spawn', restarts: 0, detail: 'not found' });
    expect(effects.at(-1)).toEqual({ type: 'timer', timer: 'backoff', ms: 25_600 });
  });
});

describe('the way down', () => {
  it('drains, then SIGTERM, then SIGKILL', () => {
    const stopping = walk([...up, { type: 'stop' }]);
    expect(stopping.state.phase).toBe('draining');
    expect(stopping.effects.at(-1)).toEqual({ type: 'drain', ms: 10_000 });
    const told = walk([{ type: 'drained' }], stopping.state);
    expect(told.effects).toEqual([
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', timer: 'grace', ms: 5000 },
    ]);
    expect(walk([{ type: 'timer', timer: 'grace' }], told.state).effects).toEqual([{ type: 'signal', signal: 'SIGKILL' }]);
    expect(walk([exit], told.state).state.phase).toBe('gone');
  });

  it('does not come back when it crashes meanwhile', () => {
    expect(walk([...up, { type: 'stop' }, exit]).state.phase).toBe('gone');
    expect(walk([...up, exit, { type: 'stop' }]).state.phase).toBe('gone');
    expect(walk([{ type: 'start' }, { type: 'stop' }, { type: 'spawned' }, exit]).state.phase).toBe('gone');
  });

  it('can be hurried', () => {
    const { effects } = walk([...up, { type: 'terminate' }]);
    expect(effects.slice(-2)).toEqual([
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', timer: 'grace', ms: 5000 },
    ]);
    expect(walk([...up, { type: 'stop' }, { type: 'terminate' }]).state.phase).toBe('terminating');
  });
});

const anyEvent = fc.constantFrom<Bare>(
  { type: 'start' },
  { type: 'adopted', phase: 'ready', restarts: 2 },
  { type: 'spawned' },
  { type: 'spawnFailed', detail: 'x', permanent: false, jitter: 0.1 },
  { type: 'spawnFailed', detail: 'x', permanent: true, jitter: 0.9 },
  pass,
  miss,
  silence,
  frozen,
  { type: 'liveness', passed: false, detail: 'x' },
  exit,
  { type: 'timer', timer: 'startup' },
  { type: 'timer', timer: 'backoff' },
  { type: 'timer', timer: 'grace' },
  { type: 'timer', timer: 'stable' },
  { type: 'stop' },
  { type: 'terminate' },
  { type: 'drained' },
);

describe('whatever happens', () => {
  it('never starts a second process beside a running one, and never signals when there is none', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.nat(20_000), (events, stepMs) => {
        let state = initialState;
        events.forEach((event, index) => {
          const before = state;
          const { state: after, effects } = transition(before, { ...event, at: index * stepMs }, settings);
          const kinds = effects.map(({ type }) => type);
          if (kinds.includes('spawn')) expect(hasProcess(before.phase)).toBe(false);
          if (kinds.includes('signal')) expect(hasProcess(after.phase)).toBe(true);
          state = after;
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('stays gone once gone, and a stop always ends in gone when the process ends', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.array(anyEvent, { maxLength: 20 }), (before, after) => {
        const stopped = walk([...before, { type: 'stop' }], initialState, 0, 700).state;
        const ended = walk([{ type: 'spawned' }, { type: 'drained' }, exit], stopped).state;
        expect(ended.phase).toBe('gone');
        expect(walk(after, ended).state.phase).toBe('gone');
      }),
      { numRuns: 1000 },
    );
  });
});
