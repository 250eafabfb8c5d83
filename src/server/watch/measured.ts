/** What the pages are told of two looks; pure. */
import type { Measured, ReplicaSample, ServiceSample, Traffic } from '../api/index.ts';
import { latencies } from './latencies.ts';
import { addCounted, nothing, type Change, type Counted, type ReplicaChange, type ServiceChange } from './rates.ts';

/** @param at when the second look was, ms since 1970 */
export function measuredBetween(change: Change, at: number): Measured {
  const { overMs, bounds } = change;
  return {
    at,
    overMs: Math.round(overMs),
    total: traffic(change.services.reduce<Counted>(addCounted, nothing), bounds, overMs),
    services: change.services.map((one) => serviceSample(one, bounds, overMs)),
    replicas: change.replicas.map((one) => replicaSample(one, overMs)),
  };
}

export function traffic({ requests, errors, refused, buckets }: Counted, bounds: readonly number[], overMs: number): Traffic {
  const { p50, p95, p99 } = latencies({ bounds, buckets });
  const perSecond = (count: number): number => rounded((count * 1000) / overMs);
  return {
    perSecond: perSecond(requests),
    errors: perSecond(errors),
    refused: refused === null ? null : perSecond(refused),
    p50: p50 === null ? null : rounded(p50),
    p95: p95 === null ? null : rounded(p95),
    p99: p99 === null ? null : rounded(p99),
  };
}

function serviceSample(change: ServiceChange, bounds: readonly number[], overMs: number): ServiceSample {
  const { service, set, release, inFlight } = change.now;
  return { service, set, release, inFlight, traffic: traffic(change, bounds, overMs) };
}

function replicaSample({ now, requests, failures, cpuSeconds }: ReplicaChange, overMs: number): ReplicaSample {
  const { id, service, release, set, ready, restarts, inFlight, memoryBytes, cpuLimit, memoryLimit } = now;
  return {
    id,
    service,
    release,
    set,
    ready,
    restarts,
    perSecond: rounded((requests * 1000) / overMs),
    failures: rounded((failures * 1000) / overMs),
    inFlight,
    cpu: cpuSeconds === null ? null : rounded((cpuSeconds * 1000) / overMs),
    cpuLimit,
    memory: memoryBytes ?? null,
    memoryLimit,
  };
}

/** To a thousandth. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
