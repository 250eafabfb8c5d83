import type { FastifyBaseLogger } from 'fastify';
import { Budget, type Database } from './db/database.ts';

const EVERY_MS = 10 * 60_000;
const BATCH = 2000;
const LOCK = 7_284_615_094;

/** What nobody needs any more. A client that was away for longer loads its list anew. */
const EXPIRED: readonly (readonly [table: string, condition: string])[] = [
  ['changes', "at < now() - interval '1 day'"],
  ['idempotency_keys', "created_at < now() - interval '1 day'"],
  ['rate_limits', "resets_at < now() - interval '1 hour'"],
  ['sessions', "expires_at < now() or last_used_at < now() - interval '7 days'"],
];

/** Removes it in small steps, on one replica at a time. */
export class Janitor {
  readonly #db: Database;
  readonly #log: FastifyBaseLogger;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, log: FastifyBaseLogger) {
    this.#db = db;
    this.#log = log;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), EVERY_MS * (0.5 + Math.random()));
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    try {
      for (const [table, condition] of EXPIRED) await this.#empty(table, condition);
    } catch (error) {
      this.#log.warn({ err: error }, 'cleaning up was interrupted; the next round continues');
    }
    this.start();
  }

  async #empty(table: string, condition: string): Promise<void> {
    for (let removed = BATCH; removed === BATCH;) {
      removed = await this.#db.write(new Budget(), async (query) => {
        const [lock] = await query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [LOCK]);
        if (!lock?.mine) return 0;
        return (
          await query(
            `delete from ${table} where ctid = any(array(select ctid from ${table} where ${condition} limit ${BATCH})) returning 1`,
          )
        ).length;
      });
    }
  }
}
