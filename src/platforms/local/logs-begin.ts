/** Where in each log a reader begins who does not want everything. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogSelector } from '../platform.ts';
import { Heap } from './logs-heap.ts';
import { chunkBytes, longestTail, readChunk, startOfTail, startSince, startsIn, type Part, type StoredLog } from './logs-parts.ts';

/** Of all logs together. */
const mostBytes = 64 * 1024 * 1024;
/** Others get the turn after so many. */
const linesPerTurn = 2000;

type Wanted = Pick<LogSelector, 'tail' | 'sinceMs' | 'newest'>;

/** Opens the older parts that are needed, and sets where each part is read from. @param now ms since 1970 */
export async function setStarts(logs: readonly StoredLog[], wanted: Wanted, now: number): Promise<void> {
  const since = wanted.sinceMs === undefined ? undefined : now - wanted.sinceMs;
  if (wanted.newest === true && wanted.tail !== undefined) await newestOfAll(logs, wanted.tail, since);
  else for (const log of logs) await lastOfEach(log, wanted.tail ?? Number.POSITIVE_INFINITY, since);
}

async function lastOfEach(log: StoredLog, lines: number, since: number | undefined): Promise<void> {
  let left = lines;
  for (let part = log.newest; part !== undefined; part = await log.older()) {
    const { handle, size } = part;
    part.start = since === undefined ? 0 : await startSince(part, since);
    if (Number.isFinite(left)) {
      const { start, found } = await startOfTail(handle, { from: part.start, size, lines: left });
      part.start = start;
      left -= found;
    }
    if (left <= 0 || part.start > 0) return;
  }
}

/** From the newest line of all on backwards, always in the log whose next line is the newest of what is left. */
async function newestOfAll(logs: readonly StoredLog[], lines: number, since: number | undefined): Promise<void> {
  const all = new Heap<Backwards>((a, b) => a.order > b.order);
  for (const log of logs) {
    const one = new Backwards(log, since);
    if (await one.load()) all.push(one);
  }
  let bytes = 0;
  for (let taken = 1; all.first !== undefined && taken <= lines; taken += 1) {
    const { first } = all;
    bytes += first.take();
    if (bytes > mostBytes) return;
    if (first.next() || (await first.load())) all.moved();
    else all.removeFirst();
    if (taken % linesPerTurn === 0) await nextTurn();
  }
}

/** Goes through the beginnings of a log's lines, from the last one on; only what was taken is read later. */
class Backwards {
  readonly #log: StoredLog;
  readonly #since: number | undefined;
  #part: Part | undefined;
  /** Of the part: nothing before it is wanted; everything from `#end` on is loaded. */
  #oldest = 0;
  #end = 0;
  /** Rising; the last one is the current one. */
  #starts: number[] = [];
  /** Of the current line, ms since 1970. */
  order = 0;

  constructor(log: StoredLog, since: number | undefined) {
    this.#log = log;
    this.#since = since;
  }

  /** Reads back until there is a line; false when there is none. */
  async load(): Promise<boolean> {
    if (this.#part === undefined) await this.#open(this.#log.newest);
    while (this.#part !== undefined && this.#starts.length === 0) {
      if (this.#end > this.#oldest) await this.#loadChunk(this.#part);
      else await this.#open(this.#oldest > 0 ? undefined : await this.#log.older());
    }
    return this.#look();
  }

  /** To the line before; false when it has to be loaded first. */
  next(): boolean {
    this.#starts.pop();
    return this.#look();
  }

  /** @returns bytes of the line */
  take(): number {
    const [part, start] = [this.#part as Part, this.#starts.at(-1) as number];
    const bytes = part.start - start;
    part.start = start;
    return bytes;
  }

  async #open(part: Part | undefined): Promise<void> {
    this.#part = part;
    if (part === undefined) return;
    const from = this.#since === undefined ? 0 : await startSince(part, this.#since);
    part.start = part.size;
    this.#end = part.size;
    this.#oldest = Math.max(from, part.size - longestTail);
  }

  async #loadChunk(part: Part): Promise<void> {
    const start = Math.max(this.#oldest, this.#end - chunkBytes);
    this.#starts = startsIn(await readChunk(part.handle, start, this.#end - start), start, part.size);
    if (start === this.#oldest) this.#starts.unshift(start);
    this.#end = start;
  }

  #look(): boolean {
    const start = this.#starts.at(-1);
    if (start !== undefined && this.#part !== undefined) this.order = this.#part.times.of(start).order;
    return start !== undefined;
  }
}
