import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initial, isKnown, pastShift, replay, steps, transition, type ReleaseEvent, type ReleaseState, type Step } from './machine.ts';

const begun: ReleaseEvent = { type: 'begun', operation: 'up', who: 'ana@laptop' };
const done = (step: Step): ReleaseEvent => ({ type: 'done', step });
const failed = (step: Step): ReleaseEvent => ({ type: 'failed', step, code: 'GR3001', message: 'smoke failed' });
const named = (release: string): ReleaseEvent => ({ type: 'named', release });

/** The events of a release that works: named once its secrets are known. */
function whole(release: string): ReleaseEvent[] {
  return [begun, ...steps.flatMap((step) => (step === 'urls' ? [done(step), named(release)] : [done(step)]))];
}

describe('release machine', () => {
  it('promotes a release whose steps all end, and remembers the one before', () => {
    expect(replay(whole('r1'))).toEqual({ phase: 'idle', live: 'r1', previous: null });
    expect(replay([...whole('r1'), ...whole('r2')])).toEqual({ phase: 'idle', live: 'r2', previous: 'r1' });
  });

  it('performs the steps in order and skips none', () => {
    const seen: string[] = [];
    let state: ReleaseState = transition(initial, begun);
    while (state.phase === 'running') {
      seen.push(state.step);
      state = transition(state, done(state.step));
      if (state.phase === 'running' && state.step === 'push') state = transition(state, named('r1'));
    }
    expect(seen).toEqual([...steps]);
  });

  it('goes nowhere with a release that has no name, and names it once, when it is known', () => {
    const built = [begun, ...steps.slice(0, steps.indexOf('push')).map(done)];
    expect(() => replay([...built, done('push')])).toThrow('done push is not expected');
    expect(() => replay([...built, named('r1'), named('r2')])).toThrow('named is not expected');
    expect(() => replay([...built, named('r1'), { type: 'unchanged' }])).toThrow('unchanged is not expected');
    expect(() => replay([begun, named('r1')])).toThrow('named is not expected');
  });

  it('knows its own events, and no others', () => {
    for (const event of [...whole('r1'), failed('bake'), { type: 'destroyed' }]) expect(isKnown(event)).toBe(true);
    expect(isKnown({ type: 'teleported' })).toBe(false);
    expect(isKnown({ type: 'done', step: 'teleport' })).toBe(false);
    expect(isKnown({ type: 'failed' })).toBe(false);
  });

  it('keeps the old release when nothing changed', () => {
    const again = whole('r1').slice(
      0,
      whole('r1').findIndex(({ type }) => type === 'named'),
    );
    expect(replay([...whole('r1'), ...again, { type: 'unchanged' }])).toEqual({ phase: 'idle', live: 'r1', previous: null });
  });

  it.each(steps.slice(0, steps.indexOf('retire')))('takes the walk back when %s fails', (step) => {
    const walk = whole('r2');
    const before = [
      ...whole('r1'),
      ...walk.slice(
        0,
        walk.findIndex((event) => event.type === 'done' && event.step === step),
      ),
    ];
    const state = replay([...before, failed(step)]);
    expect(state).toMatchObject({ phase: 'reverting', live: 'r1', failed: step });
    expect(transition(state, { type: 'reverted' })).toEqual({ phase: 'idle', live: 'r1', previous: null });
  });

  it('goes on forward when retiring the old set fails, as users are on the new one', () => {
    const state = replay([...whole('r1'), ...whole('r2').slice(0, -1), failed('retire')]);
    expect(state).toMatchObject({ phase: 'running', step: 'retire', release: 'r2' });
    expect(transition(state, done('retire'))).toEqual({ phase: 'idle', live: 'r2', previous: 'r1' });
  });

  it('refuses events that do not belong to the state', () => {
    expect(() => transition(initial, done('build'))).toThrow('not expected while idle');
    expect(() => transition(transition(initial, begun), done('shift'))).toThrow('done shift is not expected while running lock');
    expect(() => transition(transition(initial, begun), begun)).toThrow('begun');
    expect(() => transition(transition(initial, begun), { type: 'reverted' })).toThrow('reverted');
    expect(() => transition(transition(initial, begun), failed('smoke'))).toThrow('failed smoke');
  });

  it('ends in the old or the new release from any prefix of any journal', () => {
    const outcome = fc.record({ id: fc.stringMatching(/^[a-f0-9]{6}$/), failsAt: fc.option(fc.constantFrom(...steps)) });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 6 }), fc.nat(), (outcomes, cut) => {
        const events = outcomes.flatMap(({ id, failsAt }) => history(id, failsAt));
        const prefix = events.slice(0, events.length === 0 ? 0 : cut % (events.length + 1));
        const state = replay(prefix);
        const promoted = outcomes.filter(({ failsAt }) => failsAt === null).map(({ id }) => id);
        const settled = settle(state);
        expect([state.live, 'release' in state ? state.release : state.live]).toContain(settled.live);
        expect([null, ...promoted]).toContain(state.live);
        expect(settled.phase).toBe('idle');
      }),
    );
  });

  it('says that users may be on the new release only after the shift', () => {
    let state = transition(initial, begun);
    while (state.phase === 'running') {
      expect(pastShift(state)).toBe(state.step === 'bake' || state.step === 'retire');
      if (state.step === 'push') state = transition(state, named('r1'));
      state = transition(state, done(state.phase === 'running' ? state.step : 'lock'));
    }
  });
});

/** Journal of one release: whole, or taken back at a step before the point of no return. */
function history(id: string, failsAt: Step | null): ReleaseEvent[] {
  if (failsAt === null || failsAt === 'retire') return failsAt === null ? whole(id) : [];
  return [
    ...whole(id).slice(
      0,
      whole(id).findIndex((event) => event.type === 'done' && event.step === failsAt),
    ),
    failed(failsAt),
    { type: 'reverted' },
  ];
}

/** What recovery does with a state. */
function settle(state: ReleaseState): ReleaseState {
  if (state.phase === 'idle') return state;
  if (state.phase === 'destroying') return transition(state, { type: 'destroyed' });
  if (state.phase === 'reverting') return transition(state, { type: 'reverted' });
  return settle(transition(state, pastShift(state) ? done(state.step) : failed(state.step)));
}
