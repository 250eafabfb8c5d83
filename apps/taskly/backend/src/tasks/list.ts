import type { Query } from '../db/database.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { COLUMNS, toTask, type TaskRow } from './rows.ts';
import type { ListQuery, Task } from './schemas.ts';
import { words } from './search.ts';

const FILTERS: Readonly<Record<ListQuery['filter'], string>> = {
  all: 'true',
  open: 'done_at is null',
  done: 'done_at is not null',
  due: 'done_at is null and due is not null',
};

/** One page, by key and not by offset: what comes or goes before the cursor moves nothing behind it. */
export async function listTasks(query: Query, accountId: string, list: ListQuery): Promise<{ items: Task[]; next: string | null }> {
  const after = readCursor(list);
  const byDate = list.filter === 'due';
  const behind = byDate
    ? '($3::text is null or (due, position) > ($4::date, $3::text collate "C"))'
    : '($3::text is null or position > $3::text collate "C") and $4::date is null';
  const rows = await query<TaskRow>(
    `select ${COLUMNS} from tasks
     where account_id = $1 and ${FILTERS[list.filter]} and ${behind}
       and not exists (select from unnest($2::text[]) as word where strpos(search, word) = 0)
     order by ${byDate ? 'due, position' : 'position'} limit $5`,
    [accountId, words(list.q), after?.position ?? null, byDate ? (after?.due ?? null) : null, list.limit + 1],
  );
  const items = rows.slice(0, list.limit).map(toTask);
  const last = items.at(-1);
  return { items, next: rows.length > list.limit && last ? writeCursor(list, last) : null };
}
