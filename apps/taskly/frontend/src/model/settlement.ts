import { dropTask, putTask, type Board } from './board.ts';
import { isLocal, type Entry, type Settled } from './outbox.ts';
import type { Task } from './task.ts';

/** What one answer of the server means to every tab of the person. */
export interface Settlement {
  put?: Task;
  drop?: string;
  alias?: [real: string, local: string];
  /** The entry that is in the outbox no more. */
  ended?: string;
}

export function settlementOf(entry: Entry, { entries, put, drop }: Settled): Settlement {
  return {
    ...(put === undefined ? {} : { put }),
    ...(drop === undefined ? {} : { drop }),
    ...(put !== undefined && isLocal(entry.task) ? { alias: [put.id, entry.task] } : {}),
    ...(entries.some(({ id }) => id === entry.id) ? {} : { ended: entry.id }),
  };
}

/** Another tab's message may come before its change of the stored outbox does. */
export function absorbed(
  board: Board,
  entries: readonly Entry[],
  { put, drop, ended }: Settlement,
): { board: Board; entries: readonly Entry[] } {
  const withPut = put === undefined ? board : putTask(board, put);
  return {
    board: drop === undefined ? withPut : dropTask(withPut, drop),
    entries: entries.some(({ id }) => id === ended) ? entries.filter(({ id }) => id !== ended) : entries,
  };
}
