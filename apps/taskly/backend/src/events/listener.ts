import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { FastifyBaseLogger } from 'fastify';
import { clientOptions } from '../db/options.ts';
import { CHANNEL } from './changes.ts';

interface Handlers {
  /** An account has changed. */
  readonly changed: (accountId: string) => void;
  /** Listening (again); whatever was said before was not heard. */
  readonly connected: () => void;
}

const CHECK_MS = 15_000;

/** The replica's own connection that hears NOTIFY. It comes back by itself, with growing pauses and jitter. */
export class Listener {
  readonly #url: string;
  readonly #log: FastifyBaseLogger;
  readonly #handlers: Handlers;
  #client: pg.Client | undefined;
  #stopped = false;

  constructor(url: string, log: FastifyBaseLogger, handlers: Handlers) {
    this.#url = url;
    this.#log = log;
    this.#handlers = handlers;
  }

  get listening(): boolean {
    return this.#client !== undefined;
  }

  start(): void {
    void this.#keepListening();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.end().catch(() => undefined);
  }

  async #keepListening(): Promise<void> {
    for (let pause = 100; !this.#stopped; pause = Math.min(pause * 2, 5000)) {
      try {
        await this.#listen(() => (pause = 100));
      } catch (error) {
        if (!this.#stopped) this.#log.warn({ err: error }, 'not listening for changes; polling until the connection is back');
      }
      if (!this.#stopped) await sleep(pause * (0.5 + Math.random()), undefined, { ref: false });
    }
  }

  /** Listens until the connection ends. */
  async #listen(connected: () => void): Promise<void> {
    const client = new pg.Client({ ...clientOptions(this.#url, 'taskly-listener'), connectionTimeoutMillis: 3000 });
    const ended = new Promise<never>((_, reject) => {
      client.once('error', reject);
      client.once('end', () => reject(new Error('the connection ended')));
    });
    ended.catch(() => undefined);
    client.on('notification', (message) => this.#handlers.changed(message.payload ?? ''));
    const check = setInterval(() => void this.#check(client), CHECK_MS);
    try {
      await Promise.race([client.connect().then(() => client.query(`listen ${CHANNEL}`)), ended]);
      this.#client = client;
      connected();
      this.#handlers.connected();
      await ended;
    } finally {
      clearInterval(check);
      this.#client = undefined;
      client.on('error', () => undefined);
      await client.end().catch(() => undefined);
    }
  }

  /** A connection can die without a word; one that does not answer is dropped. */
  async #check(client: pg.Client): Promise<void> {
    try {
      await client.query({ text: 'select 1', query_timeout: 3000 } as pg.QueryConfig);
    } catch (error) {
      client.emit('error', error);
    }
  }
}
