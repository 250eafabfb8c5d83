/** What runs, as everybody sees it; pure. */
import type { NextStatus, Problem, ReplicaStatus, ResourceStatus, ServiceStatus, Status } from '../../platform.ts';
import type { ServiceSpec, SetSpec } from '../../../stack/process.ts';
import type { SetName } from '../../../stack/stack.ts';
import type { Desired } from '../protocol.ts';
import { publicState } from './replica.ts';
import type { MachineState } from './replica-machine.ts';

export interface SeenReplica {
  readonly id: string;
  readonly service: Pick<ServiceSpec, 'name'>;
  readonly release: string;
  readonly port: number;
  readonly since: Date;
  readonly readyMs: number | undefined;
  readonly state: MachineState;
  readonly identity: { readonly pid: number } | undefined;
}

export interface StatusInput {
  readonly app: string;
  readonly environment: string;
  readonly url: string;
  readonly desired: Desired;
  readonly replicas: readonly SeenReplica[];
  readonly resources: readonly ResourceStatus[];
  readonly operation: Status['operation'];
  readonly inFlight: Readonly<Record<string, number>>;
  readonly scaling: Status['scaling'];
  readonly problems: readonly Problem[];
  /** Whether the replica of a service that was stopped last had to be killed; undefined before one was stopped. */
  ignoredStop(service: string): boolean | undefined;
  isPinned(service: ServiceSpec): boolean;
  countOf(service: ServiceSpec, release: string): number;
}

export function buildStatus(input: StatusInput): Status {
  const { app, environment, url, desired, resources, operation } = input;
  const shown = desired.live ?? desired.next;
  const services = shown === null ? [] : [...shown.services.map((service) => serviceStatus(service, shown, input)), ...sites(shown)];
  return {
    app,
    environment,
    url,
    release: desired.live?.release ?? null,
    state: overall(services, resources, desired),
    services,
    resources,
    scaling: input.scaling,
    operation,
    share: desired.share,
    next: nextStatus(input),
    problems: input.problems,
  };
}

/** The next set by itself, while two stand side by side. */
function nextStatus(input: StatusInput): NextStatus | null {
  const { live, next } = input.desired;
  if (live === null || next === null) return null;
  const own = { ...input, replicas: input.replicas.filter(({ release }) => release === next.release) };
  return { release: next.release, services: [...next.services.map((service) => serviceStatus(service, next, own)), ...sites(next)] };
}

/** Counts are those of the set that is shown; replicas of both sets are listed. */
function serviceStatus(service: ServiceSpec, set: SetSpec, input: StatusInput): ServiceStatus {
  const replicas = input.replicas.filter((replica) => replica.service.name === service.name);
  const own = replicas.filter(({ release }) => release === set.release);
  const ignoredStop = input.ignoredStop(service.name);
  return {
    name: service.name,
    kind: service.kind,
    ...(service.route === undefined ? {} : { route: service.route }),
    desired: input.countOf(service, set.release),
    pinned: input.isPinned(service),
    ready: own.filter(({ state }) => state.phase === 'ready').length,
    degraded: own.some(({ state }) => state.failure !== null),
    ...(ignoredStop === undefined ? {} : { ignoredStop }),
    replicas: replicas.map((replica) => replicaStatus(replica, input)),
  };
}

function sites(set: SetSpec): ServiceStatus[] {
  return set.sites.map(({ name, route }) => ({
    name,
    kind: 'static',
    route,
    desired: 0,
    pinned: false,
    ready: 0,
    degraded: false,
    replicas: [],
  }));
}

function replicaStatus(replica: SeenReplica, { desired, inFlight }: StatusInput): ReplicaStatus {
  const { id, port, release, since, state } = replica;
  return {
    id,
    pid: replica.identity?.pid ?? 0,
    port,
    state: publicState(state),
    restarts: state.restarts,
    set: setOf(release, desired) ?? 'live',
    release,
    since: since.toISOString(),
    ...(replica.readyMs === undefined ? {} : { readyMs: replica.readyMs }),
    ...(state.detail === '' ? {} : { detail: state.detail }),
    inFlight: inFlight[id] ?? 0,
  };
}

/** Undefined for what is on its way out. */
export function setOf(release: string, { live, next }: Desired): SetName | undefined {
  if (live?.release === release) return 'live';
  return next?.release === release ? 'next' : undefined;
}

function overall(services: readonly ServiceStatus[], resources: readonly ResourceStatus[], desired: Desired): Status['state'] {
  if (resources.some(({ state }) => state === 'failed') || services.some(({ degraded }) => degraded)) return 'degraded';
  if (desired.live === null) return 'starting';
  const short = services.some(({ ready, desired: wanted }) => ready < wanted) || resources.some(({ state }) => state === 'starting');
  if (!short) return 'running';
  return services.some(({ ready, desired: wanted }) => wanted > 0 && ready === 0) ? 'starting' : 'degraded';
}
