import { describe, expect, it } from 'vitest';
import { addPage, dropTask, emptyBoard, putTask, renewed, type Board } from '../../apps/taskly/frontend/src/model/board.ts';
import { localId, type Entry } from '../../apps/taskly/frontend/src/model/outbox.ts';
import { neighbours, rowsOf } from '../../apps/taskly/frontend/src/model/rows.ts';
import { fieldsOf } from '../../apps/taskly/frontend/src/model/task.ts';
import { matches, searchFromView, viewFromSearch, type View } from '../../apps/taskly/frontend/src/model/view.ts';
import { task } from './samples.ts';

const open: View = { filter: 'open', query: '' };
const nobody = new Set<string>();
const shown = (board: Board, view = open, entries: Entry[] = [], lingering: ReadonlySet<string> = nobody): string =>
  rowsOf(board, entries, view, lingering)
    .map((row) => row.task.title)
    .join();

describe('the list', () => {
  const two = addPage(emptyBoard, open, { items: [task('b'), task('d')], next: 'more' });

  it('shows what was read, in order, and nothing behind the end of it', () => {
    const heard = [task('a'), task('c'), task('e')].reduce(putTask, two);
    expect(shown(heard)).toBe('a,b,c,d');
    expect(shown(addPage(heard, open, { items: [task('e'), task('f')], next: null }))).toBe('a,b,c,d,e,f');
  });

  it('takes a task only when it is at least as new as the one it holds', () => {
    const newer = putTask(two, task('b', { title: 'b2', version: 2 }));
    expect(shown(putTask(newer, task('b', { title: 'old', version: 1 })))).toBe('b2,d');
    expect(shown(addPage(newer, open, { items: [task('b')], next: null }))).toBe('b2,d');
  });

  it('does not bring back what was deleted while a page was under way', () => {
    const less = dropTask(two, 'b');
    expect(shown(addPage(less, open, { items: [task('b'), task('d')], next: null }))).toBe('d');
    expect(shown(putTask(less, task('b', { version: 9 })))).toBe('d');
  });

  it('starts again from a fresh page, keeping what was heard meanwhile', () => {
    const fresh = renewed(putTask(two, task('stale')), open, { items: [task('b', { version: 2 })], next: null }, [
      task('b', { title: 'b3', version: 3 }),
      task('c'),
    ]);
    expect(shown(fresh)).toBe('b3,c');
  });

  it('believes the server when it finds something that the page would not', () => {
    const search: View = { filter: 'all', query: 'strasse' };
    const board = addPage(emptyBoard, search, { items: [task('a', { title: 'Hauptstraße' })], next: null });
    expect(shown(board, search)).toBe('Hauptstraße');
    expect(shown(putTask(board, task('a', { title: 'Hauptstraße 2', version: 2 })), search)).toBe('');
  });

  it('shows what is known of a view before its first page is there', () => {
    expect(shown(putTask(two, task('x', { done: true })), { filter: 'done', query: '' })).toBe('x');
  });

  it('is by date in Due, and keeps a task that was completed a moment ago in its place', () => {
    const due: View = { filter: 'due', query: '' };
    const items = [task('a', { due: '2031-02-01' }), task('b', { due: '2031-01-01' }), task('c')];
    const board = addPage(emptyBoard, due, { items: items.slice(0, 2), next: null });
    expect(shown(putTask(board, task('c')), due)).toBe('b,a');
    const done: Entry = {
      id: 'e',
      task: 'b',
      version: 1,
      title: 'b',
      change: { kind: 'edit', fields: { done: true }, base: fieldsOf(task('b')) },
    };
    expect(shown(board, due, [done], new Set(['b']))).toBe('b,a');
    expect(shown(board, due, [done])).toBe('a');
  });

  it('shows a task that was just written, if it belongs here', () => {
    const entry: Entry = {
      id: 'e',
      task: localId('e'),
      version: 0,
      title: 'new',
      change: { kind: 'create', fields: { title: 'new', notes: '', due: null } },
    };
    expect(shown(two, open, [entry])).toBe('new,b,d');
    expect(shown(two, { filter: 'due', query: '' }, [entry])).toBe('');
  });

  it('shows what waits for a decision everywhere, read or not', () => {
    const trouble = { kind: 'conflict', theirs: task('far') } as const;
    const change = { kind: 'edit', fields: { title: 'mine' }, base: fieldsOf(task('far')) } as const;
    const entry: Entry = { id: 'e', task: 'far', version: 1, title: 'far', change, trouble };
    expect(shown(two, open, [entry])).toBe('b,d,far');
    expect(shown(two, { filter: 'done', query: 'x' }, [entry])).toBe('far');
  });

  it('names the neighbours of a new place', () => {
    const rows = rowsOf(addPage(emptyBoard, open, { items: ['a', 'b', 'c'].map((id) => task(id)), next: null }), [], open, nobody);
    expect(neighbours(rows, 'a', 1)).toEqual({ after: 'b', before: 'c' });
    expect(neighbours(rows, 'c', 0)).toEqual({ after: null, before: 'a' });
    expect(neighbours(rows, 'a', 2)).toEqual({ after: 'c', before: null });
  });
});

describe('a view', () => {
  it.each([
    ['', open],
    ['?filter=done&q=milk+now', { filter: 'done', query: 'milk now' }],
    ['?q=a%26b', { filter: 'open', query: 'a&b' }],
  ] as const)('is the address %s, both ways', (search, view) => {
    expect(viewFromSearch(search)).toEqual(view);
    expect(searchFromView(view)).toBe(search);
  });

  it('survives any address', () => {
    expect(viewFromSearch(`?filter=<script>&q=${'x'.repeat(500)}`)).toEqual({ filter: 'open', query: 'x'.repeat(200) });
  });

  it.each([
    { query: 'CREME brulee', found: true },
    { query: 'brûlée  oven', found: true },
    { query: 'brulee pan', found: false },
  ])('finds every word regardless of case and accents: $query', ({ query, found }) => {
    expect(matches({ filter: 'all', query }, task('a', { title: 'Crème brûlée', notes: 'Oven at 150°' }))).toBe(found);
  });
});
