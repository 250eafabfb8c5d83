import { describe, expect, it } from 'vitest';
import type { Gate, ReleaseDetail, WalkStep } from '../../../../src/server/api/index.ts';
import { canTakeBack, currentStep, isPastQuestions, isTakenBack, mergedWalk, walkRows, withProgress, wordOf } from './walk.ts';

const step = (name: string, state: WalkStep['state'], startedAt: number | null = null, endedAt: number | null = null): WalkStep => ({
  step: name,
  about: `about ${name}`,
  state,
  startedAt,
  endedAt,
  message: '',
});
const figures = { requests: 0, failed: 0, errorRate: 0, p95Ms: null };
const gate: Gate = {
  step: 'canary',
  share: 5,
  verdict: null,
  reason: null,
  judgedOn: null,
  live: figures,
  next: figures,
  durationMs: 10_000,
  elapsedMs: 100,
};
const detail: ReleaseDetail = {
  key: 'k',
  number: 42,
  release: 'r',
  operation: 'deploy',
  outcome: 'running',
  live: false,
  runnable: false,
  who: 'ana',
  begun: '',
  ended: null,
  durationMs: null,
  commit: null,
  meter: null,
  failed: null,
  walk: [step('build', 'done', 0, 4000), step('smoke', 'running', 4000), step('canary', 'waiting')],
  gates: [],
  changes: [],
  findings: [],
  allowed: [],
  backMs: null,
  evidence: null,
};

describe('the walk', () => {
  it('shows times in proportion to the longest step, also of the one that runs', () => {
    const rows = walkRows(detail.walk, 12_000);
    expect(rows.map(({ durationMs, part, symbol }) => [durationMs, part, symbol])).toEqual([
      [4000, 0.5, '✓'],
      [8000, 1, '~'],
      [null, 0, ''],
    ]);
  });

  it('does not go below zero when the clocks differ, and knows no time without an end', () => {
    expect(walkRows([step('smoke', 'running', 5000), step('bake', 'taken back', 5000)], 1000).map(({ durationMs }) => durationMs)).toEqual([
      0,
      null,
    ]);
  });

  it('does not say of a step that it waits once the attempt has ended', () => {
    expect([wordOf('waiting', false), wordOf('waiting', true), wordOf('skipped', true)]).toEqual(['waiting', 'not reached', 'skipped']);
  });

  it('takes what is said now for what was recorded, and adds what only the stream knows', () => {
    const said = [{ ...step('smoke', 'running'), about: '', message: '1 of 2' }, step('revert', 'running', 9000)];
    const merged = mergedWalk(detail.walk, said);
    expect(merged.map(({ step: name }) => name)).toEqual(['build', 'smoke', 'canary', 'revert']);
    expect(merged[1]).toMatchObject({ message: '1 of 2', about: 'about smoke', startedAt: 4000 });
  });

  it('does not let a late message begin again what has ended', () => {
    const merged = mergedWalk([step('build', 'done', 0, 10)], [{ ...step('build', 'running', 0), message: 'copying' }]);
    expect(merged[0]).toMatchObject({ state: 'done', endedAt: 10, message: 'copying' });
  });

  it('takes up only the progress of the same attempt', () => {
    const meter = { requests: 9, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 20 };
    const progress = { key: 'k', operation: 'deploy', walk: [], gate, meter };
    expect(withProgress(detail, progress)).toMatchObject({ gates: [gate], meter });
    expect(withProgress(detail, { ...progress, key: 'other' })).toBe(detail);
    expect(withProgress({ ...detail, outcome: 'promoted' }, progress).gates).toEqual([]);
    expect(withProgress({ ...detail, gates: [{ ...gate, elapsedMs: 1 }] }, progress).gates).toEqual([gate]);
  });

  it('finds the step that matters', () => {
    expect(currentStep(detail.walk)?.step).toBe('smoke');
    expect(currentStep([step('build', 'done'), step('smoke', 'failed'), step('canary', 'skipped')])?.step).toBe('smoke');
    expect(currentStep([step('build', 'waiting')])).toBeUndefined();
  });
});

describe('taking it back', () => {
  it('is possible until the old set is being retired', () => {
    expect(canTakeBack(detail.walk)).toBe(true);
    expect(canTakeBack([step('bake', 'done'), step('retire', 'waiting')])).toBe(true);
    expect(canTakeBack([step('bake', 'done'), step('retire', 'running')])).toBe(false);
  });

  it('is not asked twice', () => {
    const walk = [step('canary', 'failed'), step('revert', 'running')];
    expect(isTakenBack(walk)).toBe(true);
    expect(canTakeBack(walk)).toBe(false);
    expect(canTakeBack([step('smoke', 'failed')])).toBe(false);
  });
});

describe('questions', () => {
  it('are over once a step runs in which nothing is asked, whether or not there were any', () => {
    expect(isPastQuestions([step('plan', 'done'), step('confirm', 'running'), step('push', 'waiting')])).toBe(false);
    expect(isPastQuestions([step('plan', 'done'), step('confirm', 'skipped'), step('provision', 'running')])).toBe(true);
  });
});
