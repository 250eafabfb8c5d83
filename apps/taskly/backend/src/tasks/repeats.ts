import { createHash } from 'node:crypto';
import type { Query } from '../db/database.ts';
import { ApiError } from '../errors.ts';
import type { CreateBody, Task } from './schemas.ts';

/** A request's own name, under which its answer is kept for a day. */
export interface Repeat {
  readonly key: string;
  readonly hash: Buffer;
}

export const repeatOf = (key: string, body: CreateBody): Repeat => ({
  key,
  // Validation has put the fields into one order and filled the defaults in.
  hash: createHash('sha256').update(JSON.stringify(body)).digest(),
});

/** The answer that this key was given before. @throws ApiError idempotency_key_reused when it belongs to another body */
export async function findAnswer(query: Query, accountId: string, repeat: Repeat): Promise<Task | undefined> {
  const [row] = await query<{ request_hash: Buffer; response: Task }>(
    `select request_hash, response from idempotency_keys where account_id = $1 and key = $2 and created_at > now() - interval '1 day'`,
    [accountId, repeat.key],
  );
  if (row && !row.request_hash.equals(repeat.hash)) {
    throw new ApiError('idempotency_key_reused', 'This Idempotency-Key was used with another body. Use a new key for a new task.');
  }
  return row?.response;
}

export async function keepAnswer(query: Query, accountId: string, repeat: Repeat, task: Task): Promise<void> {
  await query(
    `insert into idempotency_keys (account_id, key, request_hash, response) values ($1, $2, $3, $4)
     on conflict (account_id, key) do update set request_hash = excluded.request_hash, response = excluded.response, created_at = now()`,
    [accountId, repeat.key, repeat.hash, JSON.stringify(task)],
  );
}
