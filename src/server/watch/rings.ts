/**
 * The numbers of the last hours in three resolutions. One service takes 12 columns of 1,170 points of 4 bytes, 56 KB, however many
 * replicas it has; 500 services, the most that are kept, take 28 MB.
 */
import type { ServiceHistory } from '../api/index.ts';
import { columns, gatheredFrom, pointOf, together, type Gathered, type Point } from './gathered.ts';
import { rounded } from './measured.ts';
import type { Change } from './rates.ts';

export const resolutions = [
  { minutes: 15, stepMs: 2000 },
  { minutes: 60, stepMs: 10_000 },
  { minutes: 360, stepMs: 60_000 },
] as const;

const mostServices = 500;
/** So long after the newest point the axis goes on without values. */
const silentMs = 30_000;

export interface Columns {
  readonly stepMs: number;
  readonly times: number[];
  readonly services: ServiceHistory[];
}

export class Rings {
  readonly #rings = resolutions.map(({ minutes, stepMs }) => new HistoryRing(stepMs, (minutes * 60_000) / stepMs));

  /** @param at when the change ended, ms since 1970 */
  add(change: Change, at: number): void {
    const gathered = gatheredFrom(change);
    for (const ring of this.#rings) ring.add(gathered, at - change.overMs, at);
  }

  /** What was seen before does not go on. */
  gap(): void {
    for (const ring of this.#rings) ring.gap();
  }

  /** The finest that reaches so far back. */
  read(minutes: number, now: number): Columns {
    const index = resolutions.findIndex((one) => one.minutes >= minutes);
    return (this.#rings.at(index) as HistoryRing).read(now);
  }
}

/** Points lie at whole multiples of the step. Each holds what was seen from the point before until then. */
class HistoryRing {
  readonly #stepMs: number;
  readonly #length: number;
  /** One block for each service: column after column. */
  readonly #blocks = new Map<string, { readonly values: Float32Array; newest: number }>();
  #gathered = new Map<string, Gathered>();
  #first = Infinity;
  #newest = -Infinity;

  constructor(stepMs: number, length: number) {
    this.#stepMs = stepMs;
    this.#length = length;
  }

  add(seen: ReadonlyMap<string, Gathered>, from: number, to: number): void {
    for (const [name, one] of seen) this.#gathered.set(name, together(this.#gathered.get(name), one));
    const [first, last] = [Math.floor(from / this.#stepMs) + 1, Math.floor(to / this.#stepMs)];
    if (last < this.#newest - this.#length / 10) this.#forget();
    if (last < first) return;
    const begin = Math.max(first, this.#newest + 1);
    for (let slot = Math.max(this.#newest + 1, begin - this.#length); slot <= last; slot += 1) this.#clear(slot);
    for (const [name, one] of this.#gathered) this.#write(name, pointOf(one), begin, last);
    this.#first = Math.min(this.#first, begin);
    this.#newest = Math.max(this.#newest, last);
    this.#gathered = new Map();
  }

  gap(): void {
    this.#gathered = new Map();
  }

  read(now: number): Columns {
    const isSilent = now - this.#newest * this.#stepMs > Math.max(silentMs, 2 * this.#stepMs);
    const last = isSilent ? Math.floor(now / this.#stepMs) : this.#newest;
    const first = Math.max(this.#first, last - this.#length + 1);
    const slots =
      Number.isFinite(this.#newest) && first <= last ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [];
    const names = [...this.#blocks].filter(([, { newest }]) => newest >= first).map(([name]) => name);
    return {
      stepMs: this.#stepMs,
      times: slots.map((slot) => slot * this.#stepMs),
      services: names.toSorted().map((name) => this.#columnsOf(name, slots)),
    };
  }

  #columnsOf(service: string, slots: readonly number[]): ServiceHistory {
    const values = this.#blocks.get(service)?.values as Float32Array;
    const column = (index: number): (number | null)[] =>
      slots.map((slot) => (slot > this.#newest ? null : told(values[index * this.#length + (slot % this.#length)] ?? NaN)));
    const all = Object.fromEntries(columns.map((name, index) => [name, column(index)])) as Omit<ServiceHistory, 'service'>;
    return { service, ...all };
  }

  #write(name: string, point: Point, first: number, last: number): void {
    const block = this.#blocks.get(name) ?? this.#newBlock(name);
    if (block === undefined) return;
    for (let slot = Math.max(first, last - this.#length + 1); slot <= last; slot += 1) {
      columns.forEach((column, index) => (block.values[index * this.#length + (slot % this.#length)] = point[column] ?? NaN));
    }
    block.newest = last;
  }

  #newBlock(name: string): { values: Float32Array; newest: number } | undefined {
    for (const [other, { newest }] of this.#blocks) if (newest <= this.#newest - this.#length) this.#blocks.delete(other);
    if (this.#blocks.size >= mostServices) return undefined;
    const block = { values: new Float32Array(columns.length * this.#length).fill(NaN), newest: -Infinity };
    this.#blocks.set(name, block);
    return block;
  }

  #clear(slot: number): void {
    for (const { values } of this.#blocks.values())
      columns.forEach((_, index) => (values[index * this.#length + (slot % this.#length)] = NaN));
  }

  /** The clock was set back: what came later has not happened yet. */
  #forget(): void {
    this.#blocks.clear();
    this.#first = Infinity;
    this.#newest = -Infinity;
  }
}

function told(value: number): number | null {
  return Number.isNaN(value) ? null : rounded(value);
}
