/** All replicas of all sets: starts and stops them until they are what should be. */
import { isAlive } from '../../../exec/identity.ts';
import type { ServiceSpec } from '../../../stack/process.ts';
import type { RoutingTable } from '../ingress/table.ts';
import type { Desired } from '../protocol.ts';
import { Changes } from './changes.ts';
import { sleep, type Clock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import { planFleet, replicaId, settingsOf, slot, wantedOf, type Present, type Wanted } from './fleet-plan.ts';
import type { IngressKeeper } from './ingress-keeper.ts';
import type { Launcher } from './launcher.ts';
import { findMarked, signalAll, type Mark } from './processes.ts';
import { hasProcess } from './replica-machine.ts';
import { Replica, type ReplicaHost } from './replica.ts';
import { buildTable } from './routes.ts';
import type { ReplicaRecord, RuntimeFile } from './runtime.ts';

export interface FleetOptions {
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly runtime: RuntimeFile;
  readonly launcher: Launcher;
  readonly ingress: Pick<IngressKeeper, 'publish' | 'drained' | 'synced'>;
  readonly contentDir: string;
  desired(): Desired;
  /** False while replicas have to wait for resources. */
  mayStart(): boolean;
  /** Its program holds a fixed port that cannot be mapped. */
  isAlone(service: ServiceSpec): boolean;
  random(): number;
}

/** What a replica without a set is stopped with. */
const strayLimits = { drainMs: 10_000, graceMs: 10_000 };
const orphanGraceMs = 2000;
const orphanPollMs = 50;
/** How long a start that is under way may take. */
const spawnMs = 5000;

export class Fleet {
  readonly changes = new Changes();
  /** Extra replicas while others are being replaced, by `slot`. */
  readonly surge = new Map<string, number>();
  readonly #options: FleetOptions;
  readonly #replicas = new Map<string, Replica>();
  readonly #host: ReplicaHost;
  /** Restarts of replicas that ended while nobody looked, by id. */
  readonly #missed = new Map<string, number>();
  /** Replicas that have ended as they should since this was last set to 0. */
  retired = 0;
  /** By service: whether the replica that was stopped last had to be killed. */
  readonly ignoredStop = new Map<string, boolean>();
  #scheduled = false;
  /** Nothing is decided before everything that runs has been found. */
  #adopting = true;
  #ending = false;
  /** Another supervisor goes on with what runs. */
  #left = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#host = {
      clock: options.clock,
      random: options.random,
      launch: async (replica) => options.launcher.launch(replica),
      changed: () => this.update(),
      say: (level, id, message) => options.hub.say('replica', id, message, level),
      drain: async (id, ms) => {
        this.#publish();
        await options.ingress.drained(id, ms);
      },
    };
  }

  get replicas(): readonly Replica[] {
    return [...this.#replicas.values()];
  }

  get ports(): number[] {
    return this.replicas.map(({ port }) => port);
  }

  /** Replicas that are not what should be: they are on their way out. */
  get leaving(): readonly Replica[] {
    return this.replicas.filter(({ isLeaving }) => isLeaving);
  }

  wanted(): Wanted[] {
    const { desired, runtime, isAlone } = this.#options;
    return wantedOf({ desired: desired(), counts: runtime.value.counts, surge: this.surge, isAlone });
  }

  /** Something has changed: brings processes, routes and records in line with it, once for all changes of this moment. */
  update(): void {
    if (this.#scheduled || this.#adopting || this.#left) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#left) return;
      this.#forgetGone();
      this.reconcile();
      this.#publish();
      void this.record();
      this.changes.notify();
    });
  }

  /** Starts and stops what has to be started and stopped now. */
  reconcile(): void {
    if (this.#ending || this.#left) return;
    const plan = planFleet(this.wanted(), this.replicas.map(present));
    for (const id of plan.stop) this.#replicas.get(id)?.stop();
    if (!this.#options.mayStart()) return;
    for (const { wanted, ordinal } of plan.start) this.#add(wanted, ordinal).start();
  }

  #add({ release, service, settings }: Wanted, ordinal: number): Replica {
    const id = replicaId(service.name, release, ordinal, this.#releases());
    const replica = new Replica({ id, service, release, ordinal, settings, restarts: this.#missed.get(id) ?? 0 }, this.#host);
    this.#missed.delete(id);
    this.#replicas.set(id, replica);
    return replica;
  }

  #releases(): string[] {
    return [...this.replicas.map(({ release }) => release), ...this.wanted().map(({ release }) => release)];
  }

  #forgetGone(): void {
    for (const replica of this.replicas) {
      if (replica.phase !== 'gone') continue;
      this.ignoredStop.set(replica.service.name, replica.ignoredStop);
      void replica.leftovers.then(() => {
        if (this.#replicas.get(replica.id) !== replica) return;
        this.#replicas.delete(replica.id);
        this.retired += 1;
        this.update();
      });
    }
  }

  #publish(): void {
    this.#options.ingress.publish(this.#table());
  }

  #table(): Omit<RoutingTable, 'version'> {
    const { desired, runtime, contentDir } = this.#options;
    const alone = new Set(
      this.wanted()
        .filter((one) => one.alone)
        .map(({ service }) => service.name),
    );
    const replicas = this.replicas.map((replica) => ({
      id: replica.id,
      service: replica.service.name,
      release: replica.release,
      port: replica.port,
      phase: replica.phase,
      silent: replica.silent,
    }));
    return buildTable({ desired: desired(), replicas, internal: runtime.value.internal, contentDir, setKey: runtime.value.setKey, alone });
  }

  /** Writes down what runs. */
  async record(): Promise<void> {
    const releases = new Set(this.wanted().map(({ release }) => release));
    await this.#options.runtime.update(({ internal }) => ({
      replicas: this.replicas.flatMap(recordOf),
      internal: internal.filter(({ release }) => releases.has(release) || releases.size === 0),
    }));
  }

  /** Takes over what an earlier supervisor started, ends what it left half done, and goes on from there. */
  async adopt(records: readonly ReplicaRecord[], jobs: readonly Mark[]): Promise<void> {
    const marks = [...jobs];
    for (const record of records) {
      const { identity } = record;
      if (identity !== undefined && (await isAlive(identity))) this.#adoptOne({ ...record, identity });
      else marks.push(this.#missedOne(record));
    }
    await this.#endMarked(marks);
    this.#adopting = false;
    this.#publish();
  }

  #adoptOne(record: ReplicaRecord & { readonly identity: NonNullable<ReplicaRecord['identity']> }): void {
    const wanted = this.wanted().find(({ release, service }) => slot(release, service.name) === slot(record.release, record.service));
    const service = wanted?.service ?? strayService(record.service);
    const settings = wanted?.settings ?? settingsOf(service, strayLimits);
    const replica = new Replica(
      { id: record.id, service, release: record.release, ordinal: record.ordinal, settings, restarts: record.restarts },
      this.#host,
    );
    this.#replicas.set(record.id, replica);
    replica.adopt(record);
  }

  #missedOne({ id, release, port, restarts, identity }: ReplicaRecord): Mark {
    if (identity !== undefined) {
      this.#missed.set(id, restarts + 1);
      this.#options.hub.say('replica', id, 'ended while no supervisor ran; exit code unknown', 'warn');
    }
    return { GANTRY_REPLICA: id, GANTRY_RELEASE: release, PORT: String(port) };
  }

  async #endMarked(marks: readonly Mark[]): Promise<void> {
    const { clock, hub } = this.#options;
    const deadline = clock.now() + orphanGraceMs;
    for (let told = false; ; told = true) {
      const orphans = await findMarked(marks);
      if (orphans.length === 0) return;
      if (!told) hub.say('supervisor', 'orphans', `ending ${orphans.length} left by an earlier supervisor`, 'warn');
      if (!told || clock.now() > deadline) await signalAll(orphans, told ? 'SIGKILL' : 'SIGTERM');
      await sleep(clock, orphanPollMs);
    }
  }

  /** Another supervisor goes on with what runs: nothing is started, stopped or probed here when this resolves, and all is written down. */
  async leave(): Promise<void> {
    this.#left = true;
    const { clock } = this.#options;
    for (const deadline = clock.now() + spawnMs; clock.now() < deadline && this.replicas.some(({ phase }) => phase === 'spawning');)
      await sleep(clock, orphanPollMs);
    for (const replica of this.replicas) replica.forget();
    await this.record();
  }

  /** Ends everything at once, without waiting for requests. Resolves with how many there were when none is left. */
  async terminateAll(): Promise<number> {
    this.#ending = true;
    const all = this.replicas;
    for (const replica of all) replica.terminate();
    this.update();
    await this.changes.until(() => (this.#replicas.size === 0 ? true : undefined));
    await this.record();
    return all.length;
  }
}

function present(replica: Replica): Present {
  const { id, service, release, ordinal, phase, isLeaving } = replica;
  return { id, service: service.name, release, ordinal, phase, leaving: isLeaving };
}

function recordOf(replica: Replica): ReplicaRecord[] {
  const { id, service, release, ordinal, port, identity, phase, state, since } = replica;
  if (!hasProcess(phase) || port === 0) return [];
  const named =
    phase === 'ready' || phase === 'unready' ? phase : phase === 'draining' || phase === 'terminating' ? 'stopping' : 'starting';
  return [
    {
      id,
      service: service.name,
      release,
      ordinal,
      port,
      phase: named,
      restarts: state.restarts,
      since: since.toISOString(),
      ...(identity === undefined ? {} : { identity }),
    },
  ];
}

/** For a process whose set is no longer known. */
function strayService(name: string): ServiceSpec {
  return {
    name,
    kind: 'worker',
    content: '',
    run: [],
    env: {},
    fixedPort: false,
    limits: { cpu: 0, memory: 0 },
    scale: { min: 0, max: 0 },
    replicas: 0,
  };
}
