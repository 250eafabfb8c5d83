/** A log on disk: its parts, opened from the newest to the oldest, and where in them a reader begins. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { logFile, logIndex, logParts } from './log-files.ts';
import { readCut, readIndex } from './logs-index.ts';
import { Times } from './logs-times.ts';

export const chunkBytes = 64 * 1024;
/** More than this is not read of the end of a log when a number of lines is wanted. */
export const longestTail = 4 * 1024 * 1024;
const newline = 10;
const openings = 3;

export interface Part {
  readonly handle: FileHandle;
  readonly ino: number;
  /** When it was opened; what is appended later is not a part of it. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly times: Times;
  /** Where a reader begins. */
  start: number;
}

export class StoredLog {
  readonly source: string;
  /** How often the log has been cut; 0 before the first time. */
  readonly cuts: number;
  /** Oldest first. */
  readonly parts: Part[];
  readonly #logDir: string;
  readonly #now: number;

  private constructor(logDir: string, source: string, now: number, cuts: number, newest: readonly Part[]) {
    this.#logDir = logDir;
    this.source = source;
    this.#now = now;
    this.cuts = cuts;
    this.parts = [...newest];
  }

  /** @param now ms since 1970; times after it are not believed */
  static async open(logDir: string, source: string, now: number): Promise<StoredLog> {
    for (let attempt = 1; ; attempt += 1) {
      const cuts = await cutsOf(logDir, source);
      const newest = await openPart(logDir, source, 0, now);
      if (attempt === openings || (await cutsOf(logDir, source)) === cuts) {
        return new StoredLog(logDir, source, now, cuts, newest === undefined ? [] : [newest]);
      }
      await newest?.handle.close();
    }
  }

  get newest(): Part | undefined {
    return this.parts.at(-1);
  }

  /** Opens the next older part, unless there is none, or the log was cut meanwhile: then it is what is already open. */
  async older(): Promise<Part | undefined> {
    const number = this.parts.length;
    if (number === 0 || number >= logParts) return undefined;
    const part = await openPart(this.#logDir, this.source, number, this.#now);
    if (part === undefined) return undefined;
    if ((await cutsOf(this.#logDir, this.source)) === this.cuts) {
      this.parts.unshift(part);
      return part;
    }
    await part.handle.close();
    return undefined;
  }

  /** Whether what was just read of a part may not be what was there when it was opened. */
  async isCut(part: Part): Promise<boolean> {
    return part === this.newest && (await cutsOf(this.#logDir, this.source)) !== this.cuts;
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map(async ({ handle }) => handle.close()));
  }
}

async function openPart(logDir: string, source: string, number: number, now: number): Promise<Part | undefined> {
  const handle = await openFile(logFile(logDir, source, number));
  if (handle === undefined) return undefined;
  const { ino, size, mtimeMs, birthtimeMs } = await handle.stat();
  const index = await readIndex(logIndex(logDir, source, number));
  return { handle, ino, size, mtimeMs, times: new Times(index, { size, mtimeMs, birthtimeMs }, now), start: 0 };
}

/** Undefined when there is none. */
export async function openFile(file: string): Promise<FileHandle | undefined> {
  return open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
}

async function cutsOf(logDir: string, source: string): Promise<number> {
  return (await readCut(logIndex(logDir, source, 1)))?.number ?? 0;
}

/** Up to a number of bytes from an offset; fewer only at the end of the file. */
export async function readChunk(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Begins where a line does: the first one after what was written before. */
export async function startSince(part: Part, ms: number): Promise<number> {
  const start = part.times.since(ms);
  if (start === 0 || start >= part.size) return start;
  for (let at = start - 1; at < part.size; at += chunkBytes) {
    const chunk = await readChunk(part.handle, at, Math.min(chunkBytes, part.size - at));
    const end = chunk.indexOf(newline);
    if (end !== -1) return at + end + 1;
    if (chunk.length === 0) break;
  }
  return part.size;
}

/** Where the last lines of a file begin, at or after `from`, looked for from its end; a program may have printed more than fits into memory. */
export async function startOfTail(
  handle: FileHandle,
  { from, size, lines }: { readonly from: number; readonly size: number; readonly lines: number },
): Promise<{ readonly start: number; readonly found: number }> {
  if (lines <= 0 || size <= from) return { start: size, found: 0 };
  const oldest = Math.max(from, size - longestTail);
  let found = 0;
  for await (const start of lineStarts(handle, oldest, size)) {
    found += 1;
    if (found === lines) return { start, found };
  }
  return { start: oldest, found };
}

/** Offsets at which lines begin, from the last one to `oldest`, which counts as one. */
export async function* lineStarts(handle: FileHandle, oldest: number, size: number): AsyncGenerator<number> {
  for (let end = size; end > oldest;) {
    const start = Math.max(oldest, end - chunkBytes);
    const chunk = await readChunk(handle, start, end - start);
    yield* startsIn(chunk, start, size).toReversed();
    end = start;
  }
  yield oldest;
}

/** A newline at the very end begins no line; what begins at the first byte is told by the chunk before. */
export function startsIn(chunk: Buffer, offset: number, size: number): number[] {
  const starts: number[] = [];
  for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, end + 1)) {
    if (offset + end + 1 < size) starts.push(offset + end + 1);
  }
  return starts;
}
