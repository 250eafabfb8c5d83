/** Counters of the ingress, their Prometheus text, and the numbers for the autoscaler and the dashboard. */
import type { ServiceStats } from './table.ts';

/** Upper bounds of the duration histogram, ms. */
export const durationBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const maxServices = 2_000;

/** What one service of one set has served. */
export class ServiceCounters {
  readonly service: string;
  readonly set: string;
  readonly release: string;
  readonly byClass = [0, 0, 0, 0, 0];
  /** Requests by bucket, the last one beyond all bounds; not cumulative. */
  readonly buckets: number[] = Array.from({ length: durationBounds.length + 1 }, () => 0);
  requests = 0;
  totalMs = 0;
  bytes = 0;
  retries = 0;
  inFlight = 0;

  constructor(service: string, set: string, release: string) {
    this.service = service;
    this.set = set;
    this.release = release;
  }

  served(status: number, ms: number, bytes: number, retries: number): void {
    this.requests += 1;
    this.totalMs += ms;
    this.bytes += bytes;
    this.retries += retries;
    const index = Math.min(4, Math.max(0, Math.floor(status / 100) - 1));
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
    let bucket = 0;
    while (bucket < durationBounds.length && ms > (durationBounds[bucket] as number)) bucket += 1;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  toJSON(): ServiceStats {
    const { service, set, release, requests, inFlight, byClass, buckets, totalMs, bytes, retries } = this;
    return { service, set, release, requests, inFlight, byClass: [...byClass], buckets: [...buckets], totalMs, bytes, retries };
  }
}

export class Metrics {
  requests = 0;
  held = 0;
  readonly upstreamErrors = new Map<string, number>();
  readonly rejected = new Map<number, number>();
  readonly #services = new Map<string, ServiceCounters>();

  /** The counters of one service in one set; the name `-` stands for requests that reached none. */
  of(service: string, set: string, release = ''): ServiceCounters {
    const key = `${set}/${release}/${service}`;
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const counters = new ServiceCounters(service, set, release);
    if (this.#services.size < maxServices) this.#services.set(key, counters);
    return counters;
  }

  get services(): readonly ServiceCounters[] {
    return [...this.#services.values()];
  }

  upstreamError(kind: string): void {
    this.upstreamErrors.set(kind, (this.upstreamErrors.get(kind) ?? 0) + 1);
  }

  reject(status: number): void {
    this.rejected.set(status, (this.rejected.get(status) ?? 0) + 1);
  }
}

export interface Gauges {
  readonly connections: number;
  readonly inFlight: number;
  readonly held: number;
  readonly logLinesDropped: number;
  readonly tableVersion: number;
  readonly replicas: readonly {
    readonly id: string;
    readonly service: string;
    readonly inFlight: number;
    readonly requests: number;
    readonly failures: number;
  }[];
}

/** Prometheus text exposition, format 0.0.4. */
export function exposition(metrics: Metrics, gauges: Gauges): string {
  const { services } = metrics;
  const text = new Exposition();
  text.family('gantry_ingress_requests_total', 'counter', 'Requests answered, by service, set and class of status.');
  for (const one of services) {
    one.byClass.forEach((count, at) =>
      text.sample('gantry_ingress_requests_total', { service: one.service, set: one.set, class: classes[at] ?? '' }, count),
    );
  }
  durations(text, services);
  text.each('gantry_ingress_response_bytes_total', 'counter', 'Bytes of answers, without heads.', services, (one) => [
    { service: one.service, set: one.set },
    one.bytes,
  ]);
  text.each('gantry_ingress_retries_total', 'counter', 'Requests sent to another replica.', services, (one) => [
    { service: one.service, set: one.set },
    one.retries,
  ]);
  text.each(
    'gantry_ingress_upstream_errors_total',
    'counter',
    'Failures of replicas, by kind.',
    [...metrics.upstreamErrors],
    ([kind, count]) => [{ kind }, count],
  );
  text.each(
    'gantry_ingress_rejected_total',
    'counter',
    'Requests refused by the ingress, by status.',
    [...metrics.rejected],
    ([status, count]) => [{ status: String(status) }, count],
  );
  text.each('gantry_ingress_replica_requests_total', 'counter', 'Requests sent to a replica.', gauges.replicas, (one) => [
    { service: one.service, replica: one.id },
    one.requests,
  ]);
  text.each('gantry_ingress_replica_failures_total', 'counter', 'Requests that a replica failed.', gauges.replicas, (one) => [
    { service: one.service, replica: one.id },
    one.failures,
  ]);
  text.each('gantry_ingress_replica_in_flight', 'gauge', 'Requests at a replica now.', gauges.replicas, (one) => [
    { service: one.service, replica: one.id },
    one.inFlight,
  ]);
  text.single('gantry_ingress_in_flight', 'gauge', 'Requests being served now.', gauges.inFlight);
  text.single('gantry_ingress_connections', 'gauge', 'Open client connections.', gauges.connections);
  text.single('gantry_ingress_held', 'gauge', 'Requests that wait for a replica now.', gauges.held);
  text.single('gantry_ingress_held_total', 'counter', 'Requests that waited for a replica.', metrics.held);
  text.single('gantry_ingress_log_lines_dropped_total', 'counter', 'Lines of the access log that were lost.', gauges.logLinesDropped);
  text.single('gantry_ingress_table_version', 'gauge', 'Version of the routing table in force.', gauges.tableVersion);
  processMetrics(text);
  return text.toString();
}

function durations(text: Exposition, services: readonly ServiceCounters[]): void {
  const name = 'gantry_ingress_request_duration_seconds';
  text.family(name, 'histogram', 'Time from the first byte of a request to the last of its answer.');
  for (const one of services) {
    const labels = { service: one.service, set: one.set };
    let sum = 0;
    durationBounds.forEach((bound, at) => {
      sum += one.buckets[at] ?? 0;
      text.sample(`${name}_bucket`, { ...labels, le: String(bound / 1_000) }, sum);
    });
    text.sample(`${name}_bucket`, { ...labels, le: '+Inf' }, one.requests);
    text.sample(`${name}_sum`, labels, one.totalMs / 1_000);
    text.sample(`${name}_count`, labels, one.requests);
  }
}

function processMetrics(text: Exposition): void {
  const { user, system } = process.cpuUsage();
  text.single('process_cpu_seconds_total', 'counter', 'Processor time used.', (user + system) / 1e6);
  text.single('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss());
  text.single(
    'process_start_time_seconds',
    'gauge',
    'Start of the process, seconds since 1970.',
    Math.round(Date.now() / 1_000 - process.uptime()),
  );
}

type Labels = Readonly<Record<string, string>>;

class Exposition {
  #lines: string[] = [];

  family(name: string, type: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  sample(name: string, labels: Labels, value: number): void {
    const inside = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${value}`);
  }

  single(name: string, type: string, help: string, value: number): void {
    this.family(name, type, help);
    this.sample(name, {}, value);
  }

  each<T>(name: string, type: string, help: string, items: readonly T[], sampleOf: (item: T) => [Labels, number]): void {
    this.family(name, type, help);
    for (const item of items) this.sample(name, ...sampleOf(item));
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
