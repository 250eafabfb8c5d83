/**
 * The newest lines that a page holds, column by column: 100,000 of them are a few arrays, not 100,000 objects with their parts. Every row
 * has a place that stays its own: newer rows count up from it, older ones down.
 */
import type { LogEntry } from '../../../../src/server/api/index.ts';
import { isPlain, spell } from './ansi.ts';
import { isContinuation, type Level, levels, readLine } from './line.ts';

export type Stream = LogEntry['stream'];

export interface Source {
  readonly name: string;
  readonly service: string | null;
  readonly replica: string | null;
}

export interface Row {
  readonly place: number;
  /** Between two ids for a row that stands for lines which were left out. */
  readonly id: number;
  readonly source: Source;
  readonly stream: Stream;
  readonly level: Level;
  /** Milliseconds since 1970: the line's own time, or else when it was written; NaN when nobody knows. */
  readonly at: number;
  readonly raw: string;
  /** What is searched: `raw` without what a page does not obey. */
  readonly text: string;
  /** Of the whole line, when it was cut; else 0. */
  readonly characters: number;
  /** Lines that were left out here; 0 for a line. */
  readonly skipped: number;
}

const streams: readonly Stream[] = ['stdout', 'stderr', 'gantry'];
const nowhere: Source = { name: '', service: null, replica: null };

export class LogRing {
  readonly capacity: number;
  /** Rises when rows have changed their places. */
  epoch = 0;
  #first = 0;
  #end = 0;
  readonly #ids: Float64Array;
  readonly #at: Float64Array;
  readonly #levels: Uint8Array;
  readonly #streams: Uint8Array;
  readonly #sources: Uint32Array;
  readonly #characters: Float64Array;
  readonly #skipped: Float64Array;
  readonly #raws: string[];
  readonly #texts: string[];
  readonly #known: Source[] = [nowhere];
  readonly #indexes = new Map<string, number>();
  /** Level of the newest line of each source, for the lines that go on with it. */
  readonly #last = new Map<string, Level>();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ids = new Float64Array(capacity);
    this.#at = new Float64Array(capacity);
    this.#levels = new Uint8Array(capacity);
    this.#streams = new Uint8Array(capacity);
    this.#sources = new Uint32Array(capacity);
    this.#characters = new Float64Array(capacity);
    this.#skipped = new Float64Array(capacity);
    this.#raws = Array.from({ length: capacity }, () => '');
    this.#texts = Array.from({ length: capacity }, () => '');
  }

  /** Place of the oldest row. */
  get first(): number {
    return this.#first;
  }

  /** Place behind the newest row. */
  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** Undefined while it is empty. */
  get oldestId(): number | undefined {
    return this.length === 0 ? undefined : this.#ids[this.#slot(this.#first)];
  }

  get newestId(): number | undefined {
    return this.length === 0 ? undefined : this.#ids[this.#slot(this.#end - 1)];
  }

  text(place: number): string {
    return this.#texts[this.#slot(place)] ?? '';
  }

  level(place: number): Level {
    return (this.#levels[this.#slot(place)] ?? 0) as Level;
  }

  stream(place: number): Stream {
    return streams[this.#streams[this.#slot(place)] ?? 0] ?? 'stdout';
  }

  id(place: number): number {
    return this.#ids[this.#slot(place)] ?? 0;
  }

  isSkip(place: number): boolean {
    return this.#skipped[this.#slot(place)] !== 0;
  }

  row(place: number): Row {
    const slot = this.#slot(place);
    return {
      place,
      id: this.#ids[slot] ?? 0,
      source: this.#known[this.#sources[slot] ?? 0] ?? nowhere,
      stream: this.stream(place),
      level: this.level(place),
      at: this.#at[slot] ?? Number.NaN,
      raw: this.#raws[slot] ?? '',
      text: this.#texts[slot] ?? '',
      characters: this.#characters[slot] ?? 0,
      skipped: this.#skipped[slot] ?? 0,
    };
  }

  /** Undefined when it is not here (any more). */
  placeOf(id: number): number | undefined {
    const place = this.placeFrom(id);
    return place < this.#end && this.id(place) === id ? place : undefined;
  }

  /** Place of the first row with this id or a larger one. */
  placeFrom(id: number): number {
    let [low, high] = [this.#first, this.#end];
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (this.id(middle) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Place of the last row that is not younger; undefined when all are. @param at ms since 1970 */
  lastBefore(at: number): number | undefined {
    for (let place = this.#end - 1; place >= this.#first; place--) if ((this.#at[this.#slot(place)] ?? Number.NaN) <= at) return place;
    return undefined;
  }

  /** Newer lines; the oldest make room for them. */
  append(lines: readonly LogEntry[]): void {
    for (const line of lines) {
      if (line.id <= (this.newestId ?? -1)) continue;
      const slot = this.#push(line.id);
      this.#write(slot, line);
      this.#last.set(line.source, (this.#levels[slot] ?? 0) as Level);
    }
  }

  /** A row that says how many lines are missing in front of the next one. */
  skip(count: number): void {
    const last = this.#slot(this.#end - 1);
    if (this.length > 0 && this.isSkip(this.#end - 1)) return void (this.#skipped[last] = (this.#skipped[last] ?? 0) + count);
    const slot = this.#push((this.newestId ?? -1) + 0.5);
    this.#levels[slot] = levels.none;
    this.#streams[slot] = streams.indexOf('gantry');
    this.#sources[slot] = 0;
    this.#at[slot] = Number.NaN;
    this.#characters[slot] = 0;
    this.#skipped[slot] = count;
    this.#raws[slot] = '';
    this.#texts[slot] = '';
  }

  /** Older lines, as many of them as there is room for. @returns how many */
  prepend(lines: readonly LogEntry[]): number {
    const oldest = this.oldestId ?? Number.POSITIVE_INFINITY;
    const older = lines.filter((line) => line.id < oldest);
    const taken = older.slice(Math.max(0, older.length - (this.capacity - this.length)));
    const start = this.#first - taken.length;
    this.#first = start;
    for (const [index, line] of taken.entries()) {
      const slot = this.#slot(start + index);
      this.#ids[slot] = line.id;
      this.#write(slot, line);
    }
    return taken.length;
  }

  /** Lines that may be older, newer, known already, or missing in between. */
  merge(lines: readonly LogEntry[]): void {
    const newest = this.newestId;
    if (newest === undefined) return this.append(lines);
    const missing = lines.find((line) => line.id < newest && line.id > (this.oldestId ?? 0) && this.placeOf(line.id) === undefined);
    if (missing !== undefined) this.#insert(lines.filter((line) => line.id >= missing.id));
    this.prepend(lines);
    this.append(lines);
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    this.epoch += 1;
    this.#raws.fill('');
    this.#texts.fill('');
    this.#last.clear();
  }

  /** Takes out what came after the first of them, and puts all back in order. What was said to be missing is here now. */
  #insert(lines: readonly LogEntry[]): void {
    const from = lines[0]?.id ?? 0;
    const back = new Map(lines.map((line) => [line.id, line]));
    while (this.length > 0 && (this.newestId ?? 0) >= from - 0.5) {
      const row = this.row(this.#end - 1);
      if (row.skipped === 0 && !back.has(row.id)) back.set(row.id, entryOf(row));
      this.#end -= 1;
    }
    this.epoch += 1;
    this.append([...back.values()].sort((a, b) => a.id - b.id));
  }

  #push(id: number): number {
    if (this.length === this.capacity) this.#first += 1;
    const slot = this.#slot(this.#end);
    this.#end += 1;
    this.#ids[slot] = id;
    return slot;
  }

  #write(slot: number, line: LogEntry): void {
    const text = isPlain(line.text) ? line.text : spell(line.text);
    const { level, at } = readLine(text);
    const said = Number.isNaN(at) && line.at !== undefined ? Date.parse(line.at) : at;
    this.#at[slot] = said;
    this.#levels[slot] = level === levels.none && isContinuation(text) ? (this.#last.get(line.source) ?? level) : level;
    this.#streams[slot] = streams.indexOf(line.stream);
    this.#sources[slot] = this.#index(line);
    this.#characters[slot] = line.characters ?? 0;
    this.#skipped[slot] = 0;
    this.#raws[slot] = line.text;
    this.#texts[slot] = text;
  }

  #index(line: LogEntry): number {
    const known = this.#indexes.get(line.source);
    if (known !== undefined) return known;
    this.#known.push({ name: line.source, service: line.service, replica: line.replica });
    this.#indexes.set(line.source, this.#known.length - 1);
    return this.#known.length - 1;
  }

  #slot(place: number): number {
    const rest = place % this.capacity;
    return rest < 0 ? rest + this.capacity : rest;
  }
}

/** A line read back: its time as it is known here. */
function entryOf(row: Row): LogEntry {
  return {
    id: row.id,
    source: row.source.name,
    service: row.source.service,
    replica: row.source.replica,
    stream: row.stream,
    text: row.raw,
    ...(Number.isNaN(row.at) ? {} : { at: new Date(row.at).toISOString() }),
    ...(row.characters === 0 ? {} : { characters: row.characters }),
  };
}
