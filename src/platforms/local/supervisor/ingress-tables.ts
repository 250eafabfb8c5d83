/**
 * Brings routing tables into force at every ingress process that serves. While one replaces another there are two: all of them prepare a
 * table before any of them switches to it, so that no request is routed by a table that another process cannot follow.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { temporaryName } from '../../../exec/files.ts';
import type { RoutingTable } from '../ingress/table.ts';
import type { EventHub } from './event-hub.ts';
import type { Identity } from '../../../exec/identity.ts';
import type { Reply } from './ingress-link.ts';
import { signalGroup } from './processes.ts';

export interface IngressTablesOptions {
  readonly tableFile: string;
  readonly hub: EventHub;
  /** The highest version that any table had so far, and what is told of a higher one. */
  readonly version: number;
  onVersion(version: number): void;
}

/** An ingress process as the delivery of tables sees it. */
export interface Follower {
  readonly identity: Identity | undefined;
  /** Version of the table that it routes by, as far as it has confirmed one. */
  readonly committed: number;
  readonly isLeaving: boolean;
  /** It does not follow any more, and is not waited for. */
  isExcused: boolean;
  /** Why it did not do as asked the last time. */
  readonly problem: string;
  prepare(table: RoutingTable): Promise<Reply>;
  commit(table: RoutingTable): Promise<Reply>;
}

type Content = Omit<RoutingTable, 'version'>;

export class IngressTables<L extends Follower> {
  /** Those that serve, whether or not they take new requests. */
  readonly links = new Set<L>();
  /** How many have been started and cannot be spoken to yet; they serve by the table in the file. */
  starting = 0;
  isClosed = false;
  readonly #options: IngressTablesOptions;
  #table: RoutingTable | undefined;
  /** The table without its version, to see whether anything differs. */
  #content = '';
  #version: number;
  #written = -1;
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void)[] = [];

  constructor(options: IngressTablesOptions) {
    this.#options = options;
    this.#version = options.version;
  }

  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /** Equal tables are not sent again. */
  publish(content: Content): void {
    const text = JSON.stringify(content);
    if (text === this.#content || this.isClosed) return;
    this.#content = text;
    this.#setVersion(content, this.#version + 1);
    void this.push();
  }

  /** Gives the present table a version above `other`, so that whoever has that one takes it. */
  outbid(other: number): void {
    if (this.#table !== undefined && other >= this.#version) this.#setVersion(this.#table, other + 1);
  }

  #setVersion(content: Content, version: number): void {
    this.#version = version;
    this.#table = { ...content, version };
    this.#options.onVersion(version);
  }

  /** Resolves when no request is given to anybody by an older table: all have switched to the present one, or there is no ingress. */
  async synced(): Promise<void> {
    const version = this.#version;
    await this.until(() => this.#isCommitted(version) || (this.links.size + this.starting === 0 && this.#written >= version));
  }

  /** Resolves when there is an ingress and all have switched to the present table. */
  async inForce(): Promise<void> {
    const version = this.#version;
    await this.until(() => this.#isCommitted(version));
  }

  #isCommitted(version: number): boolean {
    return this.links.size > 0 && [...this.links].every(({ committed, isExcused }) => isExcused || committed >= version);
  }

  /** Tables are delivered one after the other, and no table while a successor starts: it begins with the one that is in force. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async push(): Promise<void> {
    await this.inTurn(async () => this.#deliver());
  }

  /** Brings the present table into force at one that does not count yet. */
  async bringUp(link: L): Promise<boolean> {
    const table = this.#table;
    if (table === undefined) return true;
    return (await link.prepare(table)) === 'taken' && (await link.commit(table)) === 'taken';
  }

  async #deliver(): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.isClosed) return;
    const behind = [...this.links].filter(({ committed, isExcused }) => committed < table.version && !isExcused);
    const isReady = await Promise.all(behind.map(async (link) => this.#judge(link, await link.prepare(table))));
    await this.write();
    if (isReady.every(Boolean))
      await Promise.all(behind.map(async (link) => link.isExcused || this.#judge(link, await link.commit(table))));
    this.notify();
  }

  /**
   * False when the table must not come into force because of this one. Nobody waits for one that does not answer or is about to end while
   * another one serves.
   */
  async #judge(link: L, reply: Reply): Promise<boolean> {
    if (reply === 'taken' || !this.links.has(link)) return true;
    if (!this.isClosed) this.#options.hub.say('ingress', 'ingress', `routes were not taken: ${link.problem}`, 'error');
    const dispensable = this.links.size > 1 && (reply === 'silent' || link.isLeaving);
    if (!dispensable) return false;
    link.isExcused = true;
    if (reply === 'silent' && link.identity !== undefined) await signalGroup(link.identity, 'SIGKILL');
    return true;
  }

  /** For an ingress that starts before it hears from anybody. */
  async write(): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.#written >= table.version) return;
    const { tableFile, hub } = this.#options;
    const temporary = temporaryName(tableFile);
    try {
      await writeFile(temporary, JSON.stringify(table), { mode: 0o600, flag: 'wx' });
      await rename(temporary, tableFile);
      this.#written = table.version;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      hub.say('ingress', 'ingress', `the routing table could not be written: ${(error as Error).message}`, 'error');
    }
    this.notify();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
