/** What the operations wait for: sets that become ready, replicas that are replaced, what has to go. */
import { GantryError } from '../../../errors.ts';
import type { ServiceSpec } from '../../../stack/process.ts';
import type { StepEvent } from '../protocol.ts';
import { hasTarget } from '../autoscaler/demand.ts';
import { hopeless, replicaError } from './failures.ts';
import { countOf, slot, type Wanted } from './fleet-plan.ts';
import type { Replica } from './replica.ts';
import type { Supervisor } from './supervisor.ts';

type Emit = (event: StepEvent) => void;

/** Says what is new, with the time since the beginning. */
function progress(supervisor: Supervisor, emit: Emit): (step: string, message: string) => void {
  const since = supervisor.clock.now();
  const said = new Map<string, string>();
  return (step, message) => {
    if (said.get(step) === message) return;
    said.set(step, message);
    emit({ step, state: 'running', message, elapsedMs: Math.round(supervisor.clock.now() - since) });
  };
}

export async function awaitResources(supervisor: Supervisor, emit: Emit, signal: AbortSignal): Promise<Record<string, string | number>> {
  const say = progress(supervisor, emit);
  const { resources, fleet } = supervisor;
  return fleet.changes.until(() => {
    for (const { name, state, connection, detail } of resources.status()) say(name, connection ?? detail ?? state);
    if (resources.areReady) return resources.publicOutputs();
    if (resources.failure !== undefined) throw resources.failure;
    return undefined;
  }, signal);
}

/** Ends when every replica of the set is ready at the same time and the ingress knows. What failed in the live set before somebody asked gets a new chance. */
export async function awaitSet(supervisor: Supervisor, name: 'live' | 'next', emit: Emit, signal: AbortSignal): Promise<number> {
  const { fleet, desired, ingress } = supervisor;
  const release = desired.value[name]?.release;
  if (release === undefined) throw new GantryError('GL1029', `there is no ${name} set`);
  const say = progress(supervisor, emit);
  if (name === 'live') for (const replica of fleet.replicas) if (replica.release === release && !replica.isLeaving) replica.retry();
  const ready = await untilReady(
    supervisor,
    () => {
      if (desired.value[name]?.release !== release) throw new GantryError('GL1029', `the ${name} set was replaced meanwhile`);
      return fleet.wanted().filter((wanted) => wanted.release === release);
    },
    say,
    signal,
  );
  await ingress.inForce();
  return ready;
}

async function untilReady(
  supervisor: Supervisor,
  wantedNow: () => readonly Wanted[],
  say: (step: string, message: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { fleet, options, resources } = supervisor;
  const outcome = await fleet.changes.until(() => {
    const services = wantedNow().map((wanted) => ({ wanted, replicas: staying(fleet.replicas, wanted) }));
    for (const { wanted, replicas } of services) say(wanted.service.name, `${replicas.filter(isReady).length}/${wanted.count} ready`);
    const lost = hopeless(services.flatMap(({ replicas }) => replicas));
    if (lost !== undefined) return { lost };
    if (resources.failure !== undefined && !resources.haveStarted) throw resources.failure;
    const done = services.every(({ wanted, replicas }) => replicas.filter(isReady).length >= wanted.count);
    return done ? { ready: services.reduce((sum, { wanted }) => sum + wanted.count, 0) } : undefined;
  }, signal);
  if ('lost' in outcome) throw await replicaError(outcome.lost, options.places.logDir);
  return outcome.ready;
}

function staying(replicas: readonly Replica[], { release, service }: Pick<Wanted, 'release' | 'service'>): Replica[] {
  return replicas.filter((replica) => replica.release === release && replica.service.name === service.name && !replica.isLeaving);
}

function isReady({ phase }: Replica): boolean {
  return phase === 'ready';
}

/** Ends when nothing runs that should not. Gives how many ended since the desired state was changed. */
export async function awaitRetired(supervisor: Supervisor, emit: Emit, signal: AbortSignal): Promise<number> {
  const { fleet, resources } = supervisor;
  const say = progress(supervisor, emit);
  await nextTurn();
  await fleet.changes.until(() => {
    if (fleet.leaving.length > 0) say('retire', `${fleet.leaving.length} draining: ${fleet.leaving.map(({ id }) => id).join(', ')}`);
    return fleet.leaving.length === 0 && !resources.areStopping ? true : undefined;
  }, signal);
  return fleet.retired;
}

/** After the changes of this moment have been acted upon. */
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Services of the set that serves: the live one, before the first release the next one. */
export function shownServices(supervisor: Supervisor): {
  readonly release: string;
  readonly services: readonly ServiceSpec[];
  readonly secrets: Readonly<Record<string, number>>;
} {
  const { live, next } = supervisor.desired.value;
  return live ?? next ?? { release: '', services: [], secrets: {} };
}

/** @throws GantryError GL1026 */
export function serviceNamed(supervisor: Supervisor, name: string): ServiceSpec {
  const { services } = shownServices(supervisor);
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const names = services.map((service) => service.name).join(', ');
  throw new GantryError('GL1026', `there is no service ${name}`, {
    fix: names === '' ? 'Release the app with `gantry up` first.' : `The services are: ${names}.`,
  });
}

/** Sets the number of replicas: new ones are ready, and surplus ones are gone, when it resolves. A number that cannot be reached is taken back. */
export async function scale(
  supervisor: Supervisor,
  name: string,
  count: number | 'auto',
  emit: Emit,
  signal: AbortSignal,
): Promise<number> {
  const { runtime, fleet } = supervisor;
  const service = serviceNamed(supervisor, name);
  if (count !== 'auto') checkCount(supervisor, service, count);
  const before = runtime.value.counts[name];
  const pin =
    count === 'auto'
      ? { count: hasTarget(service.scale) ? countOf(service, runtime.value.counts) : service.scale.min, pinned: false }
      : { count, pinned: true };
  await runtime.update(({ counts }) => ({ counts: { ...counts, [name]: pin } }));
  fleet.update();
  await nextTurn();
  const here = (): Wanted[] =>
    fleet.wanted().filter((wanted) => wanted.service.name === name && wanted.release === shownServices(supervisor).release);
  try {
    await untilReady(supervisor, here, progress(supervisor, emit), signal);
  } catch (error) {
    if (!signal.aborted) await runtime.update(({ counts }) => ({ counts: without(counts, name, before) }));
    fleet.update();
    throw error;
  }
  await awaitRetired(supervisor, emit, signal);
  return here().reduce((sum, wanted) => sum + wanted.count, 0);
}

function without<T>(record: Readonly<Record<string, T>>, name: string, value: T | undefined): Record<string, T> {
  const rest = Object.entries(record).filter(([key]) => key !== name);
  return Object.fromEntries(value === undefined ? rest : [...rest, [name, value]]);
}

function checkCount(supervisor: Supervisor, { name, scale: { min, max } }: ServiceSpec, count: number): void {
  const alone = supervisor.fleet.wanted().some((wanted) => wanted.alone && wanted.service.name === name);
  if (Number.isSafeInteger(count) && count >= min && count <= max && (!alone || count === 1)) return;
  const where = `services.${name}.scale`;
  if (alone)
    throw new GantryError('GL1027', `${name} has a fixed port, which one process can hold`, {
      where,
      fix: 'Let the program listen on PORT, then it can have more replicas.',
      exitCode: 2,
    });
  const limits = min === max ? `exactly ${min}` : `${min} to ${max}`;
  throw new GantryError('GL1027', `${name} may have ${limits} replicas, not ${count}`, { where, exitCode: 2 });
}

/** Replaces every replica by a new one that is ready before the old one drains. */
export async function restart(supervisor: Supervisor, name: string | undefined, emit: Emit, signal: AbortSignal): Promise<number> {
  const chosen = name === undefined ? shownServices(supervisor).services : [serviceNamed(supervisor, name)];
  const { release } = shownServices(supervisor);
  const say = progress(supervisor, emit);
  let restarted = 0;
  for (const service of chosen) {
    const old = staying(supervisor.fleet.replicas, { release, service });
    for (const [index, replica] of old.entries()) {
      say(service.name, `${index}/${old.length} replaced`);
      await replace(supervisor, replica, old, signal);
      restarted += 1;
    }
    say(service.name, `${old.length}/${old.length} replaced`);
  }
  return restarted;
}

async function replace(supervisor: Supervisor, old: Replica, all: readonly Replica[], signal: AbortSignal): Promise<void> {
  const { fleet } = supervisor;
  const key = slot(old.release, old.service.name);
  const wanted = fleet.wanted().find(({ release, service }) => slot(release, service.name) === key);
  if (wanted === undefined || old.isLeaving) return;
  const isNew = (replica: Replica): boolean => !all.includes(replica);
  const readyBefore = staying(fleet.replicas, wanted).filter((replica) => isNew(replica) && isReady(replica)).length;
  if (wanted.alone) old.stop();
  else fleet.surge.set(key, 1);
  fleet.update();
  try {
    await awaitFresh(supervisor, wanted, isNew, readyBefore + 1, signal);
    if (!wanted.alone) old.stop();
  } finally {
    fleet.surge.delete(key);
    fleet.update();
  }
  await fleet.changes.until(() => (fleet.replicas.includes(old) ? undefined : true), signal);
}

async function awaitFresh(
  supervisor: Supervisor,
  wanted: Wanted,
  isNew: (replica: Replica) => boolean,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const { fleet, desired, options } = supervisor;
  const outcome = await fleet.changes.until(() => {
    if (desired.value.live?.release !== wanted.release && desired.value.next?.release !== wanted.release) return { done: true };
    const fresh = staying(fleet.replicas, wanted).filter(isNew);
    const lost = hopeless(fresh);
    if (lost !== undefined) return { lost };
    return fresh.filter(isReady).length >= count ? { done: true } : undefined;
  }, signal);
  if (outcome.lost !== undefined) throw await replicaError(outcome.lost, options.places.logDir);
}
