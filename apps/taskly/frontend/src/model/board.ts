import type { Task } from './task.ts';
import { matches, orderOf, viewKey, type View } from './view.ts';

/** How far one view has been read from the server. */
export interface Reach {
  /** Cursor of the next page; null when everything has been read. */
  next: string | null;
  /** The last task that was read: what lies behind it in the order is not shown yet, so that pages neither jump nor have holes. */
  last: Task | null;
  /** Tasks that the server found though `matches` would not, with the version for which it said so. */
  also: ReadonlyMap<string, number>;
}

/** What the server is known to hold. Values are never changed in place. */
export interface Board {
  tasks: ReadonlyMap<string, Task>;
  /** Ids that were deleted: a page that was under way while it happened must not bring them back. */
  gone: ReadonlySet<string>;
  reaches: ReadonlyMap<string, Reach>;
}

export interface Page {
  items: Task[];
  next: string | null;
}

export const emptyBoard: Board = { tasks: new Map(), gone: new Set(), reaches: new Map() };

export function putTask(board: Board, task: Task): Board {
  const held = board.tasks.get(task.id);
  if (board.gone.has(task.id) || (held !== undefined && held.version > task.version)) return board;
  return { ...board, tasks: new Map(board.tasks).set(task.id, task) };
}

export function dropTask(board: Board, id: string): Board {
  const tasks = new Map(board.tasks);
  tasks.delete(id);
  return { ...board, tasks, gone: new Set(board.gone).add(id) };
}

export function addPage(board: Board, view: View, page: Page): Board {
  const tasks = new Map(board.tasks);
  for (const task of page.items)
    if (!board.gone.has(task.id) && !((tasks.get(task.id)?.version ?? 0) > task.version)) tasks.set(task.id, task);
  const before = board.reaches.get(viewKey(view));
  const also = new Map(before?.also);
  for (const task of page.items) if (!matches(view, task)) also.set(task.id, task.version);
  const reach = { next: page.next, last: page.items.at(-1) ?? before?.last ?? null, also };
  return { ...board, tasks, reaches: new Map(board.reaches).set(viewKey(view), reach) };
}

/** Starts again from one freshly read view: whatever else was known may be stale. `since` are tasks heard of while it was read. */
export function renewed(board: Board, view: View, page: Page, since: Iterable<Task>): Board {
  let next = addPage({ tasks: new Map(), gone: board.gone, reaches: new Map() }, view, page);
  for (const task of since) next = putTask(next, task);
  return next;
}

/** Whether a task of the board is shown in a view: up to where the view has been read, or all that is known while its first page is under way. */
export function isShown(board: Board, view: View, task: Task): boolean {
  const reach = board.reaches.get(viewKey(view));
  if (!matches(view, task) && reach?.also.get(task.id) !== task.version) return false;
  if (reach === undefined || reach.next === null) return true;
  return reach.last !== null && orderOf(view.filter)(task, reach.last) <= 0;
}
