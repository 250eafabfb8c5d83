import type { Query } from '../db/database.ts';
import { COLUMNS, toTask, type TaskRow } from '../tasks/rows.ts';
import type { Task } from '../tasks/schemas.ts';

/** The channel that wakes the replicas; its payload is the account. */
export const CHANNEL = 'taskly_changes';

interface NewChange {
  readonly op: 'put' | 'delete' | 'reload' | 'signed-out';
  readonly taskId?: string;
  readonly sessionId?: string;
  /** By how many the account's tasks become more. */
  readonly tasks?: number;
}

/** Holds the account until the transaction ends: its changes are made, numbered and committed one after the other. */
export async function lockAccount(query: Query, accountId: string): Promise<{ tasks: number }> {
  const [row] = await query<{ tasks: number }>('select tasks from account_state where account_id = $1 for update', [accountId]);
  return row ?? { tasks: 0 };
}

/**
 * Writes down a change within the transaction that makes it. Taking the next number locks the account, so a number becomes visible only after
 * all smaller ones: a reader that has seen N has seen everything up to N.
 */
export async function recordChange(query: Query, accountId: string, change: NewChange): Promise<void> {
  await query(
    `with state as (update account_state set seq = seq + 1, tasks = tasks + $5 where account_id = $1 returning seq),
       logged as (insert into changes (account_id, seq, op, task_id, session_id) select $1, seq, $2, $3, $4 from state)
     select pg_notify('${CHANNEL}', $1::uuid::text)`,
    [accountId, change.op, change.taskId ?? null, change.sessionId ?? null, change.tasks ?? 0],
  );
}

/** A change as a reader sees it; `task` is the task of now and missing when it is gone by now. */
export interface Change {
  readonly seq: number;
  readonly op: NewChange['op'];
  readonly taskId: string | null;
  readonly sessionId: string | null;
  readonly task: Task | undefined;
}

type ChangeRow = { seq: number; op: NewChange['op']; task_id: string | null; session_id: string | null } & (TaskRow | { id: null });

export const PAGE = 500;

/** The next changes behind `after`, in order, at most a page. */
export async function readChanges(query: Query, accountId: string, after: number): Promise<Change[]> {
  const rows = await query<ChangeRow>(
    `select c.seq, c.op, c.task_id, c.session_id, t.* from changes c
     left join lateral (select ${COLUMNS} from tasks where c.op = 'put' and tasks.id = c.task_id and tasks.account_id = c.account_id) t on true
     where c.account_id = $1 and c.seq > $2 order by c.seq limit ${PAGE}`,
    [accountId, after],
  );
  return rows.map((row) => ({
    seq: row.seq,
    op: row.op,
    taskId: row.task_id,
    sessionId: row.session_id,
    task: row.id === null ? undefined : toTask(row),
  }));
}

/** The number of the last change of each of these accounts. */
export async function currentSeqs(query: Query, accountIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await query<{ account_id: string; seq: number }>('select account_id, seq from account_state where account_id = any($1)', [
    accountIds,
  ]);
  return new Map(rows.map((row) => [row.account_id, row.seq]));
}

/** More than this is caught up faster by loading the list. */
const MAX_REPLAY = 1000;

/**
 * Where a stream starts: right behind `last` when everything since is still written down, else at the present.
 * @param last the number that the client has seen, if it says one
 */
export async function startingPoint(query: Query, accountId: string, last: number | undefined): Promise<{ seq: number; resumed: boolean }> {
  const [row] = await query<{ seq: number; first: number | null }>(
    'select seq, (select min(c.seq) from changes c where c.account_id = s.account_id) as first from account_state s where account_id = $1',
    [accountId],
  );
  const seq = row?.seq ?? 0;
  if (last === undefined || last > seq || seq - last > MAX_REPLAY) return { seq, resumed: false };
  const whole = last === seq || (row?.first != null && row.first <= last + 1);
  return whole ? { seq: last, resumed: true } : { seq, resumed: false };
}
