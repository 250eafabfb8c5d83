/** A file's differences as rows of a list, with what is left out between them, and where the changes begin; pure. */
import type { DiffLine, FileDiff } from '../../../../src/server/api/index.ts';

export type DiffRow =
  | { readonly kind: 'line'; readonly line: DiffLine; /** Index of the change that begins here. */ readonly change?: number }
  /** Lines that are equal on both sides and not shown; null: not known how many (the end of the file). */
  | { readonly kind: 'folded'; readonly lines: number | null };

export interface Diff {
  readonly rows: readonly DiffRow[];
  readonly added: number;
  readonly removed: number;
  /** Row at which each change begins. */
  readonly changes: readonly number[];
}

export function diffOf({ hunks }: Pick<FileDiff, 'hunks'>): Diff {
  const rows: DiffRow[] = [];
  const changes: number[] = [];
  let seen = 0;
  for (const hunk of hunks) {
    const hidden = hiddenBefore(hunk, seen);
    if (hidden > 0) rows.push({ kind: 'folded', lines: hidden });
    addHunk(hunk, rows, changes);
    seen = lastNumber(hunk) ?? seen;
  }
  return { rows, changes, added: count(hunks, '+'), removed: count(hunks, '-') };
}

function addHunk(hunk: readonly DiffLine[], rows: DiffRow[], changes: number[]): void {
  let before = ' ';
  for (const line of hunk) {
    const isStart = line.sign !== ' ' && before === ' ';
    if (isStart) changes.push(rows.length);
    rows.push(isStart ? { kind: 'line', line, change: changes.length - 1 } : { kind: 'line', line });
    before = line.sign;
  }
}

/** Counted on the newer side, or on the older one where the hunk has none of it. */
function hiddenBefore(hunk: readonly DiffLine[], seen: number): number {
  const first = hunk.find(({ after }) => after !== null)?.after ?? hunk.find(({ before }) => before !== null)?.before ?? 1;
  return Math.max(0, first - seen - 1);
}

function lastNumber(hunk: readonly DiffLine[]): number | undefined {
  return hunk.findLast(({ after }) => after !== null)?.after ?? undefined;
}

function count(hunks: FileDiff['hunks'], sign: DiffLine['sign']): number {
  return hunks.reduce((sum, hunk) => sum + hunk.filter((line) => line.sign === sign).length, 0);
}

/** Files with more lines than this are opened when somebody wants to see them. */
const longLines = 400;

export function isLong({ hunks }: Pick<FileDiff, 'hunks'>): boolean {
  return hunks.reduce((sum, hunk) => sum + hunk.length, 0) > longLines;
}

/** `+12 -3` for people who do not see colours. */
export function sizeText({ added, removed }: Pick<Diff, 'added' | 'removed'>): string {
  return `+${added} -${removed}`;
}

/** A change of a file, by the indexes of both. */
export interface Place {
  readonly file: number;
  readonly change: number;
}

/** The next change, or the one before, across files; from the end it goes on at the beginning. */
export function stepped(diffs: readonly Pick<Diff, 'changes'>[], from: Place | undefined, by: 1 | -1): Place | undefined {
  const places = diffs.flatMap(({ changes }, file) => changes.map((_, change) => ({ file, change })));
  const index = from === undefined ? -1 : places.findIndex(({ file, change }) => file === from.file && change === from.change);
  const start = index === -1 && by === -1 ? 0 : index;
  return places.at((start + by) % Math.max(1, places.length));
}
