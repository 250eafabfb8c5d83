import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';
import type { Query } from '../db/database.ts';
import { invalid } from '../errors.ts';
import { recordChange } from '../events/changes.ts';

/** Where a task goes: right behind or in front of another, or (null) to the list's start or end. */
export interface Spot {
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** Keys grow when tasks are put into the same gap again and again; beyond this all are given short ones anew. */
const MAX_KEY = 100;

export const isMove = (spot: Spot): boolean => spot.after !== undefined || spot.before !== undefined;

/**
 * A free position at the spot, the end by default. The caller holds the account's lock, so the gap stays what it is.
 * @param moving the task that moves; it is no neighbour of itself
 */
export async function findPosition(query: Query, accountId: string, spot: Spot, moving?: string): Promise<string> {
  const position = await between(query, accountId, spot, moving);
  if (position.length <= MAX_KEY) return position;
  await renumber(query, accountId);
  return between(query, accountId, spot, moving);
}

async function between(query: Query, accountId: string, spot: Spot, moving: string | undefined): Promise<string> {
  const beside = (anchor: string | null, side: 'next' | 'previous'): Promise<string | null> =>
    neighbour(query, accountId, anchor, side, moving);
  if (spot.after !== undefined) {
    const anchor = await anchorPosition(query, accountId, spot.after, 'after', moving);
    return generateKeyBetween(anchor, await beside(anchor, 'next'));
  }
  const anchor = await anchorPosition(query, accountId, spot.before ?? null, 'before', moving);
  return generateKeyBetween(await beside(anchor, 'previous'), anchor);
}

async function anchorPosition(
  query: Query,
  accountId: string,
  id: string | null,
  field: 'after' | 'before',
  moving: string | undefined,
): Promise<string | null> {
  if (id === null) return null;
  if (id === moving) throw invalid({ [field]: 'A task cannot be its own neighbour.' });
  const [row] = await query<{ position: string }>('select position from tasks where account_id = $1 and id = $2', [accountId, id]);
  if (!row) throw invalid({ [field]: 'There is no such task.' });
  return row.position;
}

/** The position next to the anchor; without an anchor the first (`next`) or the last (`previous`) of all. */
async function neighbour(
  query: Query,
  accountId: string,
  anchor: string | null,
  side: 'next' | 'previous',
  moving: string | undefined,
): Promise<string | null> {
  const [compare, direction] = side === 'next' ? ['>', 'asc'] : ['<', 'desc'];
  const [row] = await query<{ position: string }>(
    `select position from tasks where account_id = $1 and ($2::text is null or position ${compare} $2::text collate "C") and ($3::uuid is null or id <> $3)
     order by position ${direction} limit 1`,
    [accountId, anchor, moving ?? null],
  );
  return row?.position ?? null;
}

/** Short keys for all, in the order there is. Versions stay: nobody's edit is in conflict with it. */
async function renumber(query: Query, accountId: string): Promise<void> {
  const rows = await query<{ id: string }>('select id from tasks where account_id = $1 order by position', [accountId]);
  const keys = generateNKeysBetween(null, null, rows.length);
  await query(
    `update tasks set position = fresh.position from unnest($2::uuid[], $3::text[]) as fresh (id, position)
     where tasks.account_id = $1 and tasks.id = fresh.id`,
    [accountId, rows.map((row) => row.id), keys],
  );
  await recordChange(query, accountId, { op: 'reload' });
}
