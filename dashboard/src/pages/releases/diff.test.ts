import { describe, expect, it } from 'vitest';
import type { DiffLine } from '../../../../src/server/api/index.ts';
import { diffOf, isLong, sizeText } from './diff.ts';

const same = (before: number, after: number): DiffLine => ({ sign: ' ', text: 'same', before, after });
const added = (after: number): DiffLine => ({ sign: '+', text: 'new', before: null, after });
const removed = (before: number): DiffLine => ({ sign: '-', text: 'old', before, after: null });

describe('a difference', () => {
  it('folds what lies before and between the changes', () => {
    const { rows } = diffOf({
      hunks: [
        [same(10, 10), removed(11), added(11)],
        [same(40, 40), added(41)],
      ],
    });
    expect(rows.map((row) => (row.kind === 'folded' ? `${row.lines} folded` : row.line.sign))).toEqual([
      '9 folded',
      ' ',
      '-',
      '+',
      '28 folded',
      ' ',
      '+',
    ]);
  });

  it('counts hidden lines by the newer side, whose numbers go on', () => {
    const { rows } = diffOf({ hunks: [[added(1), added(2)], [same(10, 12)]] });
    expect(rows[2]).toEqual({ kind: 'folded', lines: 9 });
  });

  it('knows where each change begins: a removal with what takes its place is one', () => {
    const { rows, changes, added: plus, removed: minus } = diffOf({ hunks: [[same(1, 1), removed(2), added(2), same(3, 3), added(4)]] });
    expect(changes).toEqual([1, 4]);
    expect(rows[4]).toMatchObject({ change: 1 });
    expect(sizeText({ added: plus, removed: minus })).toBe('+2 -1');
  });

  it('of a file that is gone counts by the older side', () => {
    const { rows, removed: minus } = diffOf({ hunks: [[removed(1), removed(2)]] });
    expect([rows.length, minus]).toEqual([2, 2]);
  });

  it('is long when nobody wants all of it at once', () => {
    expect(isLong({ hunks: [Array.from({ length: 401 }, (_, index) => added(index + 1))] })).toBe(true);
    expect(isLong({ hunks: [[added(1)]] })).toBe(false);
  });

  it('of 20,000 lines is made in a moment', () => {
    const hunk = Array.from({ length: 20_000 }, (_, index) => (index % 3 === 0 ? added(index + 1) : same(index + 1, index + 1)));
    const begun = performance.now();
    expect(diffOf({ hunks: [hunk] }).rows).toHaveLength(20_000);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
