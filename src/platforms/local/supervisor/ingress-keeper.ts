/** Keeps an ingress running and in possession of the newest routing table. */
import { closeSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { GantryError, isGantryError, type ErrorCode } from '../../../errors.ts';
import { background } from '../../../exec/exec.ts';
import { temporaryName } from '../../../exec/files.ts';
import { identify, isAlive, type Identity } from '../../../exec/identity.ts';
import { openChannel, type Channel } from '../channel.ts';
import type { IngressStart } from '../ingress/main.ts';
import type { IngressRequest, IngressStats, RoutingTable } from '../ingress/table.ts';
import { logFile } from '../log-files.ts';
import type { Places } from '../places.ts';
import { sleep, type Clock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import { openLog } from './launcher.ts';
import { lastLines } from './log-rotation.ts';
import { signalGroup } from './processes.ts';

type BareRequest = IngressRequest extends infer R ? (R extends IngressRequest ? Omit<R, 'v' | 'id'> : never) : never;

export interface IngressKeeperOptions {
  readonly places: Places;
  readonly argv: readonly string[];
  /** What starts this supervisor, for an ingress that finds it dead. */
  readonly supervisor: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly publicSocket: number;
  readonly clock: Clock;
  readonly hub: EventHub;
  /** The highest version that any table had so far, and what is told of a higher one. */
  readonly version: number;
  onVersion(version: number): void;
  /** The ingress that an earlier supervisor knew, and what is told of a new one. */
  readonly previous: Identity | undefined;
  onIdentity(identity: Identity): void;
}

const protocol = 1;
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
/** The table is in force, but an internal address could not be listened on. */
const inForceButDeaf: ErrorCode = 'GL2004';

export class IngressKeeper {
  readonly #options: IngressKeeperOptions;
  #table: RoutingTable | undefined;
  /** The table without its version, to see whether anything differs. */
  #content = '';
  #version: number;
  #acknowledged = -1;
  #written = -1;
  #pushing: Promise<void> = Promise.resolve();
  #channel: Channel | undefined;
  #identity: Identity | undefined;
  /** The last one known, whether or not there is a connection to it. */
  #last: Identity | undefined;
  #stopping = false;
  #wake: (() => void)[] = [];
  #failures = 0;

  constructor(options: IngressKeeperOptions) {
    this.#options = options;
    this.#version = options.version;
    this.#last = options.previous;
  }

  get pid(): number | undefined {
    return this.#identity?.pid;
  }

  /** Adopts the ingress that runs, or starts one, and goes on doing so until `stop`. The first table must have been published. */
  async start(): Promise<void> {
    await this.#write();
    void this.#keep();
  }

  /** Brings a table into force. Equal tables are not sent again. */
  publish(content: Omit<RoutingTable, 'version'>): void {
    const text = JSON.stringify(content);
    if (text === this.#content) return;
    this.#content = text;
    this.#setVersion(content, this.#version + 1);
    void this.#push();
  }

  #setVersion(content: Omit<RoutingTable, 'version'>, version: number): void {
    this.#version = version;
    this.#table = { ...content, version };
    this.#options.onVersion(version);
  }

  /** Resolves when no request is given to anybody by an older table: the ingress has confirmed the present one, or there is no ingress. */
  async synced(): Promise<void> {
    const version = this.#version;
    await this.#until(() => this.#acknowledged >= version || (this.#channel === undefined && this.#written >= version));
  }

  /** @throws GantryError GL1030 when no ingress has confirmed the present table in time */
  async inForce(): Promise<void> {
    const version = this.#version;
    const done = new AbortController();
    const late = sleep(this.#options.clock, inForceMs, done.signal).then(async () => {
      const lines = await lastLines(this.#options.places.logDir, 'ingress', shownLines);
      throw new GantryError('GL1030', `the ingress has not confirmed its routes within ${inForceMs / 1000} s`, { lines });
    });
    late.catch(() => undefined);
    await Promise.race([this.#until(() => this.#acknowledged >= version), late]).finally(() =>
      done.abort(new Error('no longer waited for')),
    );
  }

  /** Resolves when nothing is in flight at the replica, or after `ms`. An ingress that has died has nothing in flight. */
  async drained(replica: string, ms: number): Promise<void> {
    await this.synced();
    await this.#call({ op: 'drained', replica, timeoutMs: ms }, ms + callMs).catch(() => undefined);
  }

  async stats(): Promise<IngressStats | undefined> {
    return (await this.#call({ op: 'stats' }, 1000).catch(() => undefined)) as IngressStats | undefined;
  }

  async metrics(): Promise<string> {
    const answer = (await this.#call({ op: 'metrics' }, callMs).catch(() => undefined)) as { readonly text?: string } | undefined;
    return answer?.text ?? '';
  }

  /** Ends it after what is in flight has been answered, and does not start another. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    const identity = this.#identity;
    await this.#call({ op: 'stop', timeoutMs }, timeoutMs + callMs).catch(() => undefined);
    if (identity === undefined) return;
    for (const deadline = this.#options.clock.now() + callMs; await isAlive(identity); await sleep(this.#options.clock, connectRetryMs)) {
      if (this.#options.clock.now() > deadline) await signalGroup(identity, 'SIGKILL');
    }
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const since = this.#options.clock.now();
      const channel = await this.#connect();
      if (channel !== undefined) await this.#converse(channel);
      if (this.#stopping) return;
      this.#failures = this.#options.clock.now() - since > wellMs ? 0 : this.#failures + 1;
      if (this.#failures > 1) await sleep(this.#options.clock, Math.min(50 * 2 ** this.#failures, longestBackoffMs));
    }
  }

  /** A connection to the ingress that runs, or to a new one. */
  async #connect(): Promise<Channel | undefined> {
    const found = (await this.#open()) ?? (await this.#openLast());
    if (found !== undefined) return found;
    const exited = await this.#launch();
    for (const deadline = this.#options.clock.now() + startMs; this.#options.clock.now() < deadline && !exited.now && !this.#stopping;) {
      const channel = await this.#open();
      if (channel !== undefined) return channel;
      await sleep(this.#options.clock, connectRetryMs);
    }
    if (this.#identity !== undefined) await signalGroup(this.#identity, 'SIGKILL');
    if (!this.#stopping) this.#options.hub.say('ingress', 'ingress', 'did not start', 'error');
    return undefined;
  }

  /** One that lives but cannot be spoken to would go on serving by an old table beside its successor. */
  async #openLast(): Promise<Channel | undefined> {
    const { clock } = this.#options;
    for (
      const deadline = clock.now() + silentMs;
      this.#last !== undefined && (await isAlive(this.#last));
      await sleep(clock, connectRetryMs)
    ) {
      const channel = await this.#open();
      if (channel !== undefined) return channel;
      if (clock.now() > deadline) await signalGroup(this.#last, 'SIGKILL');
    }
    return undefined;
  }

  #know(identity: Identity | undefined): void {
    this.#identity = identity;
    if (identity === undefined) return;
    this.#last = identity;
    this.#options.onIdentity(identity);
  }

  async #open(): Promise<Channel | undefined> {
    return openChannel(this.#options.places.ingressSocket, protocol).catch(() => undefined);
  }

  async #launch(): Promise<{ now: boolean }> {
    const { places, argv, env, publicSocket } = this.#options;
    const exited = { now: false };
    const log = await openLog(places.logDir, 'ingress');
    try {
      const { pid, exit } = await background({
        argv,
        cwd: places.folder,
        env: { ...env, GANTRY_INGRESS: JSON.stringify(this.#startOptions()) },
        stdio: ['ignore', log, log, publicSocket],
      });
      this.#know(await identify(pid));
      this.#options.hub.say('ingress', 'ingress', `started (pid ${pid})`);
      void exit.then(() => (exited.now = true));
    } catch (error) {
      exited.now = true;
      this.#options.hub.say('ingress', 'ingress', (error as Error).message, 'error');
    } finally {
      closeSync(log);
    }
    return exited;
  }

  #startOptions(): IngressStart {
    const { places, supervisor, env } = this.#options;
    return {
      controlSocket: places.ingressSocket,
      tableFile: places.tableFile,
      accessLog: logFile(places.logDir, 'access'),
      supervisor: {
        socketPath: places.supervisorSocket,
        argv: supervisor,
        cwd: places.folder,
        env,
        logFile: logFile(places.logDir, 'supervisor'),
      },
    };
  }

  /** Tells it the table and watches it until the connection ends. */
  async #converse(channel: Channel): Promise<void> {
    this.#channel = channel;
    this.#acknowledged = -1;
    const watching = new AbortController();
    try {
      await this.#meet();
      await Promise.race([channel.closed, this.#watch(watching.signal)]);
    } finally {
      watching.abort();
      channel.close();
      this.#channel = undefined;
      this.#identity = undefined;
      this.#notify();
      if (!this.#stopping) this.#options.hub.say('ingress', 'ingress', 'has ended; starting another', 'warn');
    }
  }

  async #meet(): Promise<void> {
    const stats = await this.stats();
    if (stats === undefined) return;
    this.#know(await identify(stats.pid));
    if (stats.version >= this.#version && this.#table !== undefined) this.#setVersion(this.#table, stats.version + 1);
    await this.#push();
  }

  /** Resolves when it hangs and has been killed. */
  async #watch(signal: AbortSignal): Promise<void> {
    for (let misses = 0; misses < missesUntilKilled;) {
      await sleep(this.#options.clock, watchMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      misses = (await this.stats()) === undefined ? misses + 1 : 0;
      if (misses === 0) void this.#push();
    }
    if (this.#identity !== undefined) await signalGroup(this.#identity, 'SIGKILL');
  }

  /** One push at a time; each takes the newest table. */
  async #push(): Promise<void> {
    this.#pushing = this.#pushing.then(async () => this.#deliver());
    await this.#pushing;
  }

  async #deliver(): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.#acknowledged >= table.version) return;
    await this.#write();
    try {
      await this.#call({ op: 'table', table }, callMs);
      this.#acknowledged = table.version;
    } catch (error) {
      if (isGantryError(error) && error.code === inForceButDeaf) this.#acknowledged = table.version;
      if (this.#channel !== undefined && !this.#stopping)
        this.#options.hub.say('ingress', 'ingress', `routes were not taken: ${(error as Error).message}`, 'error');
    }
    this.#notify();
  }

  /** For an ingress that starts before it hears from anybody. */
  async #write(): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.#written >= table.version) return;
    const { tableFile } = this.#options.places;
    const temporary = temporaryName(tableFile);
    try {
      await writeFile(temporary, JSON.stringify(table), { mode: 0o600, flag: 'wx' });
      await rename(temporary, tableFile);
      this.#written = table.version;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      this.#options.hub.say('ingress', 'ingress', `the routing table could not be written: ${(error as Error).message}`, 'error');
    }
    this.#notify();
  }

  async #call(request: BareRequest, timeoutMs: number): Promise<unknown> {
    if (this.#channel === undefined) throw new GantryError('GL1030', 'the ingress does not run');
    return this.#channel.call(request, { timeoutMs });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
