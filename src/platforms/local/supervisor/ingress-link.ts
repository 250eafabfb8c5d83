/** One ingress process and the connection by which it is steered. */
import { isGantryError, type ErrorCode } from '../../../errors.ts';
import { identify, type Identity } from '../../../exec/identity.ts';
import { openChannel, type Channel } from '../channel.ts';
import type { IngressRequest, IngressStats, RoutingTable } from '../ingress/table.ts';

type BareRequest = IngressRequest extends infer R ? (R extends IngressRequest ? Omit<R, 'v' | 'id'> : never) : never;

const protocol = 1;
const callMs = 5000;
const statsMs = 1000;
/** It could not listen on an internal address; its routes are as they should be. */
const deaf: ErrorCode = 'GL2004';
/** An ingress of an earlier version takes tables in one phase only; one that has missed the first phase takes the table whole. */
const unknown: ReadonlySet<ErrorCode> = new Set(['GL2005', 'GL2006']);

/** taken: it has done as asked. unknown: it does not know what is meant. silent: nothing came back in time. */
export type Reply = 'taken' | 'refused' | 'unknown' | 'silent';

export class IngressLink {
  readonly identity: Identity | undefined;
  /** Resolves when the connection has ended, as it does with the process. */
  readonly ended: Promise<void>;
  /** Version of the table that it routes by, as far as it has confirmed one. */
  committed = -1;
  /** Has been told to end: it serves what it has, and takes nothing new. */
  isLeaving = false;
  /** It does not follow any more, and is not waited for. */
  isExcused = false;
  /** Why it did not do as asked the last time. */
  problem = '';
  /** The newest numbers from it. */
  stats: IngressStats | undefined;
  readonly #channel: Channel;
  #inOnePhase = false;
  #last: Reply = 'taken';

  constructor(channel: Channel, identity: Identity | undefined) {
    this.#channel = channel;
    this.identity = identity;
    this.ended = channel.closed;
  }

  /** First phase: afterwards it can switch to the table at once. */
  async prepare(table: RoutingTable): Promise<Reply> {
    return this.#inOnePhase ? 'taken' : this.#tell({ op: 'prepare', table });
  }

  /** Second phase: it routes by the table when this resolves. */
  async commit(table: RoutingTable): Promise<Reply> {
    const unprepared = this.#inOnePhase || (await this.#tell({ op: 'commit', version: table.version })) === 'unknown';
    const reply = unprepared ? await this.#tell({ op: 'table', table }) : this.#last;
    if (reply === 'taken') this.committed = table.version;
    return reply;
  }

  async #tell(request: BareRequest): Promise<Reply> {
    this.#last = await this.#reply(request);
    if (this.#last === 'unknown' && request.op === 'prepare') {
      this.#inOnePhase = true;
      this.#last = 'taken';
    }
    return this.#last;
  }

  async #reply(request: BareRequest): Promise<Reply> {
    try {
      await this.call(request, callMs);
      return 'taken';
    } catch (error) {
      this.problem = (error as Error).message;
      const code = isGantryError(error) ? error.code : 'GL1010';
      if (code === 'GL1010' || code === 'GL1011') return 'silent';
      if (code === deaf) return 'taken';
      return unknown.has(code) ? 'unknown' : 'refused';
    }
  }

  /** @throws GantryError what it says; GL1010 (has ended); GL1011 (no answer in time) */
  async call(request: BareRequest, timeoutMs: number): Promise<unknown> {
    return this.#channel.call(request, { timeoutMs });
  }

  /** Undefined when it does not answer. */
  async ask(): Promise<IngressStats | undefined> {
    const stats = (await this.call({ op: 'stats' }, statsMs).catch(() => undefined)) as IngressStats | undefined;
    this.stats = stats ?? this.stats;
    return stats;
  }

  /** Waits until nothing is in flight at the replica, at most `ms`. One that has died has nothing in flight. */
  async drained(replica: string, ms: number): Promise<void> {
    await this.call({ op: 'drained', replica, timeoutMs: ms }, ms + callMs).catch(() => undefined);
  }

  /** It answers what it has and ends; resolves when it has said so, or not in time. */
  async stop(timeoutMs: number): Promise<void> {
    this.isLeaving = true;
    await this.call({ op: 'stop', timeoutMs }, timeoutMs + callMs).catch(() => undefined);
  }

  close(): void {
    this.#channel.close();
  }
}

/** The ingress that listens there, or undefined. `known` is taken for it when it does not say who it is. */
export async function meetIngress(socketPath: string, known?: Identity): Promise<IngressLink | undefined> {
  const channel = await openChannel(socketPath, protocol).catch(() => undefined);
  if (channel === undefined) return undefined;
  const stats = (await channel.call({ op: 'stats' }, { timeoutMs: statsMs }).catch(() => undefined)) as IngressStats | undefined;
  const link = new IngressLink(channel, stats === undefined ? known : await identify(stats.pid));
  link.stats = stats;
  return link;
}
