import { describe, expect, it } from 'vitest';
import type { Note } from './history.ts';
import { meterOf } from './past.ts';

const at = '2026-01-01T10:00:00.000Z';
const figures = { requests: 40, failed: 0, failures: {}, p99DeltaMs: 1, longestGapMs: 30 };
const meter = (more: object = {}): Note => ({ about: 'meter', at, ...figures, ...more });

describe('what users noticed of a release', () => {
  it('is what was measured during it', () => {
    expect(meterOf({ notes: [{ about: 'gate', at }, meter()] })).toEqual(figures);
  });

  it('is not what was measured while somebody steered afterwards', () => {
    const scaled = meter({ requests: 9, of: 'scale' });
    expect(meterOf({ notes: [meter(), { about: 'scale', at }, scaled] })).toEqual(figures);
    expect(meterOf({ notes: [{ about: 'scale', at }, scaled] })).toBeNull();
    expect(meterOf({ notes: [scaled] })).toBeNull();
    expect(meterOf({ notes: [{ about: 'restart', at }, meter()] })).toBeNull();
  });
});
