import type { Task } from './schemas.ts';

export interface TaskRow {
  id: string;
  title: string;
  notes: string;
  due: string | null;
  done_at: Date | null;
  position: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export const COLUMNS = 'id, title, notes, due, done_at, position, version, created_at, updated_at';

export const toTask = (row: TaskRow): Task => ({
  id: row.id,
  title: row.title,
  notes: row.notes,
  due: row.due,
  done: row.done_at !== null,
  doneAt: row.done_at?.toISOString() ?? null,
  position: row.position,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
