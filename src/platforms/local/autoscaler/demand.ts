/** How many replicas the measured load asks for, by each metric that a service is scaled by. */
import type { ReplicaReading, ServiceReading } from './reading.ts';

export interface Sample {
  /** Milliseconds, monotonic. */
  readonly at: number;
  /** Replicas that counted at that moment, by key. */
  readonly replicas: Readonly<Record<string, Pick<ReplicaReading, 'cpuSeconds' | 'inFlight'>>>;
}

export interface Demand {
  /** Replicas that are needed for sure, not rounded: by the mean, and by the newest sample, so that no single one counts. */
  readonly least: number;
  /** Replicas that are enough by the mean, even if every one that could not be measured is as busy as it should be. */
  readonly most: number;
  /** `cpu 93 % of the limit, target 70 %` */
  readonly words: string;
}

export interface Demands {
  readonly found: readonly Demand[];
  /** A metric whose numbers are missing or cannot be true, as words. */
  readonly missing: string | undefined;
}

interface Metric {
  readonly name: string;
  readonly target: number;
  /** A replica's load in the unit of the target over the given samples; undefined when it is not known or cannot be true. */
  load(replica: ReplicaReading, samples: readonly Sample[]): number | undefined;
  /** How many of the last samples give the newest load. */
  readonly newest: number;
  words(mean: number): string;
}

/** A machine may be read a moment late, so that a replica seems to use a little more than there is. */
const readingSlack = 1.25;
const mostInFlight = 1_000_000;
const mostSeconds = 1e9;

/** @param counted replicas that are ready and warm @param samples oldest first, the last one of this moment */
export function demandsOf(service: ServiceReading, counted: readonly ReplicaReading[], samples: readonly Sample[], cores: number): Demands {
  const judged = metricsOf(service, cores).map((metric) => ({ metric, demand: demandOf(metric, counted, samples, service.count) }));
  return {
    found: judged.flatMap(({ demand }) => demand ?? []),
    missing: judged.find(({ demand }) => demand === undefined)?.metric.name,
  };
}

function metricsOf({ scale }: ServiceReading, cores: number): Metric[] {
  const { cpu, concurrency } = scale;
  return [...(isTarget(cpu) ? [cpuMetric(cpu, cores)] : []), ...(isTarget(concurrency) ? [concurrencyMetric(concurrency)] : [])];
}

/** Whether there is anything to scale by. */
export function hasTarget({ cpu, concurrency }: ServiceReading['scale']): boolean {
  return isTarget(cpu) || isTarget(concurrency);
}

function isTarget(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

/** One bad number spoils the metric for this moment: the rest would look like less load than there is. */
function demandOf(metric: Metric, counted: readonly ReplicaReading[], samples: readonly Sample[], count: number): Demand | undefined {
  const sum = sumOf(counted.map((replica) => metric.load(replica, samples)));
  const newest = sumOf(counted.map((replica) => metric.load(replica, samples.slice(-metric.newest))));
  if (sum === undefined || newest === undefined) return undefined;
  return {
    least: Math.min(sum, newest) / metric.target,
    most: sum / metric.target + Math.max(0, count - counted.length),
    words: metric.words(sum / counted.length),
  };
}

function sumOf(loads: readonly (number | undefined)[]): number | undefined {
  const known = loads.filter((load) => load !== undefined);
  return known.length === 0 || known.length < loads.length ? undefined : known.reduce((sum, load) => sum + load, 0);
}

function cpuMetric(target: number, cores: number): Metric {
  return {
    name: 'cpu',
    target,
    newest: 2,
    load: ({ key, limit }, samples) => {
      const used = coresUsed(key, samples);
      return used !== undefined && used <= cores * readingSlack && limit > 0 ? (used / limit) * 100 : undefined;
    },
    words: (mean) => `cpu ${Math.round(mean)} % of the limit, target ${target} %`,
  };
}

/** Mean over the samples that know the replica; undefined with fewer than two, or when its time has gone back. */
function coresUsed(key: string, samples: readonly Sample[]): number | undefined {
  const seen = samples.flatMap(({ at, replicas }) => {
    const seconds = replicas[key]?.cpuSeconds;
    return seconds === undefined ? [] : [{ at, seconds }];
  });
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at || last.at !== samples.at(-1)?.at) return undefined;
  const sound = seen.every(({ seconds }, index) => seconds >= (seen[index - 1]?.seconds ?? 0) && seconds <= mostSeconds);
  return sound ? ((last.seconds - first.seconds) * 1000) / (last.at - first.at) : undefined;
}

function concurrencyMetric(target: number): Metric {
  return {
    name: 'concurrency',
    target,
    newest: 1,
    load: ({ key, inFlight }, samples) =>
      isInFlight(inFlight) ? mean(samples.map(({ replicas }) => replicas[key]?.inFlight).filter(isInFlight)) : undefined,
    words: (value) => `${round(value)} requests in flight per replica, target ${target}`,
  };
}

function isInFlight(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value <= mostInFlight;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
