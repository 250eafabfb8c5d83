/** Counters of two looks as what happened between them; pure. */
import type { Metrics, ReplicaMetrics, ServiceMetrics } from '../../platforms/platform.ts';
import { addBuckets } from './latencies.ts';

/** What was counted between two looks. */
export interface Counted {
  readonly requests: number;
  readonly errors: number;
  /** Null where they are not told apart. */
  readonly refused: number | null;
  readonly buckets: readonly number[];
}

export interface ServiceChange extends Counted {
  readonly now: ServiceMetrics;
}

export interface ReplicaChange {
  readonly now: ReplicaMetrics;
  readonly requests: number;
  readonly failures: number;
  /** Null when it could not be measured. */
  readonly cpuSeconds: number | null;
  /** Restarts since the look before. */
  readonly restarted: number;
}

export interface Change {
  /** Milliseconds between the two. */
  readonly overMs: number;
  readonly bounds: readonly number[];
  readonly services: readonly ServiceChange[];
  readonly replicas: readonly ReplicaChange[];
}

/** Two looks that are further apart say nothing about now. */
const longestMs = 30_000;

export const nothing: Counted = { requests: 0, errors: 0, refused: 0, buckets: [] };

/** Undefined when the two do not belong together: the platform's clock began anew, or too much time lies between them. */
export function changeBetween(before: Metrics, now: Metrics): Change | undefined {
  const overMs = now.atMs - before.atMs;
  if (!(overMs > 0 && overMs <= longestMs)) return undefined;
  const services = new Map(before.services.map((one) => [serviceKey(one), one]));
  const replicas = new Map(before.replicas.map((one) => [one.id, one]));
  return {
    overMs,
    bounds: now.bounds,
    services: now.services.map((one) => ({ now: one, ...counted(services.size === 0 ? one : services.get(serviceKey(one)), one) })),
    replicas: now.replicas.map((one) => replicaChange(replicas.get(one.id), one)),
  };
}

export function addCounted(a: Counted, b: Counted): Counted {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    refused: a.refused === null || b.refused === null ? null : a.refused + b.refused,
    buckets: addBuckets(a.buckets, b.buckets),
  };
}

/** A release's numbers go on when its set becomes the live one. */
function serviceKey({ service, release }: ServiceMetrics): string {
  return `${service}/${release}`;
}

/** What is new began at 0. A counter that went back tells nothing: only part of what had been counted may be gone. */
function counted(before: ServiceMetrics | undefined, now: ServiceMetrics): Counted {
  const buckets = now.buckets.map((count, index) => count - (before?.buckets[index] ?? 0));
  const requests = now.requests - (before?.requests ?? 0);
  const errors = now.errors - (before?.errors ?? 0);
  const refused = now.refused === undefined ? null : now.refused - (before?.refused ?? 0);
  const wentBack = Math.min(requests, errors, refused ?? 0, ...buckets) < 0;
  return wentBack ? { ...nothing, refused: refused === null ? null : 0 } : { requests, errors, refused, buckets };
}

function replicaChange(before: ReplicaMetrics | undefined, now: ReplicaMetrics): ReplicaChange {
  const since = (count: number, old: number | undefined): number => (count >= (old ?? 0) ? count - (old ?? 0) : 0);
  return {
    now,
    requests: since(now.requests, before?.requests),
    failures: since(now.failures, before?.failures),
    cpuSeconds: cpuBetween(before, now),
    restarted: before === undefined ? 0 : since(now.restarts, before.restarts),
  };
}

/** A process that was not there before has used all of its time in between. */
function cpuBetween(before: ReplicaMetrics | undefined, now: ReplicaMetrics): number | null {
  if (now.cpuSeconds === undefined) return null;
  if (before === undefined || before.restarts !== now.restarts) return now.cpuSeconds;
  return before.cpuSeconds === undefined || before.cpuSeconds > now.cpuSeconds ? null : now.cpuSeconds - before.cpuSeconds;
}
