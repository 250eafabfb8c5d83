import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Query } from '../db/database.ts';
import { tooMany } from '../errors.ts';

/** At most `limit` hits on `key` in a window that begins with the first one. */
export interface Rule {
  readonly key: string;
  readonly limit: number;
  readonly seconds: number;
}

interface Counter {
  key: string;
  hits: number;
  wait: number;
}

/**
 * Counts a hit on every rule, in one statement, so that replicas and simultaneous requests cannot slip past each other.
 * Keys are locked in one order: two requests with the same keys never wait for each other in a circle.
 * @throws ApiError too_many_requests with the seconds to wait
 */
export async function hit(query: Query, rules: readonly Rule[]): Promise<void> {
  const sorted = rules.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const counters = await query<Counter>(
    `insert into rate_limits as r (key, hits, resets_at)
       select key, 1, now() + seconds * interval '1 second' from unnest($1::text[], $2::int[]) as rule (key, seconds)
     on conflict (key) do update set
       hits = case when r.resets_at <= now() then 1 else least(r.hits, 1000000000) + 1 end,
       resets_at = case when r.resets_at <= now() then excluded.resets_at else r.resets_at end
     returning r.key, r.hits, ceil(extract(epoch from r.resets_at - now()))::int as wait`,
    [sorted.map((rule) => rule.key), sorted.map((rule) => rule.seconds)],
  );
  const limits = new Map(rules.map((rule) => [rule.key, rule.limit]));
  const over = counters.filter((counter) => counter.hits > (limits.get(counter.key) ?? 0));
  if (over.length > 0) throw tooMany(Math.max(1, ...over.map((counter) => counter.wait)));
}

/** After a success: the account starts afresh, the address gets its hit back. */
export async function forgive(query: Query, accountKey: string, addressKey: string): Promise<void> {
  await query('delete from rate_limits where key = $1', [accountKey]);
  await query('update rate_limits set hits = greatest(hits - 1, 0) where key = $1', [addressKey]);
}

/** By address as typed, known or not: a limit must not tell who has an account, and the table no address. */
export const accountKey = (email: string): string => `sign-in:account:${createHash('sha256').update(email).digest('base64url')}`;

export const addressKey = (action: string, address: string): string => `${action}:address:${network(address)}`;

/** One person has a whole /64 of IPv6 addresses. */
function network(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const front = head.split(':').filter(Boolean);
  const back = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
