/** Numbers for the gates, the autoscaler and the dashboard, and what differs from what was released. */
import type { Drift, Metrics, ReplicaMetrics, ServiceMetrics } from '../../platform.ts';
import type { SetName } from '../../../stack/stack.ts';
import { durationBounds } from '../ingress/metrics.ts';
import type { IngressStats, ReplicaStats, ServiceStats } from '../ingress/table.ts';
import { usageByGroup, type Usage } from './metrics.ts';
import type { Replica } from './replica.ts';
import { setOf } from './status.ts';
import type { Supervisor } from './supervisor.ts';

/** @param withUsage looks at every process of this machine */
export async function measure({ ingress, fleet, desired, clock }: Supervisor, withUsage = true): Promise<Metrics> {
  const [stats, usage] = await Promise.all([ingress.stats(), withUsage ? usageByGroup() : new Map<number, Usage>()]);
  return {
    atMs: clock.now(),
    bounds: durationBounds,
    services: (stats?.services ?? []).flatMap(serviceMetrics),
    replicas: fleet.replicas.map((replica) => replicaMetrics(replica, setOf(replica.release, desired.value) ?? 'retired', stats, usage)),
  };
}

function serviceMetrics({
  service,
  set,
  release,
  requests,
  byClass,
  buckets,
  bytes,
  retries,
  inFlight,
  awaited = 0,
}: ServiceStats): ServiceMetrics[] {
  if (set !== 'live' && set !== 'next') return [];
  return [
    { service, set, release, requests, errors: byClass[4] ?? 0, refused: byClass[3] ?? 0, buckets, bytes, retries, inFlight, awaited },
  ];
}

function replicaMetrics(
  { id, service, release, phase, state, identity }: Replica,
  set: SetName | 'retired',
  stats: IngressStats | undefined,
  usage: ReadonlyMap<number, Usage>,
): ReplicaMetrics {
  const seen: Partial<ReplicaStats> = stats?.replicas.find((one) => one.id === id) ?? {};
  const used = identity === undefined ? undefined : usage.get(identity.pid);
  return {
    id,
    service: service.name,
    release,
    set,
    ready: phase === 'ready',
    restarts: state.restarts,
    requests: seen.requests ?? 0,
    failures: seen.failures ?? 0,
    inFlight: seen.inFlight ?? 0,
    ...(used === undefined ? {} : { cpuSeconds: used.cpuSeconds, memoryBytes: used.memoryBytes }),
    cpuLimit: service.limits.cpu,
    memoryLimit: service.limits.memory,
  };
}

/** Processes and resources that are not what was released. */
export function drift({ fleet, resources, runtime, desired }: Supervisor): Drift[] {
  const services = fleet.wanted().flatMap(({ release, service, count }): Drift[] => {
    const ready = fleet.replicas.filter(
      (replica) => replica.release === release && replica.service.name === service.name && replica.phase === 'ready',
    );
    return ready.length === count ? [] : [{ subject: `service/${service.name}`, detail: `${ready.length} of ${count} replicas are ready` }];
  });
  const pinned = Object.entries(runtime.value.counts).flatMap(([name, pin]): Drift[] => {
    const service = desired.value.live?.services.find((one) => one.name === name);
    const differs = pin.pinned && service !== undefined && pin.count !== service.replicas;
    return differs ? [{ subject: `service/${name}`, detail: `scaled by hand to ${pin.count}; the release says ${service.replicas}` }] : [];
  });
  const broken = resources
    .status()
    .flatMap(({ name, state, detail }): Drift[] =>
      state === 'ready' || state === 'external' ? [] : [{ subject: `resource/${name}`, detail: detail ?? state }],
    );
  return [...services, ...pinned, ...broken];
}
