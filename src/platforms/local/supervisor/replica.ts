/** One replica: performs what its state machine says, and tells the machine what happens. */
import { isGantryError, type GantryError } from '../../../errors.ts';
import { isAlive, type Identity } from '../../../exec/identity.ts';
import type { ServiceSpec } from '../../../stack/process.ts';
import type { ReplicaState } from '../../platform.ts';
import type { Clock, Timer } from './clock.ts';
import { elsewhere, listenersOf, type Misplaced } from './listening.ts';
import { probeHttp, probeTcp, type ProbeResult } from './probe.ts';
import { isFrozen, isGroupFrozen, members, oomKills, signalAll, signalReplica, type Mark } from './processes.ts';
import {
  hasProcess,
  initialState,
  transition,
  type Effect,
  type MachineEvent,
  type MachineSettings,
  type MachineState,
  type Phase,
  type TimerName,
} from './replica-machine.ts';
import type { ReplicaRecord } from './runtime.ts';

export interface Launched {
  readonly identity: Identity;
  /** Exit code or signal, for a child of this process. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** What a replica needs from those around it. */
export interface ReplicaHost {
  readonly clock: Clock;
  /** Chooses the replica's port (`replica.port`) and starts its program. @throws GantryError what a person can do */
  launch(replica: Replica): Promise<Launched>;
  /** Takes it out of rotation and resolves when nothing is in flight there, or after `ms`. */
  drain(id: string, ms: number): Promise<void>;
  /** Its phase, port or process has changed. */
  changed(replica: Replica): void;
  say(level: 'info' | 'warn' | 'error', id: string, message: string): void;
  random(): number;
}

export interface ReplicaPlan {
  readonly id: string;
  readonly service: ServiceSpec;
  readonly release: string;
  readonly ordinal: number;
  readonly settings: MachineSettings;
  /** Of earlier processes under this id. */
  readonly restarts: number;
}

type BareEvent = MachineEvent extends infer E ? (E extends MachineEvent ? Omit<E, 'at'> : never) : never;

const startupProbeMs = 25;
const slowStartupProbeMs = 100;
/** Probes are dense for the first moments of a start. */
const quickStartMs = 2000;
const pollMs = 250;
const sweepPollMs = 50;
/** What a crashed program leaves behind may finish what it does for so long. */
const leftoverGraceMs = 1000;
/** How long nothing listens before it is looked up where the program listens. */
const suspicionMs = 1500;
/** A look costs a walk through all processes and connections of the machine, and where a program listens seldom changes. */
const lookPauseMs = 2000;
const tcpProbe = { intervalMs: 2000, timeoutMs: 1000 };

export class Replica {
  readonly id: string;
  readonly service: ServiceSpec;
  readonly release: string;
  readonly ordinal: number;
  readonly settings: MachineSettings;
  state: MachineState;
  port = 0;
  identity: Identity | undefined;
  since: Date;
  /** How long the current process took until it was ready; undefined before, and for one that was adopted. */
  readyMs: number | undefined;
  /** Its last process did not end by itself when it was asked to. */
  ignoredStop = false;
  /** Why the last start failed. */
  startError: GantryError | undefined;
  /** Where the program listens instead of on its port, if it does. */
  misplaced: Misplaced | undefined;
  /** It is stopped and continued in turns on purpose: standing still means nothing then. */
  isSlowed = false;
  /** The last probe got no answer at all. */
  silent = false;
  readonly #host: ReplicaHost;
  readonly #timers = new Map<TimerName, Timer>();
  #probe: Timer | undefined;
  /** Grows with every process, so that news of an older one is ignored. */
  #generation = 0;
  #isForgotten = false;
  #startedAt = 0;
  /** When it was last looked up where the program listens. */
  #lookedAt = -Infinity;
  /** Resolves when nothing of a crashed process is left. */
  leftovers: Promise<void> = Promise.resolve();

  constructor(plan: ReplicaPlan, host: ReplicaHost) {
    this.id = plan.id;
    this.service = plan.service;
    this.release = plan.release;
    this.ordinal = plan.ordinal;
    this.settings = plan.settings;
    this.#host = host;
    this.since = host.clock.date();
    this.state = { ...initialState, restarts: plan.restarts };
  }

  get phase(): Phase {
    return this.state.phase;
  }

  get mark(): Mark {
    return { GANTRY_REPLICA: this.id, GANTRY_RELEASE: this.release, PORT: String(this.port) };
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  /** Takes over a process that an earlier supervisor started. */
  adopt(record: ReplicaRecord & { readonly identity: Identity }): void {
    this.port = record.port;
    this.since = new Date(record.since);
    const phase = record.phase === 'stopping' ? 'unready' : record.phase;
    this.#dispatch({ type: 'adopted', phase, restarts: record.restarts });
    this.#follow(record.identity);
    void this.#pollExit(record.identity, this.#generation);
    void this.#awaken(record.identity);
  }

  /** An earlier supervisor may have ended while it slowed this one down. */
  async #awaken(leader: Identity): Promise<void> {
    if (await isGroupFrozen(leader)) await signalReplica(leader, this.mark, 'SIGCONT');
  }

  /** Starts it at once if it waits for its next start, and forgets what failed before. */
  retry(): void {
    this.startError = undefined;
    this.#dispatch({ type: 'retry' });
  }

  /** Drains and ends it for good. */
  stop(): void {
    this.#dispatch({ type: 'stop' });
  }

  /** Ends it for good without waiting for requests. */
  terminate(): void {
    this.#dispatch({ type: 'terminate' });
  }

  /** Its process goes on under another supervisor; nothing is done or expected here any more. */
  forget(): void {
    this.#isForgotten = true;
    this.#generation += 1;
    this.#probe?.cancel();
    this.#clearTimers();
  }

  get isLeaving(): boolean {
    return this.state.next === 'end' || this.phase === 'gone';
  }

  #dispatch(event: BareEvent): void {
    if (this.#isForgotten) return;
    const before = this.state;
    const stamped = { ...event, at: this.#host.clock.now() } as MachineEvent;
    const { state, effects } = transition(before, stamped, this.settings);
    this.state = state;
    if (before.phase === 'starting' && state.phase === 'ready') this.readyMs = Math.round(stamped.at - this.#startedAt);
    if (state.phase !== before.phase) this.#clearTimers();
    for (const effect of effects) this.#perform(effect);
    if (state.phase !== before.phase) this.#host.changed(this);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'spawn':
        return void this.#spawn();
      case 'timer':
        return this.#setTimer(effect.timer, effect.ms);
      case 'drain':
        return void this.#drain(effect.ms);
      case 'signal':
        return void this.#signal(effect.signal);
      case 'report':
        return this.#host.say(effect.level, this.id, effect.message);
    }
  }

  #setTimer(name: TimerName, ms: number): void {
    this.#timers.get(name)?.cancel();
    const timer = this.#host.clock.after(ms, () => this.#dispatch({ type: 'timer', timer: name }));
    this.#timers.set(name, timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  async #spawn(): Promise<void> {
    await this.leftovers;
    if (this.#isForgotten) return;
    try {
      const { identity, exit } = await this.#host.launch(this);
      this.startError = undefined;
      this.misplaced = undefined;
      this.since = this.#host.clock.date();
      this.readyMs = undefined;
      this.#follow(identity);
      this.#dispatch({ type: 'spawned' });
      this.#host.changed(this);
      void this.#awaitExit(identity, exit, this.#generation);
    } catch (error) {
      this.startError = isGantryError(error) ? error : undefined;
      this.#dispatch({ type: 'spawnFailed', detail: (error as Error).message, permanent: isPermanent(error), jitter: this.#host.random() });
    }
  }

  #follow(identity: Identity): void {
    this.identity = identity;
    this.silent = false;
    this.#generation += 1;
    this.#startedAt = this.#host.clock.now();
    if (this.settings.probe !== 'none') this.#nextProbe(this.#generation, 0);
  }

  async #awaitExit(identity: Identity, exit: Launched['exit'], generation: number): Promise<void> {
    const killsBefore = oomKills();
    const { code, signal } = await exit;
    const killed = signal === 'SIGKILL' && this.phase !== 'terminating' && (oomKills() ?? 0) > (killsBefore ?? 0);
    await this.#leaderEnded(identity, generation, killed ? 'out of memory' : (signal ?? `exit ${code ?? 'unknown'}`));
  }

  /** A process that is not our child: nobody tells how it ended. */
  async #pollExit(identity: Identity, generation: number): Promise<void> {
    while (generation === this.#generation && (await isAlive(identity))) await this.#pause(pollMs);
    await this.#leaderEnded(identity, generation, 'exit code unknown');
  }

  async #leaderEnded(identity: Identity, generation: number, how: string): Promise<void> {
    if (generation !== this.#generation) return;
    this.#generation += 1;
    this.#probe?.cancel();
    if (this.phase === 'terminating' || this.phase === 'draining') await this.#outlast(identity);
    else this.leftovers = this.#sweep(identity);
    this.identity = undefined;
    this.#dispatch({ type: 'exited', how, jitter: this.#host.random() });
  }

  /** While it is being stopped, the rest of the group has its grace; what has left the group is killed. */
  async #outlast(leader: Identity): Promise<void> {
    for (;;) {
      const rest = await members(leader, this.mark);
      if (rest.every(({ group }) => group !== leader.pid)) return signalAll(rest, 'SIGKILL');
      await this.#pause(sweepPollMs);
    }
  }

  async #sweep(leader: Identity): Promise<void> {
    await signalAll(await members(leader, this.mark), 'SIGTERM');
    const deadline = this.#host.clock.now() + leftoverGraceMs;
    for (;;) {
      const rest = await members(leader, this.mark);
      if (rest.length === 0) return;
      if (this.#host.clock.now() >= deadline) await signalAll(rest, 'SIGKILL');
      await this.#pause(sweepPollMs);
    }
  }

  async #signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const leader = this.identity;
    if (leader === undefined) return;
    if (signal === 'SIGKILL' && this.state.next === 'end') {
      this.ignoredStop = true;
      this.#host.say('warn', this.id, 'did not end in time and is killed');
    }
    await signalReplica(leader, this.mark, signal);
  }

  async #drain(ms: number): Promise<void> {
    await this.#host
      .drain(this.id, ms)
      .catch((error: unknown) => this.#host.say('warn', this.id, `requests could not be waited for: ${(error as Error).message}`));
    this.#dispatch({ type: 'drained' });
  }

  #nextProbe(generation: number, ms: number): void {
    this.#probe?.cancel();
    this.#probe = this.#host.clock.after(ms, () => void this.#check(generation));
  }

  async #check(generation: number): Promise<void> {
    const { health } = this.service;
    const { intervalMs, timeoutMs } = health ?? tcpProbe;
    const leader = this.identity;
    const [readiness, liveness] = await Promise.all([
      health === undefined ? probeTcp(this.port, timeoutMs) : probeHttp(this.port, health.path, timeoutMs),
      health?.live === undefined || this.phase === 'starting' ? undefined : probeHttp(this.port, health.live, timeoutMs),
    ]);
    const mute = !readiness.passed && !readiness.answered && !readiness.refused;
    const frozen = leader !== undefined && !this.isSlowed && (isFrozen(leader) || (mute && (await isGroupFrozen(leader))));
    if (generation !== this.#generation || !hasProcess(this.phase)) return;
    this.#judge(frozen ? { passed: false, answered: false, detail: 'it is stopped by a signal', refused: false } : readiness, frozen);
    if (liveness !== undefined) this.#dispatch({ type: 'liveness', passed: liveness.passed, detail: liveness.detail });
    this.#nextProbe(generation, this.phase === 'starting' ? this.#startupPause(intervalMs) : intervalMs);
  }

  #startupPause(intervalMs: number): number {
    const young = this.#host.clock.now() - this.#startedAt < quickStartMs;
    return Math.min(intervalMs, young ? startupProbeMs : slowStartupProbeMs);
  }

  #judge(result: ProbeResult, frozen: boolean): void {
    const silentBefore = this.silent;
    this.silent = !result.passed && !result.answered;
    if (this.phase === 'starting' && result.refused && this.#isLookDue()) void this.#lookElsewhere(this.#generation);
    if (result.passed) this.misplaced = undefined;
    const detail = this.misplaced?.words ?? result.detail;
    this.#dispatch({ type: 'probed', passed: result.passed, answered: result.answered, frozen, detail });
    if (silentBefore !== this.silent && this.phase === 'unready') this.#host.changed(this);
  }

  #isLookDue(): boolean {
    const now = this.#host.clock.now();
    return now - this.#startedAt >= suspicionMs && now - this.#lookedAt >= lookPauseMs;
  }

  async #lookElsewhere(generation: number): Promise<void> {
    if (this.identity === undefined) return;
    this.#lookedAt = this.#host.clock.now();
    const pids = (await members(this.identity, this.mark)).map(({ pid }) => pid);
    const found = elsewhere(listenersOf(pids), this.port);
    if (generation !== this.#generation || found?.words === this.misplaced?.words) return;
    this.misplaced = found;
    if (found !== undefined) this.#host.say('warn', this.id, found.words);
    this.#host.changed(this);
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.#host.clock.after(ms, resolve));
  }
}

/** A lack of processes, memory or descriptors passes; a missing program or value does not, until somebody acts. */
function isPermanent(error: unknown): boolean {
  const cause = (error as { readonly cause?: NodeJS.ErrnoException }).cause?.code ?? '';
  return isGantryError(error) && !['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'].includes(cause);
}

/** The replica's state as everybody names it. */
export function publicState({ phase, failure }: MachineState): ReplicaState {
  const names: Readonly<Record<Phase, ReplicaState>> = {
    new: 'waiting',
    spawning: 'starting',
    starting: 'starting',
    ready: 'ready',
    unready: 'unready',
    draining: 'stopping',
    terminating: 'stopping',
    waiting: failure === null ? 'waiting' : 'failed',
    gone: 'stopping',
  };
  return names[phase];
}
