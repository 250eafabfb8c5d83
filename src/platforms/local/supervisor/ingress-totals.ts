/** The numbers of several ingress processes as those of one, and without a step back when one of them has ended; pure. */
import type { IngressStats, ReplicaStats, ServiceStats } from '../ingress/table.ts';

/** What ended processes had counted. */
export interface Counted {
  readonly requests: number;
  readonly services: readonly ServiceStats[];
  readonly replicas: readonly ReplicaStats[];
}

export const nothingCounted: Counted = { requests: 0, services: [], replicas: [] };

/**
 * The first one stands for what cannot be added up: version and pid.
 * @param roleOf what a release is at the moment: `live`, `next` or `retired`
 */
export function totals(
  first: IngressStats,
  rest: readonly IngressStats[],
  past: Counted,
  roleOf: (release: string) => string,
): IngressStats {
  const all = [first, ...rest];
  return {
    version: first.version,
    pid: first.pid,
    requests: sum(all.map(({ requests }) => requests)) + past.requests,
    inFlight: addedRecords(all.map(({ inFlight }) => inFlight)),
    connections: sum(all.map(({ connections }) => connections)),
    held: sum(all.map(({ held }) => held)),
    services: merged(
      [...past.services.map((one) => placed(one, roleOf)), ...all.flatMap(({ services }) => services)],
      serviceKey,
      addServices,
    ),
    replicas: merged([...past.replicas, ...all.flatMap(({ replicas }) => replicas)], ({ id }) => id, addReplicas),
  };
}

/** @param releases whose numbers are still of interest */
export function countedWith(past: Counted, ended: IngressStats, releases: ReadonlySet<string>): Counted {
  const services = [...past.services, ...ended.services.map((one) => ({ ...one, inFlight: 0, awaited: 0 }))];
  const replicas = [...past.replicas, ...ended.replicas.map((one) => ({ ...one, inFlight: 0, ejected: false }))];
  return {
    requests: past.requests + ended.requests,
    services: merged(services, serviceKey, addServices).filter(({ release }) => release === '' || releases.has(release)),
    replicas: merged(replicas, ({ id }) => id, addReplicas).slice(-mostReplicas),
  };
}

/** Replicas come and go; those of long ago are of no interest. */
const mostReplicas = 200;

function serviceKey({ service, release }: ServiceStats): string {
  return `${service}/${release}`;
}

function placed(one: ServiceStats, roleOf: (release: string) => string): ServiceStats {
  return one.release === '' ? one : { ...one, set: roleOf(one.release) };
}

function addServices(a: ServiceStats, b: ServiceStats): ServiceStats {
  return {
    ...b,
    requests: a.requests + b.requests,
    inFlight: a.inFlight + b.inFlight,
    awaited: (a.awaited ?? 0) + (b.awaited ?? 0),
    byClass: addedLists(a.byClass, b.byClass),
    cut: (a.cut ?? 0) + (b.cut ?? 0),
    buckets: addedLists(a.buckets, b.buckets),
    totalMs: a.totalMs + b.totalMs,
    bytes: a.bytes + b.bytes,
    retries: a.retries + b.retries,
  };
}

function addReplicas(a: ReplicaStats, b: ReplicaStats): ReplicaStats {
  return {
    ...b,
    inFlight: a.inFlight + b.inFlight,
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    totalMs: a.totalMs + b.totalMs,
    ejected: a.ejected || b.ejected,
  };
}

function merged<T>(items: readonly T[], key: (item: T) => string, add: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const before = found.get(key(item));
    found.set(key(item), before === undefined ? item : add(before, item));
  }
  return [...found.values()];
}

function addedLists(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

function addedRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const [key, value] of records.flatMap((record) => Object.entries(record))) result[key] = (result[key] ?? 0) + value;
  return result;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
