/** History as the server gathered it, and the samples that came since, as one set of columns. Pure. */
import type { History, Measured, ServiceHistory } from '../../../../src/server/api/index.ts';

export type ColumnName = Exclude<keyof ServiceHistory, 'service'>;
export type Columns = Readonly<Record<ColumnName, readonly (number | null)[]>>;

export interface Timeline {
  /** ms since 1970, one for each point; what a point says was seen from the one before until then. */
  readonly times: readonly number[];
  readonly stepMs: number;
  readonly services: ReadonlyMap<string, Columns>;
}

export const columnNames = [
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
] as const satisfies readonly ColumnName[];

type Point = Partial<Record<ColumnName, number | null>>;

/** @param samples oldest first; those that the history has already are left out @param minutes how far back it goes */
export function timelineOf(
  history: Pick<History, 'stepMs' | 'times' | 'services'>,
  samples: readonly Measured[],
  minutes: number,
): Timeline {
  const { stepMs } = history;
  const known = history.times.at(-1) ?? Number.NEGATIVE_INFINITY;
  const points = newPoints(samples, stepMs, known);
  const slots = slotsBetween(known, [...points.keys()], stepMs);
  const end = slots.at(-1) ?? known;
  const from = history.times.findIndex((time) => time > end - minutes * 60_000);
  const kept = from < 0 ? history.times.length : from;
  const names = new Set([...history.services.map(({ service }) => service), ...[...points.values()].flatMap((point) => [...point.keys()])]);
  const before = new Map(history.services.map((service) => [service.service, service]));
  const rest = history.times.length - kept;
  const columnsOf = (name: string): Columns => {
    const old = before.get(name);
    const column = (key: ColumnName): (number | null)[] => [
      ...(old === undefined ? Array.from({ length: rest }, () => null) : old[key].slice(kept)),
      ...slots.map((slot) => points.get(slot)?.get(name)?.[key] ?? null),
    ];
    return Object.fromEntries(columnNames.map((key) => [key, column(key)])) as Record<ColumnName, (number | null)[]>;
  };
  return {
    times: [...history.times.slice(kept), ...slots],
    stepMs,
    services: new Map([...names].sort().map((name) => [name, columnsOf(name)])),
  };
}

/** Every step from what is known to the newest, so that a pause is a gap and not a line across it. */
function slotsBetween(known: number, slots: readonly number[], stepMs: number): number[] {
  const newest = Math.max(known, ...slots);
  const first = Number.isFinite(known) ? known + stepMs : Math.min(...slots);
  if (!Number.isFinite(newest) || newest < first) return [];
  return Array.from({ length: Math.min(Math.floor((newest - first) / stepMs) + 1, 10_000) }, (_, index) => first + index * stepMs);
}

/** By the time of the point, then by service. */
function newPoints(samples: readonly Measured[], stepMs: number, known: number): Map<number, Map<string, Point>> {
  const points = new Map<number, Map<string, Point>>();
  const weights = new Map<string, number>();
  let before: Measured | undefined;
  for (const sample of samples) {
    const seen = pointsOf(sample, before);
    before = sample;
    for (const { slot, ms, isLast } of partsOf(sample, stepMs)) {
      if (slot <= known) continue;
      const point = points.get(slot) ?? new Map<string, Point>();
      points.set(slot, point);
      for (const [name, now] of seen) {
        const key = `${slot} ${name}`;
        const weight = weights.get(key) ?? 0;
        const part = isLast ? now : { ...now, restarts: 0 };
        point.set(name, weight === 0 ? part : joined(point.get(name) ?? {}, weight, part, ms));
        weights.set(key, weight + ms);
      }
    }
  }
  return points;
}

/** The points that a sample belongs to, and for how long: looks are rarer while nobody watches. */
function partsOf({ at, overMs }: Measured, stepMs: number): { slot: number; ms: number; isLast: boolean }[] {
  const from = at - Math.min(overMs, 1_000 * stepMs);
  const [first, last] = [Math.floor(from / stepMs) + 1, Math.ceil(at / stepMs)];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const slot = (first + index) * stepMs;
    return { slot, ms: Math.min(at, slot) - Math.max(from, slot - stepMs), isLast: first + index === last };
  });
}

/** Rates are averaged over the time, of gauges the worst counts, as in the history. */
function joined(a: Point, weightA: number, b: Point, weightB: number): Point {
  const mean = (key: ColumnName): number | null =>
    both(a[key] ?? null, b[key] ?? null, (x, y) => (x * weightA + y * weightB) / (weightA + weightB));
  const most = (key: ColumnName): number | null => both(a[key] ?? null, b[key] ?? null, Math.max);
  return {
    ...b,
    perSecond: mean('perSecond'),
    errors: mean('errors'),
    cpu: mean('cpu'),
    p50: mean('p50'),
    p95: most('p95'),
    p99: most('p99'),
    inFlight: most('inFlight'),
    memory: most('memory'),
    ready: both(a.ready ?? null, b.ready ?? null, Math.min),
    restarts: both(a.restarts ?? null, b.restarts ?? null, (x, y) => x + y),
  };
}

function both(a: number | null, b: number | null, join: (a: number, b: number) => number): number | null {
  return a === null ? b : b === null ? a : join(a, b);
}

function pointsOf(sample: Measured, before: Measured | undefined): Map<string, Point> {
  const names = new Set([...sample.services, ...sample.replicas].map(({ service }) => service));
  return new Map([...names].map((name) => [name, pointOf(name, sample, before)]));
}

function pointOf(name: string, { services, replicas }: Measured, before: Measured | undefined): Point {
  const own = services.filter(({ service }) => service === name);
  const running = replicas.filter(({ service }) => service === name);
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>((total, value) => both(total, value, (x, y) => x + y), null);
  const worst = (key: 'p50' | 'p95' | 'p99'): number | null =>
    own.reduce<number | null>((most, { traffic }) => both(most, traffic[key], Math.max), null);
  const restartsBefore = new Map(before?.replicas.map(({ id, restarts }) => [id, restarts]));
  return {
    perSecond: sum(own.map(({ traffic }) => traffic.perSecond)),
    errors: sum(own.map(({ traffic }) => traffic.errors)),
    p50: worst('p50'),
    p95: worst('p95'),
    p99: worst('p99'),
    inFlight: sum(own.map(({ inFlight }) => inFlight)),
    cpu: sum(running.map(({ cpu }) => cpu)),
    cpuLimit: sum(running.map(({ cpuLimit }) => cpuLimit)),
    memory: sum(running.map(({ memory }) => memory)),
    memoryLimit: sum(running.map(({ memoryLimit }) => memoryLimit)),
    ready: running.filter(({ ready }) => ready).length,
    restarts: running.reduce((count, { id, restarts }) => count + Math.max(0, restarts - (restartsBefore.get(id) ?? restarts)), 0),
  };
}
