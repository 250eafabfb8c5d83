import { describe, expect, it } from 'vitest';
import { GantryError } from '../errors.ts';
import { evidenceOf, keptEvidence, shortText } from './evidence.ts';
import type { StoredEvent } from './journal.ts';

const at = '2026-01-01T10:00:00.000Z';
const failed = (extra: object): StoredEvent => ({ type: 'failed', step: 'smoke', code: 'GR3001', message: 'no', at, ...extra });

describe('what is kept of an error', () => {
  it('is what its first reader saw', () => {
    const error = new GantryError('GR3001', 'POST /api/tasks expected 201, got 500', {
      where: 'smoke',
      lines: ['last', 'words'],
      fix: 'Do.',
    });
    expect(evidenceOf(error)).toEqual(error.toJSON());
  });

  it('is at most 40 lines, the last ones', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    expect(evidenceOf(new GantryError('GR3001', 'no', { lines })).lines).toEqual(lines.slice(60));
  });

  it('is at most 16 KiB of lines, and of a single long one its beginning', () => {
    const bytes = ({ lines }: { readonly lines: readonly string[] }): number => Buffer.byteLength(lines.join(''));
    const many = evidenceOf(new GantryError('GR3001', 'no', { lines: Array.from({ length: 40 }, (_, n) => `${n} ${'ü'.repeat(1000)}`) }));
    expect(bytes(many)).toBeLessThanOrEqual(16 * 1024);
    expect(many.lines.at(-1)).toMatch(/^39 /);
    const one = evidenceOf(new GantryError('GR3001', 'no', { lines: ['x'.repeat(1_000_000)] }));
    expect(bytes(one)).toBe(16 * 1024);
  });

  it('of a bug is where it happened, and that it is one', () => {
    expect(evidenceOf(new TypeError('undefined is no function'))).toMatchObject({
      code: 'bug',
      message: 'undefined is no function',
      fix: expect.stringContaining('report') as string,
      lines: expect.arrayContaining([expect.stringContaining('evidence.test.ts')]) as string[],
    });
    expect(evidenceOf('thrown without an error').message).toBe('thrown without an error');
  });

  it('shortens what nobody reads to its end', () => {
    expect(shortText('short')).toBe('short');
    expect(shortText('x'.repeat(100_000)).length).toBeLessThan(2_010);
  });
});

describe('the evidence of an attempt', () => {
  const error = { code: 'GR3001', message: 'no', fix: 'Do.', lines: ['last words'], exitCode: 1 };

  it('is what was kept, with what was true in the end', () => {
    const reverted: StoredEvent = { type: 'reverted', at, state: 'release 1 serves everything' };
    expect(keptEvidence([failed({ error }), reverted])).toEqual({ ...error, state: 'release 1 serves everything' });
  });

  it('of an earlier version has the fix of the catalogue', () => {
    expect(keptEvidence([failed({})])).toEqual({
      code: 'GR3001',
      message: 'no',
      fix: expect.stringMatching(/./) as string,
      lines: [],
      exitCode: 1,
    });
    expect(keptEvidence([failed({ code: 'bug' })])?.fix).toContain('bug in Gantry');
  });

  it('is none where nothing failed', () => {
    expect(keptEvidence([{ type: 'begun', operation: 'deploy', who: 'ana', at }])).toBeNull();
  });
});
