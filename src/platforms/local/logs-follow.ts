/** Follows one log as it grows, through cuts by the supervisor and whatever else happens to the file. */
import { stat, type FileHandle } from 'node:fs/promises';
import type { LogLine } from '../platform.ts';
import { logFile, logIndex, logPartBytes, logParts } from './log-files.ts';
import { toLine, type StoredLines } from './logs-history.ts';
import { readCut, type Cut } from './logs-index.ts';
import { LineSplitter, type RawLine } from './logs-lines.ts';
import { chunkBytes, lineStarts, openFile, readChunk } from './logs-parts.ts';

/** Of one log at one look, for readers who want the newest only. */
const mostLines = 10_000;
const mostBytes = 1024 * 1024;
/** Lines of more than that are not counted one by one. */
const mostCounted = 4 * 1024 * 1024;
/** That little is read without looking whether it is too much. */
const littleBytes = 64 * 1024;
/** While nothing is known of a log's lines. */
const usualLine = 100;
const newline = 10;

interface OldPart {
  readonly handle: FileHandle;
  readonly number: number;
  /** Where it begins in the file that it was cut off. */
  readonly from: number;
}

export class Follower {
  readonly source: string;
  readonly #logDir: string;
  readonly #newest: boolean;
  #splitter: LineSplitter;
  #ino: number;
  #offset: number;
  #cuts: number;
  #skipped = 0;
  #seen = { lines: 0, bytes: 0 };

  /** @param begun what was read of it; without it, everything is new */
  constructor(logDir: string, source: string, newest: boolean, begun?: StoredLines) {
    this.#logDir = logDir;
    this.source = source;
    this.#newest = newest;
    this.#splitter = begun?.splitter ?? new LineSplitter();
    this.#ino = begun?.log.newest?.ino ?? 0;
    this.#offset = begun?.offset ?? 0;
    this.#cuts = begun?.log.cuts ?? 0;
  }

  /** What came since the last look, a chunk at a time. */
  async *grown(): AsyncGenerator<LogLine[]> {
    const now = await stat(this.#file(0)).catch(() => undefined);
    // An empty one may have been full and been cut in between.
    if (now === undefined || (now.size === this.#offset && now.ino === this.#ino && now.size > 0)) return;
    const handle = await openFile(this.#file(0));
    if (handle === undefined) return;
    try {
      yield* this.#grownIn(handle);
    } finally {
      await handle.close();
    }
  }

  async *#grownIn(handle: FileHandle): AsyncGenerator<LogLine[]> {
    const { ino, size } = await handle.stat();
    const cut = await readCut(this.#index(1));
    const cuts = ino === this.#ino && cut !== undefined ? cut.number - this.#cuts : 0;
    if (cut !== undefined && cuts > 0) {
      const parts = size < cut.size ? await this.#oldParts(cut, cuts) : undefined;
      // It is being cut at this moment.
      if (parts === undefined) return;
      yield* this.#rest(parts, cuts);
      this.#restart(ino, cut.number);
    } else if (ino !== this.#ino || size < this.#offset) {
      yield this.#told(this.#begun());
      this.#restart(ino, cut?.number ?? 0);
    }
    const isSame = async (): Promise<boolean> => (await readCut(this.#index(1)))?.number === cut?.number;
    if (this.#newest && size - this.#offset > littleBytes) await this.#skip(handle, size, isSame);
    yield* this.#read(handle, size, isSame);
  }

  #file(part: number): string {
    return logFile(this.#logDir, this.source, part);
  }

  #index(part: number): string {
    return logIndex(this.#logDir, this.source, part);
  }

  #restart(ino: number, cuts: number): void {
    this.#ino = ino;
    this.#cuts = cuts;
    this.#offset = 0;
  }

  /** Those that have what was cut off since, oldest first; undefined when they change at this moment. */
  async #oldParts(newest: Cut, cuts: number): Promise<OldPart[] | undefined> {
    const parts: OldPart[] = [];
    for (let number = Math.min(cuts, logParts - 1); number >= 1; number -= 1) {
      const handle = await openFile(this.#file(number));
      const cut = await readCut(this.#index(number));
      if (handle !== undefined) parts.push({ handle, number, from: cut?.from ?? 0 });
      if (handle !== undefined && cut?.number === newest.number - number + 1) continue;
      await closeAll(parts);
      return undefined;
    }
    if ((await readCut(this.#index(1)))?.number === newest.number) return parts;
    await closeAll(parts);
    return undefined;
  }

  /** The rest of what was followed, which has been cut off so many times since. */
  async *#rest(parts: readonly OldPart[], cuts: number): AsyncGenerator<LogLine[]> {
    try {
      if (cuts >= logParts) this.#lose((cuts - logParts + 1) * logPartBytes);
      for (const { handle, number, from } of parts) {
        const { size } = await handle.stat();
        const begin = (number === cuts ? this.#offset : 0) - from;
        this.#offset = Math.max(0, begin);
        if (begin < 0) this.#lose(-begin);
        if (this.#newest && size - this.#offset > mostBytes) this.#lose(size - this.#offset);
        else yield* this.#read(handle, size, async () => true);
      }
    } finally {
      await closeAll(parts);
    }
  }

  /** @param isSame whether what was read is certainly of the file as it was when the look began */
  async *#read(handle: FileHandle, size: number, isSame: () => Promise<boolean>): AsyncGenerator<LogLine[]> {
    while (this.#offset < size) {
      const bytes = await readChunk(handle, this.#offset, Math.min(chunkBytes, size - this.#offset));
      if (bytes.length === 0 || !(await isSame())) return;
      const lines = this.#splitter.feed(bytes, this.#offset);
      this.#offset += bytes.length;
      this.#seen.lines += lines.length;
      this.#seen.bytes += bytes.length;
      yield this.#told(lines);
    }
  }

  /** To the newest lines of what has come, when it is too much. */
  async #skip(handle: FileHandle, size: number, isSame: () => Promise<boolean>): Promise<void> {
    const from = Math.max(this.#offset, size - mostBytes);
    let start = this.#offset;
    let count = 0;
    for await (const next of lineStarts(handle, from, size)) {
      if (count === mostLines || (next === from && from > this.#offset)) break;
      start = next;
      count += 1;
    }
    if (start === this.#offset) return;
    const isMuch = start - this.#offset > mostCounted;
    const skipped = isMuch ? 0 : await countLines(handle, this.#offset, start);
    if (!(await isSame())) return;
    if (isMuch) this.#lose(start - this.#offset);
    this.#splitter.end();
    this.#skipped += skipped;
    this.#offset = start;
  }

  /** @param bytes whose lines are not counted: they are too many, or gone */
  #lose(bytes: number): void {
    this.#splitter.end();
    const { lines, bytes: seen } = this.#seen;
    this.#skipped += Math.max(1, Math.round(bytes / (lines === 0 ? usualLine : seen / lines)));
  }

  /** What was read of a line that will have no end. */
  #begun(): RawLine[] {
    const rest = this.#splitter.end();
    return rest === undefined ? [] : [rest];
  }

  #told(lines: readonly RawLine[]): LogLine[] {
    const at = new Date().toISOString();
    return lines.map((raw) => {
      const line = toLine(this.source, raw, at);
      if (this.#skipped === 0) return line;
      const skipped = this.#skipped;
      this.#skipped = 0;
      return { ...line, skipped };
    });
  }
}

async function closeAll(parts: readonly OldPart[]): Promise<void> {
  await Promise.all(parts.map(async ({ handle }) => handle.close()));
}

async function countLines(handle: FileHandle, from: number, to: number): Promise<number> {
  let lines = 0;
  for (let at = from; at < to; at += chunkBytes) {
    const chunk = await readChunk(handle, at, Math.min(chunkBytes, to - at));
    for (const byte of chunk) if (byte === newline) lines += 1;
  }
  return lines;
}
