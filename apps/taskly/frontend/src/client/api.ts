import type { Page } from '../model/board.ts';
import { isLocal, type Entry } from '../model/outbox.ts';
import type { Account, Task } from '../model/task.ts';
import type { View } from '../model/view.ts';
import { call } from './http.ts';

export const pageSize = 50;

export const me = (): Promise<Account> => call('/api/me');

export const signUp = (email: string, password: string, name: string): Promise<Account> =>
  call('/api/accounts', { method: 'POST', body: { email, password, ...(name === '' ? {} : { name }) } });

export const signIn = (email: string, password: string): Promise<Account> =>
  call('/api/session', { method: 'POST', body: { email, password } });

export const signOut = (): Promise<void> => call('/api/session', { method: 'DELETE' });

export function listTasks(view: View, cursor: string | null, limit: number, signal?: AbortSignal): Promise<Page> {
  const parameters = new URLSearchParams({ filter: view.filter, limit: String(limit) });
  if (view.query !== '') parameters.set('q', view.query);
  if (cursor !== null) parameters.set('cursor', cursor);
  return call(`/api/tasks?${parameters}`, signal === undefined ? {} : { signal });
}

/** Sends one entry of the outbox; the task as it then is, null when it is deleted. */
export function sendEntry(entry: Entry, keepalive = false): Promise<Task | null> {
  const { change, version } = entry;
  const path = `/api/tasks/${encodeURIComponent(entry.task)}`;
  switch (change.kind) {
    case 'create':
      return call('/api/tasks', {
        method: 'POST',
        keepalive,
        headers: { 'idempotency-key': entry.id },
        body: { ...change.fields, after: null },
      });
    case 'edit':
      return call(path, { method: 'PATCH', keepalive, body: { version, ...change.fields } });
    case 'move':
      return call(path, { method: 'PATCH', keepalive, body: { version, ...placeOf(change) } });
    case 'delete':
      return call<undefined>(`${path}?version=${version}`, { method: 'DELETE', keepalive }).then(() => null);
  }
}

/** A neighbour that never reached the server cannot be named to it. */
function placeOf({ after, before }: { after: string | null; before: string | null }): { after: string | null } | { before: string | null } {
  if (after !== null && !isLocal(after)) return { after };
  return before !== null && !isLocal(before) ? { before } : { after: null };
}
