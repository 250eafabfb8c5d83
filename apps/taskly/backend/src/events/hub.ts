import type { FastifyBaseLogger } from 'fastify';
import { aliveSessions } from '../accounts/sessions.ts';
import { Budget, type Database } from '../db/database.ts';
import { currentSeqs, PAGE, readChanges } from './changes.ts';
import type { EventStream } from './stream.ts';

/** The streams of one account on this replica, and whether somebody is reading changes for them. */
interface Channel {
  readonly streams: Set<EventStream>;
  reading: boolean;
  again: boolean;
}

/** Polls per heartbeat; the heartbeat also looks for what a lost wake-up may have left. */
const BEAT_EVERY = 3;
const RETRY_MS = 500;

/** All open streams of this replica. It is told when an account has changed, reads the changes and passes them on. */
export class Hub {
  readonly #db: Database;
  readonly #log: FastifyBaseLogger;
  readonly #listening: () => boolean;
  readonly #channels = new Map<string, Channel>();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #closing = false;

  constructor(db: Database, log: FastifyBaseLogger, listening: () => boolean, pollMs: number) {
    this.#db = db;
    this.#log = log;
    this.#listening = listening;
    this.#timer = setInterval(() => void this.#tick(), pollMs);
    this.#timer.unref();
  }

  get closing(): boolean {
    return this.#closing;
  }

  get size(): number {
    return this.#streams().length;
  }

  count(accountId: string): number {
    return this.#channels.get(accountId)?.streams.size ?? 0;
  }

  add(stream: EventStream): void {
    const channel = this.#channels.get(stream.accountId) ?? { streams: new Set(), reading: false, again: false };
    this.#channels.set(stream.accountId, channel);
    channel.streams.add(stream);
    this.wake(stream.accountId);
  }

  remove(stream: EventStream): void {
    const channel = this.#channels.get(stream.accountId);
    channel?.streams.delete(stream);
    if (channel?.streams.size === 0) this.#channels.delete(stream.accountId);
  }

  /** Something may have changed in this account. */
  wake(accountId: string): void {
    const channel = this.#channels.get(accountId);
    if (!channel) return;
    channel.again = true;
    if (!channel.reading) void this.#read(accountId, channel);
  }

  /** Looks once for every account whether it is behind; after the listener was away, or while it is. */
  async catchUp(): Promise<void> {
    const ids = [...this.#channels.keys()];
    if (ids.length === 0) return;
    const seqs = await this.#db.read(new Budget(), (query) => currentSeqs(query, ids));
    for (const [id, seq] of seqs) {
      if (behind(this.#channels.get(id)) < seq) this.wake(id);
    }
  }

  close(): void {
    this.#closing = true;
    clearInterval(this.#timer);
    for (const stream of this.#streams()) stream.leave();
    this.#channels.clear();
  }

  #streams(): EventStream[] {
    return [...this.#channels.values()].flatMap((channel) => [...channel.streams]);
  }

  async #read(accountId: string, channel: Channel): Promise<void> {
    channel.reading = true;
    try {
      while (channel.again && channel.streams.size > 0) {
        channel.again = false;
        const changes = await this.#db.read(new Budget(), (query) => readChanges(query, accountId, behind(channel)));
        for (const stream of channel.streams) stream.deliver(changes);
        if (changes.length === PAGE) channel.again = true;
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'changes could not be read; trying again');
      setTimeout(() => this.wake(accountId), RETRY_MS * (1 + Math.random())).unref();
    } finally {
      channel.reading = false;
    }
  }

  async #tick(): Promise<void> {
    const beat = ++this.#ticks % BEAT_EVERY === 0;
    if (beat) for (const stream of this.#streams()) stream.beat();
    try {
      if (beat || !this.#listening()) await this.catchUp();
      if (beat) await this.#endDeadSessions();
    } catch (error) {
      this.#log.warn({ err: error }, 'the database did not answer the event poll');
    }
  }

  /** Sessions that ran out or were removed without a sign-out. */
  async #endDeadSessions(): Promise<void> {
    const streams = this.#streams();
    if (streams.length === 0) return;
    const ids = [...new Set(streams.map((stream) => stream.sessionId))];
    const alive = await this.#db.read(new Budget(), (query) => aliveSessions(query, ids));
    for (const stream of streams) if (!alive.has(stream.sessionId)) stream.signOut();
  }
}

/** The number that the slowest stream has seen. */
const behind = (channel: Channel | undefined): number => Math.min(...[...(channel?.streams ?? [])].map((stream) => stream.seq));
