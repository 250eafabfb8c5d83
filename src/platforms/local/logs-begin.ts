/** Where in each log a reader begins who does not want everything. */
import type { LogSelector } from '../platform.ts';
import { chunkBytes, longestTail, readChunk, startOfTail, startSince, startsIn, type Part, type StoredLog } from './logs-parts.ts';

/** Of all logs together. */
const mostBytes = 64 * 1024 * 1024;

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
  const all = logs.map((log) => new Backwards(log, since));
  for (const one of all) await one.load();
  let [linesLeft, bytesLeft] = [lines, mostBytes];
  for (let found = newest(all); found !== undefined && linesLeft > 0; found = newest(all)) {
    const { log, others } = found;
    do {
      linesLeft -= 1;
      bytesLeft -= log.take();
      if (bytesLeft < 0) return;
      if (!log.next()) await log.load();
    } while (log.order !== ended && log.order >= others && linesLeft > 0);
  }
}

const ended = Number.NEGATIVE_INFINITY;

/** The log whose next line is the newest, and how new that of the others is. */
function newest(all: readonly Backwards[]): { readonly log: Backwards; readonly others: number } | undefined {
  let log: Backwards | undefined;
  let others = ended;
  for (const one of all) {
    if (one.order === ended) continue;
    if (log !== undefined && one.order < log.order) {
      others = Math.max(others, one.order);
      continue;
    }
    others = log?.order ?? others;
    log = one;
  }
  return log === undefined ? undefined : { log, others };
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
  /** Of the current line, ms since 1970; `ended` when there is none. */
  order = ended;

  constructor(log: StoredLog, since: number | undefined) {
    this.#log = log;
    this.#since = since;
  }

  /** Reads back until there is a line. */
  async load(): Promise<void> {
    if (this.#part === undefined) await this.#open(this.#log.newest);
    while (this.#part !== undefined && this.#starts.length === 0) {
      if (this.#end > this.#oldest) await this.#loadChunk(this.#part);
      else await this.#open(this.#oldest > 0 ? undefined : await this.#log.older());
    }
    this.#look();
  }

  /** To the line before; false when it has to be loaded first. */
  next(): boolean {
    this.#starts.pop();
    this.#look();
    return this.#starts.length > 0;
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

  #look(): void {
    const start = this.#starts.at(-1);
    this.order = start === undefined || this.#part === undefined ? ended : this.#part.times.of(start).order;
  }
}
