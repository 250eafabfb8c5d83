/** Everything that one app folder's supervisor consists of, put together. */
import { GantryError } from '../../../errors.ts';
import type { ServiceSpec, SetSpec } from '../../../stack/process.ts';
import type { Desired } from '../protocol.ts';
import { startAutoscaler, type AutoscalerParts } from '../autoscaler/autoscaler.ts';
import { systemClock, type Clock } from './clock.ts';
import { Disturber } from './disturb.ts';
import { openDesired, type DesiredFile } from './desired.ts';
import { eventHub, type EventHub } from './event-hub.ts';
import { referredServices } from './environment.ts';
import { Fleet } from './fleet.ts';
import { predecessorVariable } from './handover.ts';
import { IngressKeeper } from './ingress-keeper.ts';
import { internalPort, launcher, type Launcher, type LauncherParts } from './launcher.ts';
import { removeOldLogs, startRotation, type Rotation } from './log-rotation.ts';
import { OperationGate } from './operation.ts';
import type { SupervisorOptions } from './options.ts';
import { Recovery } from './recovery.ts';
import { ResourceKeeper } from './resource-keeper.ts';
import { openRuntime, type Runtime, type RuntimeFile } from './runtime.ts';

export interface Supervisor {
  readonly options: SupervisorOptions;
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly desired: DesiredFile;
  readonly runtime: RuntimeFile;
  readonly resources: ResourceKeeper;
  readonly ingress: IngressKeeper;
  readonly fleet: Fleet;
  readonly launcher: Launcher;
  readonly gate: OperationGate;
  readonly rotation: Rotation;
  readonly autoscaler: { stop(): void };
  readonly recovery: Recovery;
  readonly disturber: Disturber;
  /** Why nothing new is begun any more. */
  ending: GantryError | undefined;
}

const publicSocket = 3;
/** Logs of replicas that have ended stay for a while. */
const keptOldLogs = 20;

/** Reads what should be and what was, takes over what runs, and starts working towards what should be. */
export async function openSupervisor(options: SupervisorOptions, hub: EventHub): Promise<Supervisor> {
  const { places } = options;
  const clock = systemClock;
  const complain = (message: string, level: 'warn' | 'error' = 'warn'): void => hub.say('supervisor', 'state', message, level);
  const desired = await openDesired(places.desiredFile, { clock, complain });
  const runtime = await openRuntime(places.runtimeFile, complain);
  const supervisor = assemble(options, clock, hub, desired, runtime);
  await begin(supervisor);
  return supervisor;
}

function assemble(options: SupervisorOptions, clock: Clock, hub: EventHub, desired: DesiredFile, runtime: RuntimeFile): Supervisor {
  const { places } = options;
  const parts: LauncherParts = {
    options,
    runtime,
    resource: (name) => resources.output(name),
    versions: (release) => setOf(desired.value, release)?.secrets ?? {},
    takenPorts: () => new Set([...fleet.ports, ...runtime.value.internal.map(({ port }) => port), ...resources.ports]),
    recorded: async () => fleet.record(),
  };
  const resources = resourceKeeper(options, clock, hub, runtime, () => fleet.update());
  const ingress = ingressKeeper(options, clock, hub, runtime, desired);
  const launch = launcher(parts);
  const fleet: Fleet = new Fleet({
    clock,
    hub,
    runtime,
    launcher: launch,
    ingress,
    contentDir: places.contentDir,
    desired: () => desired.value,
    mayStart: () => resources.haveStarted,
    isAlone: (service) => isAlone(options, service),
    random: Math.random,
  });
  const rotation = startRotation({ logDir: places.logDir, clock });
  const gate = new OperationGate(clock);
  const recovery = new Recovery({ gate, hub, clock, places, work: options.recovery });
  const scaled: AutoscalerParts = { options, clock, hub, desired, runtime, ingress, fleet, gate };
  const disturber = new Disturber({ clock, hub, replicas: () => fleet.replicas });
  const autoscaler = startAutoscaler(scaled);
  return { ...scaled, resources, launcher: launch, rotation, recovery, disturber, autoscaler, ending: undefined };
}

function resourceKeeper(
  options: SupervisorOptions,
  clock: Clock,
  hub: EventHub,
  runtime: RuntimeFile,
  onChange: () => void,
): ResourceKeeper {
  const { places, resources: drivers, secrets, env } = options;
  const onRecords = (records: Runtime['resources']): void => void runtime.update(() => ({ resources: records }));
  return new ResourceKeeper({
    places,
    drivers,
    secrets,
    env,
    clock,
    hub,
    records: runtime.value.resources,
    onRecords,
    onChange,
    random: Math.random,
  });
}

function ingressKeeper(options: SupervisorOptions, clock: Clock, hub: EventHub, runtime: RuntimeFile, desired: DesiredFile): IngressKeeper {
  const { ingress, otherIngresses = [] } = runtime.value;
  return new IngressKeeper({
    places: options.places,
    argv: options.ingress,
    supervisor: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    env: ownEnvironment(),
    publicSocket: options.publicSocket ?? publicSocket,
    clock,
    hub,
    version: runtime.value.tableVersion,
    onVersion: (tableVersion) => void runtime.update(() => ({ tableVersion })),
    previous: [...(ingress === undefined ? [] : [ingress]), ...otherIngresses],
    onIdentities: (main, others) =>
      void runtime.update(() => ({ ...(main === undefined ? {} : { ingress: main }), otherIngresses: others })),
    onStarted: (pid) => void runtime.update(() => ({ ingressBuild: { pid, build: options.build } })),
    drainMs: () => drainMs(desired.value),
  });
}

const notPassedOn: ReadonlySet<string> = new Set(['GANTRY_INGRESS', predecessorVariable]);

/** The ingress starts a successor of this process with what this process was started with. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined || notPassedOn.has(name) ? [] : [[name, value]])),
  );
}

function isAlone({ preload }: SupervisorOptions, service: ServiceSpec): boolean {
  return service.fixedPort && preload?.(service, service.port ?? 0) === undefined;
}

async function begin(supervisor: Supervisor): Promise<void> {
  const { fleet, runtime, ingress, resources, desired, hub } = supervisor;
  hub.say('supervisor', 'supervisor', `started (pid ${process.pid})`);
  await allocateInternal(supervisor, [desired.value.live, desired.value.next]);
  await fleet.adopt(runtime.value.replicas, runtime.value.jobs);
  await runtime.update(() => ({ jobs: [] }));
  await ingress.start();
  resources.want(desired.value.resources.resources);
  fleet.update();
  supervisor.recovery.begin();
  void renewOther(supervisor);
  await tidyLogs(supervisor);
}

/** An ingress that another build of Gantry started is replaced by one of this build. */
async function renewOther({ ingress, runtime, options, hub }: Supervisor): Promise<void> {
  const pid = await ingress.present();
  const { ingressBuild } = runtime.value;
  if (pid === undefined || (ingressBuild?.pid === pid && ingressBuild.build === options.build)) return;
  hub.say('ingress', 'ingress', `pid ${pid} is of another build of Gantry and is replaced`);
  await ingress.renew().catch((error: unknown) => hub.say('ingress', 'ingress', (error as Error).message, 'error'));
}

/** Makes it so, from now on. Durable when it resolves. */
export async function want(supervisor: Supervisor, wanted: Partial<Desired>): Promise<void> {
  refuseWhenEnding(supervisor);
  await allocateInternal(supervisor, [wanted.live ?? null, wanted.next ?? null]);
  const { resources } = await supervisor.desired.change(wanted);
  supervisor.fleet.retired = 0;
  supervisor.resources.want(resources.resources);
  supervisor.fleet.update();
}

/** Addresses inside a set are known before its first program starts. */
async function allocateInternal({ runtime, fleet, resources }: Supervisor, sets: readonly (SetSpec | null)[]): Promise<void> {
  const takenPorts = (): Set<number> => new Set([...fleet.ports, ...runtime.value.internal.map(({ port }) => port), ...resources.ports]);
  for (const set of sets) {
    if (set === null) continue;
    const known = new Set(set.services.map(({ name }) => name));
    for (const service of referredServices(set.services.map(({ env }) => env))) {
      if (known.has(service)) await internalPort({ runtime, takenPorts }, set.release, service);
    }
  }
}

export function refuseWhenEnding({ ending }: Pick<Supervisor, 'ending'>): void {
  if (ending !== undefined) throw ending;
}

export function setOf({ live, next }: Desired, release: string): SetSpec | undefined {
  return [live, next].find((set) => set?.release === release) ?? undefined;
}

export async function tidyLogs({ fleet, options, resources }: Supervisor): Promise<void> {
  const inUse = new Set([
    'supervisor',
    'ingress',
    'access',
    ...fleet.replicas.map(({ id }) => id),
    ...resources.status().map(({ name }) => name),
  ]);
  await removeOldLogs(options.places.logDir, inUse, keptOldLogs);
}

/** Ends everything in order: the entry, the replicas, the resources. Data and the desired state stay. */
export async function stopEverything(supervisor: Supervisor, say: (step: string, message: string) => void): Promise<number> {
  const { gate, ingress, fleet, resources, desired, rotation, recovery, hub } = supervisor;
  const ending = new GantryError('GL1019', 'the app is being stopped');
  supervisor.ending = ending;
  supervisor.autoscaler.stop();
  hub.say('supervisor', 'supervisor', 'stopping everything');
  await supervisor.disturber.end();
  recovery.stop();
  recovery.dismiss(ending);
  await gate.abort(ending, abortMs);
  say('ingress', 'finishing requests');
  await ingress.stop(drainMs(desired.value));
  say('replicas', `stopping ${fleet.replicas.length}`);
  const stopped = await fleet.terminateAll();
  say('resources', 'stopping');
  const resourcesStopped = await resources.stopAll();
  rotation.stop();
  await desired.seal();
  await supervisor.runtime.update(() => ({ jobs: [] }));
  hub.say('supervisor', 'supervisor', 'stopped');
  return stopped + resourcesStopped;
}

export const abortMs = 15_000;

function drainMs({ live, next }: Desired): number {
  return Math.max(0, ...[live, next].map((set) => set?.drainMs ?? 0));
}

/** An event hub before there is a supervisor. */
export function openHub(): EventHub {
  return eventHub(systemClock);
}
