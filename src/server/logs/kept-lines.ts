/** The newest lines of an environment, bounded by number and size, and what is found in them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogEntry, LogPage, LogQuery } from '../api/index.ts';

export interface KeptLimits {
  readonly lines: number;
  /** Estimated. */
  readonly bytes: number;
}

/** Of an entry beside its text. */
const entryBytes = 200;
/** A search leaves others the turn after so many lines. */
const linesPerTurn = 2000;

export class KeptLines {
  readonly #limits: KeptLimits;
  #entries: LogEntry[] = [];
  /** Index of the oldest one that counts; what lies before it is removed now and then, all at once. */
  #first = 0;
  #bytes = 0;
  readonly #sources = new Map<string, number>();

  constructor(limits: KeptLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.length - this.#first;
  }

  /** Of those that have lines here, by name. */
  get sources(): string[] {
    return [...this.#sources.keys()].toSorted();
  }

  /** Ids rise by one. */
  push(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#bytes += bytesOf(entry);
    this.#sources.set(entry.source, (this.#sources.get(entry.source) ?? 0) + 1);
    while (this.size > this.#limits.lines || this.#bytes > this.#limits.bytes) this.#drop();
    if (this.#first > 1024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#sources.clear();
  }

  /** Oldest first, at most so many, the newest of them. */
  after(id: number, most: number): readonly LogEntry[] {
    return this.#entries.slice(Math.max(this.#first, this.#entries.length - most, this.#indexOf(id + 1)));
  }

  /** The newest that match, up to an id. Lines that are pushed out meanwhile are not missed: they are older than all that is found. */
  async find(query: LogQuery, upTo: number): Promise<Pick<LogPage, 'lines' | 'more'>> {
    const matches = matcher(query);
    const lines: LogEntry[] = [];
    let looked = 0;
    for (let id = Math.min(upTo, (query.before ?? Number.POSITIVE_INFINITY) - 1); ; id -= 1) {
      const entry = this.#at(id);
      if (entry === undefined) return { lines: lines.toReversed(), more: false };
      if (matches(entry) && lines.push(entry) > query.tail) return { lines: lines.slice(0, -1).toReversed(), more: true };
      looked += 1;
      if (looked % linesPerTurn === 0) await nextTurn();
    }
  }

  #at(id: number): LogEntry | undefined {
    const index = this.#indexOf(id);
    return index < this.#first ? undefined : this.#entries[index];
  }

  #indexOf(id: number): number {
    const oldest = this.#entries[this.#first];
    return oldest === undefined ? -1 : this.#first + id - oldest.id;
  }

  #drop(): void {
    const entry = this.#entries[this.#first] as LogEntry;
    this.#first += 1;
    this.#bytes -= bytesOf(entry);
    const left = (this.#sources.get(entry.source) ?? 1) - 1;
    if (left === 0) this.#sources.delete(entry.source);
    else this.#sources.set(entry.source, left);
  }
}

/** Two bytes a character at worst. */
function bytesOf({ text }: LogEntry): number {
  return text.length * 2 + entryBytes;
}

/** What belongs to no service is found by its source: a resource, Gantry itself. */
function matcher({ service, replica, contains }: LogQuery): (entry: LogEntry) => boolean {
  const text =
    contains === undefined || contains === '' ? undefined : new RegExp(contains.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu');
  return (entry) =>
    (service === undefined || (entry.service ?? entry.source) === service) &&
    (replica === undefined || entry.source === replica) &&
    (text === undefined || text.test(entry.text));
}
