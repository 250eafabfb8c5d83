import { describe, expect, it } from 'vitest';
import { GantryError } from '../../errors.ts';
import type { ReleaseRecord } from '../../release/history.ts';
import { local } from '../../targets/local/target.ts';
import { headline, meterText, releaseName, truthAfter, type Failure } from './release.ts';

const meter = { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3, longestGapMs: 41.4 };
const record = (step: NonNullable<ReleaseRecord['failed']>['step'], number = 42): ReleaseRecord => ({
  number,
  release: 'b'.repeat(12),
  operation: 'deploy',
  who: 'ana@laptop',
  commit: null,
  begun: '2026-01-01T00:00:00Z',
  ended: null,
  outcome: 'rolled back',
  failed: { step, code: 'GR3001', message: 'wrong' },
  notes: [],
});
const failure = (state: string | undefined, more: Partial<Failure> = {}): Failure => ({
  error: new GantryError('GR3001', 'wrong', state === undefined ? {} : { state }),
  record: record('smoke'),
  live: { number: 41, release: 'a'.repeat(12) },
  meter,
  backMs: undefined,
  ...more,
});

describe('the first line', () => {
  it('says what goes where, with the commit where there is one', () => {
    const env = { name: 'local' };
    expect(headline('taskly', env, local, { what: 'release 42', commit: '9f3c2ab04d1e' })).toBe(
      'taskly -> local (this machine)  release 42, commit 9f3c2ab',
    );
    expect(headline('taskly', env, local, { what: 'release 42', commit: undefined })).toBe('taskly -> local (this machine)  release 42');
  });
});

describe('figures of the meter', () => {
  it.each([
    [meter, '0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms'],
    [{ ...meter, p99DeltaMs: -2.6 }, '0 of 1,832 requests failed, p99 -3 ms, longest gap 41 ms'],
    [{ ...meter, p99DeltaMs: null }, '0 of 1,832 requests failed, longest gap 41 ms'],
    [
      { ...meter, requests: 1_234_567, failed: 1200, failures: { '502': 1199, timeout: 1 } },
      '1,200 of 1,234,567 requests failed (1199 x 502, 1 x timeout), p99 +3 ms, longest gap 41 ms',
    ],
    [{ ...meter, requests: 0 }, ''],
    [null, ''],
  ])('%j is "%s"', (result, text) => {
    expect(meterText(result)).toBe(text);
  });
});

describe('the truth after a failure', () => {
  it('before anything was started: nothing was changed', () => {
    const state = `release ${'a'.repeat(12)} serves everything; no user has seen the new one`;
    expect(truthAfter(failure(state, { record: undefined }))).toBe(
      '  Now: nothing was changed; release 41 (aaaaaaaaaaaa) serves everything',
    );
    expect(truthAfter(failure(state, { record: record('build', 0) }))).toContain('nothing was changed');
  });

  it('after the next set was there: rolled back, how fast, who saw it, with what figures', () => {
    expect(truthAfter(failure('release a serves everything; no user has seen the new one'))).toBe(
      '↺ rolled back to release 41 (aaaaaaaaaaaa): no user has seen release 42.  0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms',
    );
    const seen = 'release a serves everything; up to 5 % of the requests went to the new one, for 1.2 s';
    expect(truthAfter(failure(seen, { record: record('canary'), backMs: 640, meter: null }))).toBe(
      '↺ rolled back to release 41 (aaaaaaaaaaaa) in 0.6 s: up to 5 % of the requests went to release 42, for 1.2 s',
    );
    expect(truthAfter(failure(seen, { backMs: 12 }))).toContain(' in 12 ms: ');
  });

  it('of the database: what a migration has left there', () => {
    const left = 'migrations/2.sql (contract) stays in the database: release a runs on the new schema';
    const state = `release a serves everything; no user has seen the new one; ${left}`;
    expect(truthAfter(failure(state, { meter: null }))).toBe(
      `↺ rolled back to release 41 (aaaaaaaaaaaa): no user has seen release 42\n  Database: ${left}`,
    );
    expect(truthAfter(failure(state, { record: record('migrate') }))).toBe(`  Now: release 41 (aaaaaaaaaaaa) serves everything; ${left}`);
    expect(truthAfter(failure(undefined, { record: record('migrate') }))).toBe(
      '  Now: release 41 (aaaaaaaaaaaa) serves everything; the migration may have been applied, in whole or in part',
    );
  });

  it('without a release before: taken away again', () => {
    const state = 'nothing of this app serves requests';
    expect(truthAfter(failure(state, { live: { number: 0, release: null } }))).toBe(`↺ taken away again: ${state}`);
  });

  it('while somebody else is at work, says nothing of who serves what: users may be on the next set', () => {
    const error = new GantryError('GR1001', 'this environment is being changed by ben@ci (deploy, since 10:41:02, step bake)');
    expect(truthAfter(failure(undefined, { error, record: undefined }))).toBe('  Now: this command has changed nothing');
  });

  it('of a release that is still half-way does not say that it was rolled back, or that nothing was changed', () => {
    const state = 'the release is half-way; the next command takes it back';
    for (const step of ['bake', 'push'] as const) {
      const open = { ...record(step), outcome: 'running' as const };
      expect(truthAfter(failure(state, { record: open }))).toBe(`  Now: ${state}`);
      expect(truthAfter(failure(state, { record: { ...open, failed: null } }))).toBe(`  Now: ${state}`);
    }
  });

  it('without a state: what is known all the same', () => {
    expect(truthAfter(failure(undefined, { meter: null }))).toBe('↺ rolled back to release 41 (aaaaaaaaaaaa)');
  });
});

describe('the name of a release', () => {
  it.each([
    [42, 'abc', 'release 42 (abc)'],
    [0, 'abc', 'release (abc)'],
    [0, null, 'nothing'],
  ])('%j %j is %s', (number, release, text) => {
    expect(releaseName(number, release)).toBe(text);
  });
});
