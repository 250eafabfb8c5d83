/** Keeps an ingress running, in possession of the newest routing table, and replaces it by another without a lost request. */
import { rename, rm } from 'node:fs/promises';
import { GantryError, isGantryError } from '../../../errors.ts';
import type { Identity } from '../../../exec/identity.ts';
import type { IngressStats, RoutingTable } from '../ingress/table.ts';
import { sleep, type Clock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import { meetIngress, type IngressLink } from './ingress-link.ts';
import {
  dismiss,
  findIngresses,
  outlive,
  startIngress,
  succeedIngress,
  successorSocket,
  type IngressProgram,
  type StartedIngress,
} from './ingress-process.ts';
import { IngressNumbers } from './ingress-numbers.ts';
import { IngressTables } from './ingress-tables.ts';
import { lastLines } from './log-rotation.ts';
import { signalGroup } from './processes.ts';

export interface IngressKeeperOptions extends IngressProgram {
  readonly clock: Clock;
  readonly hub: EventHub;
  /** The highest version that any table had so far, and what is told of a higher one. */
  readonly version: number;
  onVersion(version: number): void;
  /** The ingress processes that an earlier supervisor knew, and what is told of those that run now. */
  readonly previous: readonly Identity[];
  onIdentities(main: Identity | undefined, others: readonly Identity[]): void;
  /** A process of this supervisor's own build was started. */
  onStarted(pid: number): void;
  /** How long requests of users may take to end. */
  drainMs(): number;
}

const connectRetryMs = 25;
/** How long a started ingress has until its socket answers. */
const startMs = 10_000;
const callMs = 5000;
/** How long an ingress that lives may be without a socket that answers. */
const silentMs = 3000;
const watchMs = 2000;
/** Answers missed in a row until it counts as hung. */
const missesUntilKilled = 5;
const longestBackoffMs = 5000;
const wellMs = 10_000;
const inForceMs = 15_000;
const shownLines = 10;

export class IngressKeeper {
  readonly #options: IngressKeeperOptions;
  readonly #tables: IngressTables<IngressLink>;
  readonly #numbers: IngressNumbers;
  readonly #links: ReadonlySet<IngressLink>;
  /** Pids of those that were told to end, and of those that will never answer. */
  readonly #going = new Set<number>();
  /** Looking for an ingress, or starting one: one at a time. */
  #acquiring: Promise<unknown> = Promise.resolve();
  #renewal: Promise<number> | undefined;
  #failures = 0;

  constructor(options: IngressKeeperOptions) {
    this.#options = options;
    const { places, hub, version, onVersion } = options;
    this.#tables = new IngressTables({ tableFile: places.tableFile, hub, version, onVersion });
    this.#numbers = new IngressNumbers(this.#tables);
    this.#links = this.#tables.links;
  }

  /** Adopts the ingress that runs, or starts one, and goes on doing so until `stop` or `leave`. The first table must have been published. */
  async start(): Promise<void> {
    await this.#tables.write();
    void this.#keep();
    void this.#endStrays();
  }

  /** Brings a table into force. Equal tables are not sent again. */
  publish(content: Omit<RoutingTable, 'version'>): void {
    this.#tables.publish(content);
  }

  /** Resolves when no request is given to anybody by an older table: all have switched to the present one, or there is no ingress. */
  async synced(): Promise<void> {
    await this.#tables.synced();
  }

  /** @throws GantryError GL1030 when not every ingress has switched to the present table in time */
  async inForce(): Promise<void> {
    const done = new AbortController();
    const late = sleep(this.#options.clock, inForceMs, done.signal).then(async () =>
      Promise.reject(await this.#trouble(`the ingress has not confirmed its routes within ${inForceMs / 1000} s`)),
    );
    late.catch(() => undefined);
    await Promise.race([this.#tables.inForce(), late]).finally(() => done.abort(new Error('no longer waited for')));
  }

  async #trouble(message: string): Promise<GantryError> {
    return new GantryError('GL1030', message, { lines: await lastLines(this.#options.places.logDir, 'ingress', shownLines) });
  }

  /** Resolves when nothing is in flight at the replica, or after `ms`. */
  async drained(replica: string, ms: number): Promise<void> {
    await this.synced();
    await Promise.all([...this.#links].map(async (link) => link.drained(replica, ms)));
  }

  /** Pid of the one that takes new requests, as soon as there is one; undefined when this supervisor ends before. */
  async present(): Promise<number | undefined> {
    await this.#tables.until(() => this.#main !== undefined || this.#isClosed);
    return this.#main?.identity?.pid;
  }

  /** Of all that serve, and of those that have ended since this supervisor started. */
  async stats(): Promise<IngressStats | undefined> {
    return this.#numbers.read();
  }

  async metrics(): Promise<string> {
    const answer = (await this.#main?.call({ op: 'metrics' }, callMs).catch(() => undefined)) as { readonly text?: string } | undefined;
    return answer?.text ?? '';
  }

  /** Ends it after what is in flight has been answered, and does not start another. */
  async stop(timeoutMs: number): Promise<void> {
    this.#close();
    await this.#renewal?.catch(() => undefined);
    const links = [...this.#links];
    await Promise.all(links.map(async (link) => link.stop(timeoutMs)));
    for (const { identity } of links) if (identity !== undefined) await outlive(identity, callMs, this.#options.clock);
    for (const identity of await findIngresses(this.#options.places, [])) await signalGroup(identity, 'SIGKILL');
  }

  /** It goes on without this supervisor, which tells it nothing more; it starts no other one until one has answered at the socket. */
  async leave(): Promise<void> {
    await this.#renewal?.catch(() => undefined);
    await this.#tables.inTurn(async () => {
      this.#close();
      await Promise.all([...this.#links].map(async (link) => link.call({ op: 'standby' }, callMs).catch(() => undefined)));
    });
  }

  /** Takes the standby of `leave` back: an ingress that finds no supervisor starts one again. */
  async recall(): Promise<void> {
    const { table } = this.#tables;
    if (table === undefined) return;
    await Promise.all([...this.#links].map(async (link) => link.call({ op: 'table', table }, callMs).catch(() => undefined)));
  }

  /** Lets go of the connections after `leave`. */
  disconnect(): void {
    for (const link of this.#links) link.close();
  }

  #close(): void {
    this.#tables.isClosed = true;
    this.#tables.notify();
  }

  get #isClosed(): boolean {
    return this.#tables.isClosed;
  }

  /**
   * Replaces the ingress by a new process without a lost request: the successor serves by the same table before the predecessor is told to
   * finish what it has, for which it gets `drainMs`. Gives the successor's pid when the predecessor has been told.
   * @throws GantryError GL1030 when no successor came up; the predecessor goes on
   */
  async renew(): Promise<number> {
    this.#renewal ??= this.#replace().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #replace(): Promise<number> {
    const successor = await this.#acquire(async () => this.#tables.inTurn(async () => this.#succeed()));
    const pid = successor.identity?.pid ?? 0;
    for (const link of this.#links) {
      if (link === successor || link.isLeaving) continue;
      this.#say(`pid ${pid} has taken over; pid ${link.identity?.pid ?? '?'} finishes what it has`);
      void this.#retire(link);
    }
    return pid;
  }

  async #succeed(): Promise<IngressLink> {
    if (this.#isClosed) throw new GantryError('GL1019', 'the app is being stopped');
    const { places, clock } = this.#options;
    const socket = successorSocket(places);
    const started = await this.#launchSuccessor(socket);
    const link = started === undefined ? undefined : await this.#reach(started, socket);
    if (link !== undefined && (await this.#tables.bringUp(link))) {
      await rename(socket, places.ingressSocket);
      this.#add(link);
      return link;
    }
    link?.close();
    if (started?.identity !== undefined) await dismiss([started.identity], callMs, clock);
    await rm(socket, { force: true });
    this.#remember();
    throw await this.#trouble('a new ingress did not come up; the present one goes on');
  }

  /** Internal addresses are free when it has stopped listening; whoever missed them gets them with a new version of the table. */
  async #retire(link: IngressLink): Promise<void> {
    if (link.identity !== undefined) this.#going.add(link.identity.pid);
    const stopped = link.stop(this.#options.drainMs());
    await this.#again();
    await stopped;
    if (link.identity !== undefined) await outlive(link.identity, callMs, this.#options.clock);
  }

  async #again(): Promise<void> {
    this.#tables.outbid(this.#tables.table?.version ?? -1);
    await this.#tables.push();
  }

  get #main(): IngressLink | undefined {
    return [...this.#links].find(({ isLeaving }) => !isLeaving);
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#isClosed) {
      const since = clock.now();
      const main = await this.#acquire(async () => this.#main ?? this.#connect());
      await this.#tables.until(() => this.#main === undefined || this.#isClosed);
      if (this.#isClosed) return;
      if (main !== undefined) this.#say('has ended; starting another', 'warn');
      this.#failures = clock.now() - since > wellMs ? 0 : this.#failures + 1;
      if (this.#failures > 1) await sleep(clock, Math.min(50 * 2 ** this.#failures, longestBackoffMs));
    }
  }

  async #acquire<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#acquiring.then(work);
    this.#acquiring = mine.catch(() => undefined);
    return mine;
  }

  /** A connection to the ingress that runs, or to a new one. */
  async #connect(): Promise<IngressLink | undefined> {
    const link = (await this.#find()) ?? (await this.#findSilent()) ?? (await this.#startFirst());
    if (link === undefined || this.#isClosed) return undefined;
    this.#tables.outbid(link.stats?.version ?? -1);
    this.#add(link);
    return link;
  }

  /** The one that runs; or the successor that was to replace it, if only that one is left. */
  async #find(): Promise<IngressLink | undefined> {
    const { places } = this.#options;
    const found = await meetIngress(places.ingressSocket);
    if (found !== undefined) return found;
    const successor = await meetIngress(successorSocket(places));
    if (successor !== undefined) await rename(successorSocket(places), places.ingressSocket);
    return successor;
  }

  /** One that lives may be about to open its socket. One that never does is ended when another one serves. */
  async #findSilent(): Promise<IngressLink | undefined> {
    const { clock, places, previous } = this.#options;
    for (const deadline = clock.now() + silentMs; clock.now() < deadline && !this.#isClosed; await sleep(clock, connectRetryMs)) {
      const present = await findIngresses(places, previous);
      if (present.every(({ pid }) => this.#going.has(pid))) return undefined;
      const found = await this.#find();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #startFirst(): Promise<IngressLink | undefined> {
    const { ingressSocket } = this.#options.places;
    const started = this.#isClosed ? undefined : await this.#launch(ingressSocket);
    if (started === undefined) return undefined;
    const link = await this.#reach(started, ingressSocket);
    if (link !== undefined) return link;
    if (started.identity !== undefined) await signalGroup(started.identity, 'SIGKILL');
    if (!this.#isClosed) this.#say('did not start', 'error');
    return undefined;
  }

  /** The present ingress starts it, so that it inherits all sockets; without one, or with one that cannot, it is started from here. */
  async #launchSuccessor(socket: string): Promise<StartedIngress | undefined> {
    const present = this.#main;
    if (present === undefined) return this.#launch(socket);
    try {
      return await this.#started(await succeedIngress(present, this.#options, socket));
    } catch (error) {
      if (!isGantryError(error) || error.code !== 'GL2005') void this.#endStrays();
      return this.#launch(socket);
    }
  }

  async #launch(controlSocket: string): Promise<StartedIngress | undefined> {
    try {
      return await this.#started(await startIngress(this.#options, controlSocket));
    } catch (error) {
      this.#say((error as Error).message, 'error');
      return undefined;
    }
  }

  async #started(started: StartedIngress): Promise<StartedIngress> {
    this.#say(`started (pid ${started.pid})`);
    this.#remember(started.identity);
    this.#options.onStarted(started.pid);
    return started;
  }

  /** Waits until the started one answers at its socket. */
  async #reach(started: StartedIngress, socket: string): Promise<IngressLink | undefined> {
    const { clock } = this.#options;
    this.#tables.starting += 1;
    try {
      for (const deadline = clock.now() + startMs; clock.now() < deadline && !(await started.isGone()) && !this.#isClosed;) {
        const link = await meetIngress(socket, started.identity);
        if (link?.identity?.pid === started.pid) return link;
        link?.close();
        await sleep(clock, connectRetryMs);
      }
      return undefined;
    } finally {
      this.#tables.starting -= 1;
      this.#tables.notify();
    }
  }

  #add(link: IngressLink): void {
    this.#tables.links.add(link);
    this.#remember();
    const watching = new AbortController();
    void this.#watch(link, watching.signal);
    void link.ended.then(() => {
      watching.abort();
      this.#forget(link);
    });
    this.#tables.notify();
    void this.#tables.push();
  }

  #forget(link: IngressLink): void {
    this.#tables.links.delete(link);
    this.#numbers.ended(link);
    this.#remember();
    this.#tables.notify();
  }

  /** Written down, so that whoever comes after a crash finds them. */
  #remember(started?: Identity): void {
    if (this.#isClosed) return;
    const main = this.#main?.identity ?? started;
    const known = [...[...this.#links].map(({ identity }) => identity), started];
    this.#options.onIdentities(
      main,
      known.flatMap((one) => (one === undefined || one.pid === main?.pid ? [] : [one])),
    );
  }

  /** Ends when it has gone, or when it hangs and has been killed. */
  async #watch(link: IngressLink, signal: AbortSignal): Promise<void> {
    for (let misses = 0; misses < missesUntilKilled;) {
      await sleep(this.#options.clock, watchMs, signal).catch(() => undefined);
      if (signal.aborted || this.#isClosed) return;
      misses = (await link.ask()) === undefined ? misses + 1 : 0;
      if (misses === 0) void this.#tables.push();
    }
    if (link.identity !== undefined) await signalGroup(link.identity, 'SIGKILL');
    link.close();
  }

  /** Those that an earlier supervisor left beside the one that is kept finish what they have, and end. */
  async #endStrays(): Promise<void> {
    const { places, previous, clock, drainMs } = this.#options;
    await this.#tables.until(() => this.#main !== undefined || this.#isClosed);
    const own = new Set([...this.#links].map(({ identity }) => identity?.pid));
    const strays = (await findIngresses(places, previous)).filter(({ pid }) => !own.has(pid));
    if (strays.length === 0 || this.#isClosed) return;
    for (const { pid } of strays) this.#going.add(pid);
    this.#say(`ending ${strays.map(({ pid }) => `pid ${pid}`).join(', ')}, left by an earlier supervisor`, 'warn');
    await dismiss(strays, drainMs() + callMs, clock);
    await rm(successorSocket(places), { force: true });
    if (!this.#isClosed) await this.#again();
  }

  #say(message: string, level: 'info' | 'warn' | 'error' = 'info'): void {
    this.#options.hub.say('ingress', 'ingress', message, level);
  }
}
