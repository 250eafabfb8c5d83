/** How many replicas the measured load asks for, by each metric that a service is scaled by. */
import type { ReplicaReading, ServiceReading } from './reading.ts';

export interface Sample {
  /** Milliseconds, monotonic. */
  readonly at: number;
  /** Replicas that counted at that moment, by key. */
  readonly replicas: Readonly<Record<string, Pick<ReplicaReading, 'cpuSeconds' | 'inFlight'>>>;
}

export interface Demand {
  /** Replicas that the load seen needs for sure, not rounded. */
  readonly least: number;
  /** The same if every replica that could not be measured is as busy as it should be. */
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
  /** A replica's load in the unit of the target; undefined when it is not known or cannot be true. */
  load(replica: ReplicaReading): number | undefined;
  words(mean: number): string;
}

/** A machine may be read a moment late, so that a replica seems to use a little more than there is. */
const readingSlack = 1.25;
const mostInFlight = 1_000_000;

/** @param counted replicas that are ready and warm @param samples oldest first, the last one of this moment */
export function demandsOf(service: ServiceReading, counted: readonly ReplicaReading[], samples: readonly Sample[], cores: number): Demands {
  const judged = metricsOf(service, samples, cores).map((metric) => ({ metric, demand: demandOf(metric, counted, service.count) }));
  return {
    found: judged.flatMap(({ demand }) => demand ?? []),
    missing: judged.find(({ demand }) => demand === undefined)?.metric.name,
  };
}

function metricsOf({ scale }: ServiceReading, samples: readonly Sample[], cores: number): Metric[] {
  const { cpu, concurrency } = scale;
  return [
    ...(isTarget(cpu) ? [cpuMetric(cpu, samples, cores)] : []),
    ...(isTarget(concurrency) ? [concurrencyMetric(concurrency, samples)] : []),
  ];
}

/** Whether there is anything to scale by. */
export function hasTarget({ cpu, concurrency }: ServiceReading['scale']): boolean {
  return isTarget(cpu) || isTarget(concurrency);
}

function isTarget(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

/** One bad number spoils the metric for this moment: the rest would look like less load than there is. */
function demandOf(metric: Metric, counted: readonly ReplicaReading[], count: number): Demand | undefined {
  const loads = counted.map((replica) => metric.load(replica));
  const known = loads.filter((load) => load !== undefined);
  if (known.length === 0 || known.length < loads.length) return undefined;
  const sum = known.reduce((total, load) => total + load, 0);
  const least = sum / metric.target;
  return { least, most: least + Math.max(0, count - known.length), words: metric.words(sum / known.length) };
}

function cpuMetric(target: number, samples: readonly Sample[], cores: number): Metric {
  return {
    name: 'cpu',
    target,
    load: ({ key, limit }) => {
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
  const rising = seen.every(({ seconds }, index) => seconds >= (seen[index - 1]?.seconds ?? 0));
  const used = ((last.seconds - first.seconds) * 1000) / (last.at - first.at);
  return rising && Number.isFinite(used) ? used : undefined;
}

function concurrencyMetric(target: number, samples: readonly Sample[]): Metric {
  return {
    name: 'concurrency',
    target,
    load: ({ key, inFlight }) =>
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
