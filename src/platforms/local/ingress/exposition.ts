/** The metrics of the ingress as Prometheus text. */
import { durationBounds, type Metrics, type ServiceCounters } from './metrics.ts';

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

export interface Gauges {
  readonly connections: number;
  readonly inFlight: number;
  readonly held: number;
  readonly logLinesDropped: number;
  readonly tableVersion: number;
  /** Releases by what they are at the moment. */
  readonly sets: readonly { readonly set: string; readonly release: string }[];
  /** Requests that were asked of the other set. */
  readonly otherSet: { readonly found: number; readonly missing: number };
  readonly replicas: readonly {
    readonly id: string;
    readonly service: string;
    readonly inFlight: number;
    readonly requests: number;
    readonly failures: number;
  }[];
}

/**
 * Prometheus text exposition, format 0.0.4. The families without a release are totals of a service over all releases: they never go back. The
 * families with one appear and disappear with their release, and nothing is ever moved from one series to another; `gantry_ingress_set`
 * says which release is in which set, for joining.
 */
export function exposition(metrics: Metrics, gauges: Gauges): string {
  const text = new Exposition();
  totals(text, metrics.totals());
  releases(text, metrics, gauges);
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

function totals(text: Exposition, services: readonly ServiceCounters[]): void {
  text.family('gantry_ingress_requests_total', 'counter', 'Requests answered, by service and class of status.');
  for (const { service, byClass } of services)
    byClass.forEach((count, at) => text.sample('gantry_ingress_requests_total', { service, class: classes[at] ?? '' }, count));
  durations(text, services);
  const each = (name: string, help: string, pick: (one: ServiceCounters) => number): void =>
    text.each(name, 'counter', help, services, (one) => [{ service: one.service }, pick(one)]);
  each('gantry_ingress_response_bytes_total', 'Bytes of answers, without heads.', ({ bytes }) => bytes);
  each('gantry_ingress_retries_total', 'Requests sent to another replica.', ({ retries }) => retries);
  each('gantry_ingress_cut_total', 'Answers that were cut after their head was sent.', ({ cut }) => cut);
}

function releases(text: Exposition, metrics: Metrics, { sets, otherSet }: Gauges): void {
  const services = metrics.services.filter(({ release }) => release !== '');
  const name = 'gantry_ingress_release_requests_total';
  text.family(name, 'counter', 'Requests answered, by service, release and class of status.');
  for (const { service, release, byClass } of services)
    byClass.forEach((count, at) => text.sample(name, { service, release, class: classes[at] ?? '' }, count));
  text.each('gantry_ingress_release_cut_total', 'counter', 'Answers of a release that were cut.', services, ({ service, release, cut }) => [
    { service, release },
    cut,
  ]);
  text.each('gantry_ingress_set', 'gauge', 'Which release is in which set.', sets, ({ set, release }) => [{ set, release }, 1]);
  text.each(
    'gantry_ingress_other_set_total',
    'counter',
    'Requests that their set answered with 404 and that were asked of the other set.',
    Object.entries(otherSet),
    ([result, count]) => [{ result }, count],
  );
}

function durations(text: Exposition, services: readonly ServiceCounters[]): void {
  const name = 'gantry_ingress_request_duration_seconds';
  text.family(name, 'histogram', 'Time from the first byte of a request to the last of its answer.');
  for (const one of services) {
    const labels = { service: one.service };
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
