/** What each chart shows, as numbers and as words. Pure. */
import { bytes, cores, duration, latency, number, percent, rate } from '../../ui/format.ts';
import type { ColumnName, Columns, Timeline } from './timeline.ts';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly kind: 'line' | 'limit' | 'steps' | 'bars';
  /** CSS colour. */
  readonly colour: string;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly series: readonly Series[];
  /** How a value is read. */
  format(value: number): string;
  /** The same at the axis, which says no unit that the title says. */
  tick(value: number): string;
  /** Distances between the ticks of the axis that make sense; undefined: any. */
  readonly steps: readonly number[] | undefined;
  /** What is said where there is no value. */
  readonly absent: string;
  /** Why there is no value at all; undefined when there is one. */
  readonly empty: string | undefined;
  /** The axis reaches at least so far up. */
  readonly least: number;
}

export type Percentile = 'p50' | 'p95' | 'p99';

export interface ChartsWanted {
  /** Undefined: all, side by side. */
  readonly service: string | undefined;
  /** Of the latency, where services stand side by side. */
  readonly percentile: Percentile;
  /** The colour that a service has everywhere. */
  colourOf(service: string): string;
}

/** More lines in one chart cannot be told apart. */
export const mostLines = 8;

const firstColour = 'var(--release-1)';
const secondColour = 'var(--release-2)';
const thirdColour = 'var(--release-5)';
const limitColour = 'var(--text-muted)';

export function chartsOf(timeline: Timeline, wanted: ChartsWanted): Chart[] {
  const { service } = wanted;
  const own = service === undefined ? undefined : timeline.services.get(service);
  const charts = service === undefined ? sideBySide(timeline, wanted) : ofOne(own ?? noColumns);
  return charts
    .map((chart) => ({ ...chart, series: chart.series.filter(hasValues) }))
    .map((chart) => ({ ...chart, empty: emptyOf(chart) }));
}

type Draft = Omit<Chart, 'empty'>;

const noColumns: Partial<Columns> = {};

const common = { absent: 'not measured', steps: undefined };
const whole = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const binary = Array.from({ length: 50 }, (_, power) => 2 ** power);

const kinds = {
  requests: { ...common, id: 'requests', title: 'Requests', format: rate, tick: rate, least: 1 },
  errors: { ...common, id: 'errors', title: 'Errors', format: rate, tick: rate, least: 1 },
  latency: { ...common, id: 'latency', title: 'Latency', format: latency, tick: latency, absent: 'none measured', least: 10 },
  cpu: {
    ...common,
    id: 'cpu',
    title: 'CPU, cores',
    format: (value: number) => `${cores(value)} ${value === 1 ? 'core' : 'cores'}`,
    tick: cores,
    least: 0.05,
  },
  memory: { ...common, id: 'memory', title: 'Memory', format: bytes, tick: bytes, steps: binary, least: 1024 * 1024 },
  ready: { ...common, id: 'ready', title: 'Ready replicas', format: number, tick: number, steps: whole, least: 1 },
  restarts: { ...common, id: 'restarts', title: 'Restarts', format: number, tick: number, steps: whole, least: 1 },
} as const;

const ofLimits = { format: percent, tick: percent, steps: undefined, least: 10 };

function ofOne(columns: Partial<Columns>): Draft[] {
  const line = (label: string, key: ColumnName, colour = firstColour, kind: Series['kind'] = 'line'): Series => ({
    label,
    values: columns[key] ?? [],
    kind,
    colour,
  });
  return [
    { ...kinds.requests, series: [line('requests', 'perSecond')] },
    { ...kinds.errors, series: [line('errors', 'errors', 'var(--bad)')] },
    { ...kinds.latency, series: [line('p50', 'p50'), line('p95', 'p95', secondColour), line('p99', 'p99', thirdColour)] },
    { ...kinds.cpu, series: [line('in use', 'cpu'), line('limit', 'cpuLimit', limitColour, 'limit')] },
    { ...kinds.memory, series: [line('in use', 'memory'), line('limit', 'memoryLimit', limitColour, 'limit')] },
    { ...kinds.ready, series: [line('ready', 'ready', firstColour, 'steps')] },
    { ...kinds.restarts, series: [line('restarts', 'restarts', 'var(--warn)', 'bars')] },
  ];
}

function sideBySide({ services }: Timeline, { percentile, colourOf }: ChartsWanted): Draft[] {
  const each = (valuesOf: (columns: Columns) => readonly (number | null)[], kind: Series['kind'] = 'line'): Series[] => {
    const all = [...services]
      .map(([label, columns]) => ({ label, values: valuesOf(columns), kind, colour: colourOf(label) }))
      .filter(hasValues);
    if (all.length <= mostLines) return all;
    const busiest = new Set(all.toSorted((a, b) => mostOf(b) - mostOf(a)).slice(0, mostLines));
    return all.filter((series) => busiest.has(series));
  };
  const ofLimit = (used: ColumnName, limit: ColumnName) => (columns: Columns) =>
    columns[used].map((value, index) => share(value, columns[limit][index] ?? null));
  return [
    { ...kinds.requests, series: each(({ perSecond }) => perSecond) },
    { ...kinds.errors, series: each(({ errors }) => errors) },
    { ...kinds.latency, title: `Latency, ${percentile}`, series: each((columns) => columns[percentile]) },
    { ...kinds.cpu, title: 'CPU, of the limit', ...ofLimits, series: each(ofLimit('cpu', 'cpuLimit')) },
    { ...kinds.memory, title: 'Memory, of the limit', ...ofLimits, series: each(ofLimit('memory', 'memoryLimit')) },
    { ...kinds.ready, series: each(({ ready }) => ready, 'steps') },
    { ...kinds.restarts, series: each(({ restarts }) => restarts, 'bars') },
  ];
}

function share(value: number | null, limit: number | null): number | null {
  return value === null || limit === null || limit === 0 ? null : (value / limit) * 100;
}

function mostOf({ values }: Series): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

function hasValues({ values }: Series): boolean {
  return values.some((value) => value !== null);
}

function emptyOf({ id, series }: Draft): string | undefined {
  if (series.some(({ kind }) => kind !== 'limit')) return undefined;
  if (id === 'latency') return 'No answer was measured in this time.';
  return 'Not measured in this time.';
}

/** `now 12/s, from 3/s to 40/s`, or why there is nothing. */
export function inWords({ values }: Series, { format, absent }: Chart): string {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1) ?? null;
  if (known.length === 0) return absent;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return `now ${last === null ? absent : format(last)}, from ${format(least)} to ${format(most)}`;
}

/** The chart for those who do not see it. */
export function describe(chart: Chart, { times, stepMs }: Timeline): string {
  if (chart.empty !== undefined) return `${chart.title}: ${chart.empty}`;
  const parts = chart.series.map((series) => `${series.label} ${inWords(series, chart)}`);
  const first = chart.series[0]?.values ?? [];
  const missing = times.reduce((count, _, index) => count + (first[index] === null ? 1 : 0), 0);
  const gaps =
    missing === 0
      ? ''
      : ` ${chart.absent[0]?.toUpperCase()}${chart.absent.slice(1)} for ${duration(missing * stepMs)} of ${duration(times.length * stepMs)}.`;
  return `${chart.title}: ${parts.join('; ')}.${gaps}`;
}

export interface TableRow {
  readonly at: number;
  /** One for each series. */
  readonly values: readonly string[];
}

const mostRows = 20;

/** Points at even distances, newest first. */
export function tableOf(chart: Chart, { times }: Timeline): TableRow[] {
  const step = Math.max(1, Math.ceil(times.length / mostRows));
  const rows: TableRow[] = [];
  for (let index = times.length - 1; index >= 0; index -= step) {
    const valueOf = ({ values }: Series): string => read(values[index] ?? null, chart);
    rows.push({ at: times[index] ?? 0, values: chart.series.map(valueOf) });
  }
  return rows;
}

export function read(value: number | null, { format, absent }: Chart): string {
  return value === null ? absent : format(value);
}
