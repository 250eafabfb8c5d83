import type { Query } from '../db/database.ts';
import { ApiError, notFound } from '../errors.ts';
import { lockAccount, recordChange } from '../events/changes.ts';
import { findPosition, isMove } from './order.ts';
import { findAnswer, keepAnswer, type Repeat } from './repeats.ts';
import { COLUMNS, toTask, type TaskRow } from './rows.ts';
import type { ChangeBody, CreateBody, Task } from './schemas.ts';
import { searchText } from './search.ts';

const MAX_TASKS = 10_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function getTask(query: Query, accountId: string, id: string): Promise<Task> {
  const [row] = UUID.test(id)
    ? await query<TaskRow>(`select ${COLUMNS} from tasks where account_id = $1 and id = $2`, [accountId, id])
    : [];
  if (!row) throw notFound();
  return toTask(row);
}

/** Creates a task, or finds the one that the same request created before. Needs a transaction, as do all below. */
export async function createTask(
  query: Query,
  accountId: string,
  body: CreateBody,
  repeat: Repeat | undefined,
): Promise<{ task: Task; replayed: boolean }> {
  const { tasks } = await lockAccount(query, accountId);
  const before = repeat && (await findAnswer(query, accountId, repeat));
  if (before) return { task: before, replayed: true };
  if (tasks >= MAX_TASKS) throw new ApiError('limit_reached', 'There is room for 10,000 tasks. Delete some that are done.');
  const task = await insertTask(query, accountId, body);
  await recordChange(query, accountId, { op: 'put', taskId: task.id, tasks: 1 });
  if (repeat) await keepAnswer(query, accountId, repeat, task);
  return { task, replayed: false };
}

async function insertTask(query: Query, accountId: string, body: CreateBody): Promise<Task> {
  const position = await findPosition(query, accountId, body);
  const [row] = await query<TaskRow>(
    `insert into tasks (account_id, title, notes, due, position, search) values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
    [accountId, body.title, body.notes, body.due, position, searchText(body.title, body.notes)],
  );
  return toTask(row as TaskRow);
}

/** Whether the task already is what the request asks for. */
const holds = (task: Task, body: ChangeBody): boolean =>
  !isMove(body) && (['title', 'notes', 'due', 'done'] as const).every((field) => body[field] === undefined || body[field] === task[field]);

const conflict = (task: Task): ApiError => new ApiError('version_conflict', 'This task has been changed in the meantime.', { task });

export async function changeTask(query: Query, accountId: string, id: string, body: ChangeBody): Promise<Task> {
  await lockAccount(query, accountId);
  const task = await getTask(query, accountId, id);
  if (holds(task, body)) return task;
  if (task.version !== body.version) throw conflict(task);
  const position = isMove(body) ? await findPosition(query, accountId, body, task.id) : undefined;
  const changed = await updateTask(query, accountId, { ...task, ...withoutUndefined(body) }, position);
  await recordChange(query, accountId, { op: 'put', taskId: task.id });
  return changed;
}

async function updateTask(query: Query, accountId: string, task: Task, position: string | undefined): Promise<Task> {
  const [row] = await query<TaskRow>(
    `update tasks set title = $3, notes = $4, due = $5, done_at = case when $6 then coalesce(done_at, now()) end, search = $7,
       position = coalesce($8, position), version = version + 1, updated_at = now()
     where account_id = $1 and id = $2 returning ${COLUMNS}`,
    [accountId, task.id, task.title, task.notes, task.due, task.done, searchText(task.title, task.notes), position ?? null],
  );
  return toTask(row as TaskRow);
}

function withoutUndefined(body: ChangeBody): Partial<Pick<Task, 'title' | 'notes' | 'due' | 'done'>> {
  const { title, notes, due, done } = body;
  return Object.fromEntries(Object.entries({ title, notes, due, done }).filter(([, value]) => value !== undefined));
}

export async function deleteTask(query: Query, accountId: string, id: string, version: number | undefined): Promise<void> {
  await lockAccount(query, accountId);
  const task = await getTask(query, accountId, id);
  if (version !== undefined && version !== task.version) throw conflict(task);
  await query('delete from tasks where account_id = $1 and id = $2', [accountId, task.id]);
  await recordChange(query, accountId, { op: 'delete', taskId: task.id, tasks: -1 });
}
