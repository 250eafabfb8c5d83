import { describe, expect, it } from 'vitest';
import type { Meter, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { canGoBackTo, endingOf, failuresText, meterText, nameOf, promotedBefore, rollbackGoal } from './outcome.ts';

const summary = (number: number, more: Partial<ReleaseSummary> = {}): ReleaseSummary => ({
  key: `k${number}`,
  number,
  release: `release-${number}`,
  operation: 'deploy',
  outcome: 'promoted',
  live: false,
  runnable: true,
  who: 'ana@laptop',
  begun: '2026-01-01T10:00:00Z',
  ended: '2026-01-01T10:01:00Z',
  durationMs: 60_000,
  commit: null,
  meter: null,
  failed: null,
  ...more,
});
const meter: Meter = { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3.2, longestGapMs: 37.6 };

describe('figures of the meter', () => {
  it('reads like the line at the end of a release', () => {
    expect(meterText(meter)).toBe('0 of 1,832 failed, p99 +3 ms, longest gap 38 ms');
    expect(meterText({ ...meter, failed: 2, p99DeltaMs: null })).toBe('2 of 1,832 failed, longest gap 38 ms');
    expect(meterText({ ...meter, p99DeltaMs: -4.6 })).toContain('p99 -5 ms');
  });

  it('says nothing where nothing was measured', () => {
    expect(meterText(null)).toBe('');
    expect(meterText({ ...meter, requests: 0 })).toBe('');
  });

  it('names the most frequent failures first', () => {
    expect(failuresText({ reset: 1, '502': 1200 })).toBe('1,200 x 502, 1 x reset');
  });
});

describe('how an attempt ended', () => {
  it('tells one under way from one that was left half-way', () => {
    expect(endingOf({ outcome: 'running' }, true).words).toBe('under way');
    expect(endingOf({ outcome: 'running' }, false).words).toBe('half-way');
    expect(endingOf({ outcome: 'promoted' }, false).words).toBe('promoted');
  });

  it('names an attempt that did not become a release by what was attempted', () => {
    expect(nameOf(summary(42))).toBe('release 42');
    expect(nameOf(summary(0))).toBe('deploy without a release');
  });
});

describe('going back', () => {
  const releases = [
    summary(6, { live: true, release: 'b' }),
    summary(5, { outcome: 'rolled back', release: 'x' }),
    summary(4, { release: 'b' }),
    summary(3, { release: 'a', runnable: false }),
    summary(2, { release: 'c' }),
  ];

  it('goes to the newest kept release that does not serve', () => {
    expect(rollbackGoal(releases)?.number).toBe(2);
    expect(rollbackGoal([summary(1, { live: true })])).toBeUndefined();
  });

  it('is offered neither for what serves, nor for what failed, nor for what is gone', () => {
    expect(releases.map((one) => canGoBackTo(one, releases))).toEqual([false, false, false, false, true]);
  });

  it('compares with the release promoted before, not with the same one', () => {
    expect(promotedBefore(releases[0] as ReleaseSummary, releases)?.number).toBe(3);
    expect(promotedBefore(releases[4] as ReleaseSummary, releases)).toBeUndefined();
    expect(promotedBefore(summary(9), releases)).toBeUndefined();
  });
});
