import pg from 'pg';
import type { FastifyBaseLogger } from 'fastify';
import { unavailable } from '../errors.ts';
import { Availability } from './availability.ts';
import { isConnectionLoss, isCrowded, isSpoilt, isTrouble } from './failures.ts';
import { clientOptions } from './options.ts';

/** What one request may spend on the database, in milliseconds, over all of its queries. */
export class Budget {
  remaining: number;
  constructor(ms = 1900) {
    this.remaining = ms;
  }

  async spend<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.remaining -= performance.now() - start;
    }
  }
}

export type Row = Record<string, unknown>;
/** Runs one statement and gives its rows. */
export type Query = <R extends object = Row>(text: string, values?: readonly unknown[]) => Promise<R[]>;

const POOL_SIZE = 5;

/** A bounded pool that never makes a request wait longer than its budget, and repeats what a lost connection provably did not do. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #availability: Availability;

  constructor(url: string, log: FastifyBaseLogger) {
    this.#pool = new pg.Pool({ ...clientOptions(url, 'taskly'), max: POOL_SIZE, idleTimeoutMillis: 60_000, connectionTimeoutMillis: 1500 });
    this.#pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#availability = new Availability(() => this.#probe());
  }

  get stats(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  /** Statements that only read: repeated on a new connection when theirs is lost. */
  read<T>(budget: Budget, work: (query: Query) => Promise<T>): Promise<T> {
    return this.#attempts(budget, (client) => work(queryOn(client, budget)));
  }

  /**
   * One transaction. It is repeated when its connection is lost before the commit was sent. After that nobody knows whether it
   * happened, so it is repeated only if `repeatable` says that a second run finds the first one's result.
   */
  write<T>(budget: Budget, work: (query: Query) => Promise<T>, repeatable = false): Promise<T> {
    let committing = false;
    const attempt = async (client: pg.PoolClient): Promise<T> => {
      const query = queryOn(client, budget);
      await query('begin');
      const result = await work(query).catch((error: unknown) => rollBack(client, error));
      committing = true;
      await query('commit');
      return result;
    };
    return this.#attempts(budget, attempt, () => repeatable || !committing);
  }

  async end(): Promise<void> {
    this.#availability.stop();
    await this.#pool.end();
  }

  async #attempts<T>(budget: Budget, attempt: (client: pg.PoolClient) => Promise<T>, mayRepeat = (): boolean => true): Promise<T> {
    for (;;) {
      const client = await this.#acquire(budget);
      try {
        const result = await attempt(client);
        client.release();
        return result;
      } catch (error) {
        const lost = isConnectionLoss(error);
        client.release(isSpoilt(error) || error instanceof BrokenTransaction);
        if (lost) this.#availability.lost();
        if (!lost || !mayRepeat() || budget.remaining <= 0) throw translate(error);
      }
    }
  }

  async #acquire(budget: Budget): Promise<pg.PoolClient> {
    for (;;) {
      if (budget.remaining <= 0) throw unavailable();
      const up = await budget.spend(() => this.#availability.wait(budget.remaining));
      if (!up) throw unavailable();
      try {
        return await budget.spend(() => this.#connect(budget.remaining));
      } catch (error) {
        if (isConnectionLoss(error)) this.#availability.lost();
        else if (isCrowded(error)) await budget.spend(() => pause());
        else throw translate(error);
      }
    }
  }

  /** A connection within `ms`; one that comes too late goes back to the pool. */
  async #connect(ms: number): Promise<pg.PoolClient> {
    const connecting = this.#pool.connect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
    const client = await Promise.race([connecting, late]).finally(() => clearTimeout(timer));
    if (client) return client;
    connecting.then(
      (tooLate) => tooLate.release(),
      () => undefined,
    );
    throw unavailable();
  }

  async #probe(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query({ text: 'select 1', query_timeout: 1000 } as pg.QueryConfig);
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** A transaction that could not be rolled back: its connection must not serve anybody else. */
class BrokenTransaction extends Error {
  override readonly name = 'BrokenTransaction';
}

async function rollBack(client: pg.PoolClient, error: unknown): Promise<never> {
  if (!isSpoilt(error)) {
    await client.query({ text: 'rollback', query_timeout: 1000 } as pg.QueryConfig).catch(() => {
      throw new BrokenTransaction('rollback failed', { cause: error });
    });
  }
  throw error;
}

function queryOn(client: pg.PoolClient, budget: Budget): Query {
  return async <R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
    if (budget.remaining <= 1) throw unavailable();
    const timeout = Math.ceil(budget.remaining);
    const result = await budget.spend(() => client.query({ text, values: [...values], query_timeout: timeout } as pg.QueryConfig));
    return result.rows as R[];
  };
}

const translate = (error: unknown): unknown => (isTrouble(error) || error instanceof BrokenTransaction ? unavailable(error) : error);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
