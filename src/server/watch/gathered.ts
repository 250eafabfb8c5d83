/** Several looks at one service as one point of its history; pure. Counters are added up, so that rates and percentiles are exact. */
import { latencies } from './latencies.ts';
import { rounded } from './measured.ts';
import { addCounted, nothing, type Change, type Counted } from './rates.ts';
import type { ServiceHistory } from '../api/index.ts';

export const columns = [
  'perSecond',
  'errors',
  'p50',
  'p95',
  'p99',
  'inFlight',
  'cpu',
  'cpuLimit',
  'memory',
  'memoryLimit',
  'ready',
  'restarts',
] as const satisfies readonly Exclude<keyof ServiceHistory, 'service'>[];

export type Point = Readonly<Record<(typeof columns)[number], number | null>>;

/** What was seen of one service. Of memory and requests under way the most counts, of ready replicas the fewest. */
export interface Gathered {
  readonly overMs: number;
  readonly bounds: readonly number[];
  /** Null for a service that takes no requests. */
  readonly counted: Counted | null;
  readonly inFlight: number | null;
  readonly cpuSeconds: number | null;
  readonly cpuLimit: number;
  readonly memory: number | null;
  readonly memoryLimit: number;
  readonly ready: number;
  readonly restarts: number;
}

export function gatheredFrom(change: Change): Map<string, Gathered> {
  const names = new Set([...change.services, ...change.replicas].map(({ now }) => now.service));
  const gathered = new Map<string, Gathered>();
  for (const name of names) gathered.set(name, ofService(name, change));
  return gathered;
}

function ofService(name: string, { overMs, bounds, services, replicas }: Change): Gathered {
  const own = services.filter(({ now }) => now.service === name);
  const running = replicas.filter(({ now }) => now.service === name);
  return {
    overMs,
    bounds,
    counted: own.length === 0 ? null : own.reduce<Counted>(addCounted, nothing),
    inFlight: total(own.map(({ now }) => now.inFlight)),
    cpuSeconds: total(running.map(({ cpuSeconds }) => cpuSeconds)),
    cpuLimit: total(running.map(({ now }) => now.cpuLimit)) ?? 0,
    memory: total(running.map(({ now }) => now.memoryBytes ?? null)),
    memoryLimit: total(running.map(({ now }) => now.memoryLimit)) ?? 0,
    ready: running.filter(({ now }) => now.ready).length,
    restarts: running.reduce((sum, { restarted }) => sum + restarted, 0),
  };
}

export function together(before: Gathered | undefined, now: Gathered): Gathered {
  if (before === undefined) return now;
  return {
    ...now,
    overMs: before.overMs + now.overMs,
    counted: both(before.counted, now.counted, addCounted),
    inFlight: both(before.inFlight, now.inFlight, Math.max),
    cpuSeconds: both(before.cpuSeconds, now.cpuSeconds, (a, b) => a + b),
    memory: both(before.memory, now.memory, Math.max),
    ready: Math.min(before.ready, now.ready),
    restarts: before.restarts + now.restarts,
  };
}

export function pointOf({ overMs, bounds, counted, ...rest }: Gathered): Point {
  const { inFlight, cpuSeconds, cpuLimit, memory, memoryLimit, ready, restarts } = rest;
  const perSecond = (count: number | null): number | null => (count === null ? null : rounded((count * 1000) / overMs));
  return {
    perSecond: perSecond(counted && counted.requests),
    errors: perSecond(counted && counted.errors),
    ...latencies({ bounds, buckets: counted?.buckets ?? [] }),
    inFlight,
    cpu: perSecond(cpuSeconds),
    cpuLimit,
    memory,
    memoryLimit,
    ready,
    restarts,
  };
}

function both<T>(a: T | null, b: T | null, add: (a: T, b: T) => T): T | null {
  return a === null ? b : b === null ? a : add(a, b);
}

/** Of what is known; null when nothing is. */
function total(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => both(sum, value, (a, b) => a + b), null);
}
