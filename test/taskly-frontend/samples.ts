import type { Task } from '../../apps/taskly/frontend/src/model/task.ts';

/** A task whose id, title and position are the same word. */
export const task = (id: string, more: Partial<Task> = {}): Task => ({
  id,
  title: id,
  notes: '',
  due: null,
  done: false,
  doneAt: null,
  position: id,
  version: 1,
  createdAt: '2030-01-01T00:00:00Z',
  updatedAt: '2030-01-01T00:00:00Z',
  ...more,
});
