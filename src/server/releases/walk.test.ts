import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from '../../release/history.ts';
import type { StoredEvent } from '../../release/journal.ts';
import { initial, replay, steps, transition, type ReleaseEvent, type ReleaseState } from '../../release/machine.ts';
import { progress, walkStep, type WalkStep } from '../api/index.ts';
import { attemptsOf } from './attempts.ts';
import { progressOf } from './detail.ts';
import { Said } from './said.ts';
import { walkOf } from './walk.ts';

const begunAt = Date.parse('2026-01-01T10:00:00.000Z');
const iso = (ms: number): string => new Date(begunAt + ms).toISOString();

function timed(...events: readonly (ReleaseEvent & { readonly message?: string; readonly state?: string })[]): StoredEvent[] {
  return events.map((event, index) => ({ ...event, at: iso(index * 1000) }));
}

const done = (step: (typeof steps)[number], message?: string): ReleaseEvent & { readonly message?: string } => ({
  type: 'done',
  step,
  ...(message === undefined ? {} : { message }),
});
const begun: ReleaseEvent = { type: 'begun', operation: 'deploy', who: 'ana' };
const until = (step: (typeof steps)[number]): ReleaseEvent[] =>
  steps
    .slice(0, steps.indexOf(step))
    .flatMap((one) => [...(one === 'push' ? [{ type: 'named', release: 'r1' } as const] : []), done(one, `${one} was done`)]);
const failed = (step: (typeof steps)[number]): ReleaseEvent => ({ type: 'failed', step, code: 'GR3001', message: 'it broke' });

const statesOf = (walk: readonly WalkStep[]): Record<string, string> => Object.fromEntries(walk.map(({ step, state }) => [step, state]));

describe('the walk of an attempt', () => {
  it('has all steps, each with a line for those who have never seen it', () => {
    const walk = walkOf(timed(begun), undefined);
    expect(walk.map(({ step }) => step)).toEqual(steps);
    expect(new Set(walk.map(({ about }) => about)).size).toBe(steps.length);
    expect(walk.every(({ about }) => about.length > 20 && about.length < 110 && about.endsWith('.'))).toBe(true);
  });

  it('has the times of the journal: a step begins where the one before has ended', () => {
    const walk = walkOf(timed(begun, done('lock'), done('guard', '31 rules')), new Said());
    expect(walk.slice(0, 4)).toMatchObject([
      { step: 'lock', state: 'done', startedAt: begunAt, endedAt: begunAt + 1000, message: '' },
      { step: 'guard', state: 'done', startedAt: begunAt + 1000, endedAt: begunAt + 2000, message: '31 rules' },
      { step: 'build', state: 'running', startedAt: begunAt + 2000, endedAt: null },
      { step: 'plan', state: 'waiting', startedAt: null, endedAt: null },
    ]);
  });

  it('calls skipped what had nothing to do, and done what an earlier version has not told about', () => {
    const told = walkOf(timed(begun, ...until('confirm'), done('confirm', '')), undefined);
    expect(statesOf(told)).toMatchObject({ lock: 'done', confirm: 'skipped' });
    expect(statesOf(walkOf(timed(begun, ...until('confirm'), done('confirm')), undefined))).toMatchObject({ confirm: 'done' });
  });

  it('shows what was taken back and what stays, and how long that took', () => {
    const events = timed(begun, ...until('smoke'), failed('smoke'), { type: 'reverted' });
    const walk = walkOf(events, undefined);
    expect(statesOf(walk)).toMatchObject({
      migrate: 'done',
      apply: 'taken back',
      healthy: 'taken back',
      smoke: 'failed',
      canary: 'waiting',
      revert: 'done',
    });
    expect(walk.find(({ step }) => step === 'smoke')?.message).toBe('it broke');
    const revert = walk.at(-1);
    expect((revert?.endedAt ?? 0) - (revert?.startedAt ?? 0)).toBe(1000);
  });

  it('takes nothing back where nothing stood', () => {
    expect(statesOf(walkOf(timed(begun, failed('lock'), { type: 'reverted' }), undefined))).not.toHaveProperty('revert');
  });

  it('says so when nobody carries it on', () => {
    const events = timed(begun, ...until('healthy'));
    const step = (walk: readonly WalkStep[]): WalkStep | undefined => walk.find((one) => one.step === 'healthy');
    expect(step(walkOf(events, undefined))).toMatchObject({
      state: 'failed',
      endedAt: null,
      message: expect.stringContaining('nobody') as string,
    });
    expect(step(walkOf(events, new Said()))).toMatchObject({ state: 'running' });
  });

  it('has no step that ends before it began, whatever the clock did', () => {
    const events = timed(begun, ...until('migrate')).map((event, index) => ({
      ...event,
      at: index % 2 === 0 ? event.at : iso(-90_000 * index),
    }));
    for (const { startedAt, endedAt } of walkOf(events, undefined))
      expect((endedAt ?? Infinity) - (startedAt ?? 0)).toBeGreaterThanOrEqual(0);
  });
});

describe('what is said meanwhile', () => {
  const events = timed(begun, ...until('healthy'));
  const messageOf = (said: Said, step: string): string | undefined => walkOf(events, said).find((one) => one.step === step)?.message;

  it('stands with the step that runs, also what engines say of single things; figures alone say nothing', () => {
    const said = new Said();
    said.hear({ step: 'healthy', state: 'running', message: '', elapsedMs: 0 });
    said.hear({ step: 'healthy', state: 'running', message: '0/2 ready', elapsedMs: 5 });
    expect(messageOf(said, 'healthy')).toBe('0/2 ready');
    said.hear({ step: 'backend', state: 'running', message: '1/2 ready', elapsedMs: 9 });
    const meter = { requests: 7, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 21 };
    said.hear({ step: 'healthy', state: 'running', message: '', elapsedMs: 9, measured: { meter } });
    expect(messageOf(said, 'healthy')).toBe('backend 1/2 ready');
    expect(said.meter).toEqual(meter);
  });

  it('never stands in the place of what is recorded', () => {
    const said = new Said();
    said.hear({ step: 'guard', state: 'running', message: 'looking', elapsedMs: 0 });
    expect(messageOf(said, 'guard')).toBe('guard was done');
  });

  it('of what a dead process left belongs to another attempt', () => {
    const said = new Said();
    said.hear({ step: 'healthy', state: 'failed', message: 'old trouble', elapsedMs: 0 });
    said.hear({ step: 'lock', state: 'running', message: '', elapsedMs: 0 });
    expect(messageOf(said, 'healthy')).toBe('');
  });
});

describe('after any beginning of any journal', () => {
  /** What may happen next, whatever the state is. */
  const kinds = ['done', 'done', 'done', 'done', 'done', 'named', 'unchanged', 'failed', 'noted', 'reverted'] as const;
  type Kind = (typeof kinds)[number];

  function next(state: ReleaseState, kind: Kind): ReleaseEvent {
    if (kind === 'noted') return { type: 'noted', about: 'timing' };
    if (state.phase === 'idle') return kind === 'reverted' ? { type: 'destroying', who: 'ana' } : begun;
    if (state.phase === 'destroying') return { type: 'destroyed' };
    if (state.phase === 'reverting') return { type: 'reverted' };
    const isOpen = state.step === 'push' && state.release === null;
    if (isOpen && kind === 'unchanged') return { type: 'unchanged' };
    if (kind === 'failed') return failed(state.step);
    return isOpen ? { type: 'named', release: 'r1' } : done(state.step, 'fine');
  }

  function journal(choices: readonly Kind[]): StoredEvent[] {
    const events: StoredEvent[] = [];
    let state: ReleaseState = initial;
    for (const [index, choice] of choices.entries()) {
      const event = { ...next(state, choice), at: iso(index * 100) };
      state = transition(state, event);
      events.push(event);
    }
    return events;
  }

  it('the walk says what the machine says', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 120 }), (choices) => {
        const events = journal(choices);
        const attempts = attemptsOf(events, history(events));
        expect(new Set(attempts.map(({ key }) => key)).size).toBe(attempts.length);
        const last = attempts.at(-1);
        if (last === undefined) return;
        const walk = walkOf(last.events, new Said());
        for (const step of walk) walkStep.parse(step);
        progress.parse(progressOf(last, new Said()));
        checkAgainst(replay(last.events), walk);
      }),
      { numRuns: 500 },
    );
  });

  function checkAgainst(state: ReleaseState, walk: readonly WalkStep[]): void {
    const present = walk.filter((step) => step.state === 'running');
    const at = state.phase === 'running' ? state.step : state.phase === 'reverting' ? state.failed : undefined;
    const end = at === undefined ? walk.findIndex(({ state: of }) => of === 'failed' || of === 'waiting') : steps.indexOf(at);
    for (const [index, step] of walk.slice(0, end === -1 ? steps.length : end).entries()) {
      expect(['done', 'skipped', 'taken back']).toContain(step.state);
      expect(step.startedAt).toBe(index === 0 ? begunAtOf(walk) : walk[index - 1]?.endedAt);
    }
    if (state.phase === 'running') expect(present.map(({ step }) => step)).toEqual([state.step]);
    if (state.phase === 'reverting') expect(walk[end]?.state).toBe('failed');
    if (state.phase === 'reverting') expect(present.length).toBe(end >= steps.indexOf('apply') ? 1 : 0);
    if (state.phase === 'idle') expect(present).toEqual([]);
    for (const step of walk.slice((end === -1 ? steps.length : end) + 1, steps.length)) expect(step.state).toBe('waiting');
  }

  const begunAtOf = (walk: readonly WalkStep[]): number | null => walk[0]?.startedAt ?? null;
});

describe('the key of an attempt', () => {
  it('is its time, and tells two of the same millisecond apart', () => {
    const events = [begun, failed('lock'), { type: 'reverted' } as const, begun].map((event) => ({ ...event, at: iso(0) }));
    expect(attemptsOf(events, history(events)).map(({ key }) => key)).toEqual(['20260101T100000000Z', '20260101T100000000Z-2']);
  });

  it('belongs to what came after it, up to the next one or to the end of the environment', () => {
    const events = timed(begun, failed('lock'), { type: 'reverted' }, { type: 'destroying', who: 'ana' }, { type: 'destroyed' }, begun);
    expect(attemptsOf(events, history(events)).map((attempt) => attempt.events.length)).toEqual([3, 1]);
  });
});
