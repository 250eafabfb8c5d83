import { isShown, type Board } from './board.ts';
import { overlay, type Entry, type Row } from './outbox.ts';
import { byPosition, matches, orderOf, type View } from './view.ts';

/** What the list shows: the board as far as it was read, with the outbox on top. Rows in `lingering`, and those that wait for a decision, are there although they do not match. */
export function rowsOf(board: Board, entries: readonly Entry[], view: View, lingering: ReadonlySet<string>): Row[] {
  const rows = overlay([...board.tasks.values()].sort(byPosition), entries).filter((row) => isVisible(board, view, row, lingering));
  if (view.filter === 'due') rows.sort((left, right) => orderOf('due')(left.task, right.task));
  return rows;
}

function isVisible(board: Board, view: View, row: Row, lingering: ReadonlySet<string>): boolean {
  if (lingering.has(row.task.id) || row.trouble !== null) return true;
  return row.pending ? matches(view, row.task) : isShown(board, view, row.task);
}

/** The neighbours a row gets when it moves to `index` of the list as it is shown. */
export function neighbours(rows: readonly Row[], id: string, index: number): { after: string | null; before: string | null } {
  const others = rows.filter((row) => row.task.id !== id);
  return { after: others[index - 1]?.task.id ?? null, before: others[index]?.task.id ?? null };
}
