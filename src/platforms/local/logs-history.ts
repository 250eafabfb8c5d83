/** What the logs have, as one sequence by time. */
import type { LogLine } from '../platform.ts';
import { Heap } from './logs-heap.ts';
import { LineSplitter, type RawLine } from './logs-lines.ts';
import { chunkBytes, readChunk, type Part, type StoredLog } from './logs-parts.ts';
import { streamOf } from './logs-sources.ts';
import type { Dated } from './logs-times.ts';

const linesAtATime = 1000;

export function toLine(source: string, { text, characters }: RawLine, at: string | undefined): LogLine {
  const line = { source, stream: streamOf(source), text };
  if (at === undefined && characters === undefined) return line;
  return { ...line, ...(at === undefined ? {} : { at }), ...(characters === undefined ? {} : { characters }) };
}

/** Lines of one log, oldest first, a chunk at a time. */
export class StoredLines {
  readonly log: StoredLog;
  /** Among others, for lines of the same time. */
  readonly place: number;
  /** Has what was read of a line that has no end yet. */
  readonly splitter = new LineSplitter();
  readonly #endsOpen: boolean;
  #part = 0;
  #offset: number;
  #lines: { readonly raw: RawLine; readonly dated: Dated }[] = [];
  #next = 0;

  /** @param endsOpen somebody goes on reading where this ends, so that a line without an end is left to them */
  constructor(log: StoredLog, place: number, endsOpen: boolean) {
    this.log = log;
    this.place = place;
    this.#endsOpen = endsOpen;
    this.#offset = log.parts[0]?.start ?? 0;
  }

  /** In the part that is written to: what lies before has been read. */
  get offset(): number {
    return this.#offset;
  }

  /** Of the next line, ms since 1970. */
  get order(): number {
    return (this.#lines[this.#next] as { dated: Dated }).dated.order;
  }

  get isLoaded(): boolean {
    return this.#next < this.#lines.length;
  }

  take(): LogLine {
    const { raw, dated } = this.#lines[this.#next] as { raw: RawLine; dated: Dated };
    this.#next += 1;
    return toLine(this.log.source, raw, dated.at);
  }

  /** False when there is no more. */
  async load(): Promise<boolean> {
    this.#lines = [];
    this.#next = 0;
    for (let part = this.#current; part !== undefined && this.#lines.length === 0; part = this.#current) await this.#read(part);
    return this.#lines.length > 0;
  }

  get #current(): Part | undefined {
    return this.log.parts[this.#part];
  }

  async #read(part: Part): Promise<void> {
    const read = await readChunk(part.handle, this.#offset, Math.max(0, Math.min(chunkBytes, part.size - this.#offset)));
    // What was cut meanwhile ends here; whoever follows finds the rest in the old part.
    const bytes = read.length > 0 && (await this.log.isCut(part)) ? read.subarray(0, 0) : read;
    const lines = this.splitter.feed(bytes, this.#offset);
    this.#offset += bytes.length;
    if (bytes.length === 0) lines.push(...this.#endOf());
    this.#lines = lines.map((raw) => ({ raw, dated: part.times.of(raw.start) }));
  }

  /** Goes on to the next part. What the last one ends with may be the beginning of a line. */
  #endOf(): RawLine[] {
    this.#part += 1;
    const next = this.#current;
    if (next === undefined && this.#endsOpen) return [];
    if (next !== undefined) this.#offset = next.start;
    const rest = this.splitter.end();
    return rest === undefined ? [] : [rest];
  }
}

/** By time, some at a time; lines of one log stay in their order. */
export async function* merged(logs: readonly StoredLines[]): AsyncGenerator<LogLine[]> {
  const open = new Heap<StoredLines>((a, b) => a.order < b.order || (a.order === b.order && a.place < b.place));
  for (const log of logs) if (await log.load()) open.push(log);
  let lines: LogLine[] = [];
  for (let log = open.first; log !== undefined; log = open.first) {
    lines.push(log.take());
    if (log.isLoaded && lines.length < linesAtATime) {
      open.moved();
      continue;
    }
    yield lines;
    lines = [];
    if (log.isLoaded || (await log.load())) open.moved();
    else open.removeFirst();
  }
}
