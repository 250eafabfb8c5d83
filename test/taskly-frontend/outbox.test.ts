import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  discard,
  entryId,
  isEchoOf,
  localId,
  nextRelease,
  nextToSend,
  overlay,
  rebase,
  resolve,
  retry,
  settle,
  waitingCount,
  type Change,
  type Entry,
} from '../../apps/taskly/frontend/src/model/outbox.ts';
import { emptyBoard } from '../../apps/taskly/frontend/src/model/board.ts';
import { rowsOf } from '../../apps/taskly/frontend/src/model/rows.ts';
import { absorbed, settlementOf } from '../../apps/taskly/frontend/src/model/settlement.ts';
import { fieldsOf } from '../../apps/taskly/frontend/src/model/task.ts';
import { task } from './samples.ts';

let count = 0;
const entry = (change: Change, more: Partial<Entry> = {}): Entry => ({
  id: `e${++count}`,
  task: 'a',
  version: 1,
  title: 'A',
  change,
  ...more,
});
const create = (title: string): Entry => {
  const id = `e${++count}`;
  return { id, task: localId(id), version: 0, title, change: { kind: 'create', fields: { title, notes: '', due: null } } };
};
const titlesOf = (rows: readonly { task: { title: string } }[]): string[] => rows.map((row) => row.task.title);

describe('overlay', () => {
  const tasks = [task('a'), task('b'), task('c')];

  it('puts new tasks first, the newest on top', () => {
    const rows = overlay(tasks, [create('x'), create('y')]);
    expect(titlesOf(rows)).toEqual(['y', 'x', 'a', 'b', 'c']);
    expect(rows[0]?.pending).toBe(true);
  });

  it('shows edits, hides deletions, leaves the rest alone', () => {
    const edit = entry({ kind: 'edit', fields: { title: 'A2' }, base: fieldsOf(task('a')) });
    const rows = overlay(tasks, [edit, entry({ kind: 'delete', base: fieldsOf(task('b')) }, { task: 'b' })]);
    expect(titlesOf(rows)).toEqual(['A2', 'c']);
    expect(rows[1]).toEqual({ task: tasks[2], pending: false, trouble: null });
  });

  it.each([
    { place: { after: 'b', before: 'c' }, order: 'b,a,c' },
    { place: { after: 'c', before: null }, order: 'b,c,a' },
    { place: { after: 'gone', before: 'c' }, order: 'b,a,c' },
    { place: { after: 'gone', before: 'gone too' }, order: 'a,b,c' },
  ])('moves a to $order', ({ place, order }) => {
    expect(titlesOf(overlay(tasks, [entry({ kind: 'move', ...place })])).join()).toBe(order);
  });

  it('shows the other side of a conflict, and keeps what was refused in sight', () => {
    const conflict = entry(
      { kind: 'edit', fields: { title: 'mine' }, base: fieldsOf(task('a')) },
      { trouble: { kind: 'conflict', theirs: task('a') } },
    );
    const refused = { ...create('too much'), trouble: { kind: 'refused' as const, message: 'limit' } };
    const rows = overlay(tasks, [conflict, refused]);
    expect(titlesOf(rows)).toEqual(['too much', 'a', 'b', 'c']);
    expect(rows.map((row) => row.trouble?.id ?? null)).toEqual([refused.id, conflict.id, null, null]);
  });

  it('never loses or doubles a task, whatever is moved', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'gone');
    const move = fc.record({ task: id, after: fc.option(id), before: fc.option(id) });
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        const entries = moves.map(({ task: moved, after, before }) => entry({ kind: 'move', after, before }, { task: moved }));
        expect(titlesOf(overlay(tasks, entries)).toSorted()).toEqual(['a', 'b', 'c']);
      }),
    );
  });
});

describe('what goes out next', () => {
  it('is the oldest; a deletion waits for its time and holds nobody up', () => {
    const held = entry({ kind: 'delete', base: fieldsOf(task('a')) }, { holdUntil: 500 });
    const later = create('x');
    expect(nextToSend([held, later], 100)).toBe(later);
    expect(nextToSend([held, later], 500)).toBe(held);
    expect(nextRelease([later, held])).toBe(500);
    expect(waitingCount([held, later], 100)).toBe(1);
    expect(waitingCount([held, later], 500)).toBe(2);
  });

  it('is nothing that waits for a decision or for the id of its task', () => {
    const refused: Entry = { ...create('x'), trouble: { kind: 'refused', message: 'no' } };
    const edit = entry({ kind: 'edit', fields: { done: true }, base: fieldsOf(task('a')) }, { task: refused.task });
    expect(nextToSend([refused, edit], 0)).toBeUndefined();
    expect(waitingCount([refused], 0)).toBe(0);
  });

  it('sorts by time through its id', () => {
    const ids = [entryId(1_700_000_000_000, 'f'), entryId(1_700_000_000_000, '0'), entryId(1_800_000_000_000, '0')];
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe('an answer', () => {
  it('gives a created task its id in everything that was built on it', () => {
    const first = create('x');
    const edit = entry({ kind: 'edit', fields: { notes: 'n' }, base: fieldsOf(task('x')) }, { task: first.task, version: 0 });
    const beside = entry({ kind: 'move', after: first.task, before: 'c' }, { task: 'b', version: 4 });
    const settled = settle([first, edit, beside], first, { kind: 'done', task: task('real', { version: 1 }) });
    expect(settled.put?.id).toBe('real');
    expect(settled.entries).toEqual([
      { ...edit, task: 'real', version: 1 },
      { ...beside, change: { kind: 'move', after: 'real', before: 'c' } },
    ]);
  });

  it('carries the version on to later changes of the same task only', () => {
    const one = entry({ kind: 'edit', fields: { title: '1' }, base: fieldsOf(task('a')) }, { version: 3 });
    const two = entry({ kind: 'edit', fields: { title: '2' }, base: fieldsOf(task('a')) }, { version: 3 });
    const other = entry({ kind: 'edit', fields: { title: '3' }, base: fieldsOf(task('b')) }, { task: 'b', version: 3 });
    const settled = settle([one, two, other], one, { kind: 'done', task: task('a', { version: 4 }) });
    expect(settled.entries.map(({ version }) => version)).toEqual([4, 3]);
  });

  it('of 404 is success for a deletion and news for an edit', () => {
    const remove = entry({ kind: 'delete', base: fieldsOf(task('a')) });
    expect(settle([remove], remove, { kind: 'gone' })).toEqual({ entries: [], drop: 'a' });
    const edit = entry({ kind: 'edit', fields: { done: true }, base: fieldsOf(task('a')) });
    expect(settle([edit], edit, { kind: 'gone' })).toEqual({ entries: [], drop: 'a', notice: '“A” was deleted elsewhere.' });
  });

  it('that refuses a neighbour tries the other one, then gives the move up', () => {
    const move = entry({ kind: 'move', after: 'x', before: 'y' });
    const refused = { kind: 'refused', message: 'gone', fields: { after: 'gone' } } as const;
    const second = settle([move], move, refused).entries[0] as Entry;
    expect(second.change).toEqual({ kind: 'move', after: null, before: 'y' });
    expect(settle([second], second, refused)).toEqual({ entries: [], notice: '“A” could not be moved: its new neighbour is gone.' });
  });

  it('that refuses anything else keeps it for the person, who may retry or discard', () => {
    const first = create('x');
    const built = entry({ kind: 'edit', fields: { done: true }, base: fieldsOf(task('x')) }, { task: first.task });
    const [refused] = settle([first], first, { kind: 'refused', message: 'limit reached' }).entries as [Entry];
    expect(refused.trouble).toEqual({ kind: 'refused', message: 'limit reached' });
    expect(retry([refused], refused)).toEqual([first]);
    expect(discard([refused, built], refused)).toEqual([]);
  });
});

describe('a conflict', () => {
  const base = fieldsOf(task('a'));
  const edit = entry({ kind: 'edit', fields: { title: 'mine', due: '2031-01-01' }, base }, { version: 1 });

  it('merges when others touched other fields', () => {
    const theirs = task('a', { notes: 'theirs', version: 5 });
    expect(rebase(edit, theirs)).toEqual({ ...edit, version: 5, change: { ...edit.change, base: fieldsOf(theirs) } });
  });

  it('is over when the server already has what was wanted', () => {
    expect(rebase(edit, task('a', { title: 'mine', due: '2031-01-01', version: 5 }))).toBeNull();
  });

  it('asks when both changed the same field, and does as told', () => {
    const theirs = task('a', { title: 'theirs', version: 5 });
    const settled = settle([edit], edit, { kind: 'conflict', theirs });
    const [asked] = settled.entries as [Entry];
    expect(settled.put).toBe(theirs);
    expect(asked.trouble).toEqual({ kind: 'conflict', theirs });
    expect(resolve([asked], asked, 'theirs')).toEqual([]);
    expect(resolve([asked], asked, 'mine')).toEqual([{ ...edit, version: 5, change: { ...edit.change, base: fieldsOf(theirs) } }]);
  });

  it('of a deletion asks only when the content changed', () => {
    const remove = entry({ kind: 'delete', base }, { version: 1 });
    expect(rebase(remove, task('a', { position: 'z', version: 2 }))).toEqual({ ...remove, version: 2 });
    expect(rebase(remove, task('a', { notes: 'new', version: 2 }))?.trouble?.kind).toBe('conflict');
  });

  it('of a move does not exist: the last one wins', () => {
    const move = entry({ kind: 'move', after: 'b', before: null });
    expect(rebase(move, task('a', { title: 'theirs', version: 9 }))).toEqual({ ...move, version: 9 });
  });
});

it('knows the echo of its own create', () => {
  const first = create('x');
  expect(isEchoOf([first], task('real', { title: 'x' }))).toBe(true);
  expect(isEchoOf([first], task('real', { title: 'y' }))).toBe(false);
  expect(isEchoOf([{ ...first, trouble: { kind: 'refused', message: '' } }], task('real', { title: 'x' }))).toBe(false);
});

describe('another tab that hears of an answer', () => {
  const all = { filter: 'all', query: '' } as const;

  it('showed a new task twice while the stored outbox still had it', () => {
    const mine = create('Milk');
    const settled = settle([mine], mine, { kind: 'done', task: task('real', { title: 'Milk' }) });
    const heard = absorbed(emptyBoard, [mine], settlementOf(mine, settled));
    expect(rowsOf(heard.board, heard.entries, all, new Set()).map((row) => [row.task.id, row.pending])).toEqual([['real', false]]);
  });

  it('keeps what still waits for a decision', () => {
    const mine = create('Milk');
    const settled = settle([mine], mine, { kind: 'refused', message: 'too long' });
    expect(settlementOf(mine, settled)).toEqual({});
    expect(absorbed(emptyBoard, [mine], settlementOf(mine, settled)).entries).toEqual([mine]);
  });

  it('forgets what was deleted', () => {
    const gone = entry({ kind: 'delete', base: fieldsOf(task('a')) });
    const settled = settle([gone], gone, { kind: 'done', task: null });
    expect(absorbed(emptyBoard, [gone], settlementOf(gone, settled)).entries).toEqual([]);
  });
});
