/**
 * Keeps log files small while programs append to them without knowing: what is there is copied and the file is cut. A program is never
 * blocked, and what it writes between the copy and the cut is lost; the bytes that were skipped in a flood are counted.
 */
import { constants } from 'node:fs';
import { appendFile, open, readdir, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { indexSuffix, logFile, logIndex, logPartBytes, logParts, logSuffix } from '../log-files.ts';
import type { Clock, Timer } from './clock.ts';

export interface Rotation {
  /** Looks at every log once. Errors of the disk are counted, never thrown: an app runs on with a full log disk. */
  check(): Promise<void>;
  stop(): void;
  /** Bytes that went past a limit without being kept, and rotations that the disk refused. */
  readonly lost: { bytes: number; errors: number };
}

export interface RotationOptions {
  readonly logDir: string;
  readonly clock: Clock;
  readonly partBytes?: number;
}

const calmMs = 1000;
/** While something writes fast. */
const floodMs = 100;
const floodBytesPerCheck = 1024 * 1024;
const indexBytes = 256 * 1024;
const copyChunk = 256 * 1024;

export function startRotation(options: RotationOptions): Rotation {
  const { clock, logDir } = options;
  const sizes = new Map<string, number>();
  const lost = { bytes: 0, errors: 0 };
  let timer: Timer | undefined;
  let stopped = false;
  const check = async (): Promise<void> => {
    const grown = await checkAll(logDir, options.partBytes ?? logPartBytes, sizes, clock, lost).catch(() => {
      lost.errors += 1;
      return 0;
    });
    if (!stopped) timer = clock.after(grown > floodBytesPerCheck ? floodMs : calmMs, () => void check());
  };
  timer = clock.after(calmMs, () => void check());
  return {
    lost,
    check: async () => {
      timer?.cancel();
      await check();
    },
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** The most that one log has grown by since the last check, in bytes. */
async function checkAll(
  logDir: string,
  limit: number,
  sizes: Map<string, number>,
  clock: Clock,
  lost: { bytes: number; errors: number },
): Promise<number> {
  const sources = (await readdir(logDir)).filter((name) => name.endsWith(logSuffix)).map((name) => name.slice(0, -logSuffix.length));
  for (const known of sizes.keys()) {
    if (!sources.includes(known)) sizes.delete(known);
  }
  const growths = await Promise.all(
    sources.map(async (source) => {
      const size = (await stat(logFile(logDir, source)).catch(() => undefined))?.size ?? 0;
      const before = sizes.get(source) ?? 0;
      sizes.set(source, size);
      if (size > before) await noteTime(logDir, source, before, clock);
      if (size > limit) await rotate(logDir, source, size, limit, sizes, lost);
      return size - before;
    }),
  );
  return Math.max(0, ...growths);
}

/** What was written since the last look is at most one check old. */
async function noteTime(logDir: string, source: string, offset: number, clock: Clock): Promise<void> {
  const index = logIndex(logDir, source);
  const size = (await stat(index).catch(() => undefined))?.size ?? 0;
  if (size < indexBytes) await appendFile(index, `${offset} ${clock.date().getTime()}\n`, { mode: 0o600 });
}

async function rotate(
  logDir: string,
  source: string,
  size: number,
  limit: number,
  sizes: Map<string, number>,
  lost: { bytes: number; errors: number },
): Promise<void> {
  for (let part = logParts - 1; part > 1; part -= 1) await movePart(logDir, source, part - 1, part);
  const from = Math.max(0, size - limit);
  lost.bytes += from;
  await copyTail(logFile(logDir, source), logFile(logDir, source, 1), from, size).catch(() => {
    lost.errors += 1;
  });
  await truncate(logFile(logDir, source), 0);
  await rename(logIndex(logDir, source), logIndex(logDir, source, 1)).catch(ignore);
  if (from > 0) await rm(logIndex(logDir, source, 1), { force: true });
  sizes.set(source, 0);
}

async function movePart(logDir: string, source: string, from: number, to: number): Promise<void> {
  await rename(logFile(logDir, source, from), logFile(logDir, source, to)).catch(ignore);
  await rm(logIndex(logDir, source, to), { force: true });
  await rename(logIndex(logDir, source, from), logIndex(logDir, source, to)).catch(ignore);
}

async function copyTail(from: string, to: string, start: number, end: number): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600);
    try {
      await copyRange(source, target, start, end);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyRange(source: FileHandle, target: FileHandle, start: number, end: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(copyChunk);
  for (let at = start; at < end;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(copyChunk, end - at), at);
    if (bytesRead === 0) return;
    await target.write(buffer, 0, bytesRead);
    at += bytesRead;
  }
}

/** Removes logs of what has ended long ago: the newest `keep` of those that are not in use stay. */
export async function removeOldLogs(logDir: string, inUse: ReadonlySet<string>, keep: number): Promise<void> {
  const names = await readdir(logDir).catch(() => []);
  const sources = names.filter((name) => name.endsWith(logSuffix)).map((name) => name.slice(0, -logSuffix.length));
  const idle = await Promise.all(
    sources
      .filter((source) => !inUse.has(source))
      .map(async (source) => ({ source, time: (await stat(logFile(logDir, source)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = idle.toSorted((a, b) => b.time - a.time).slice(keep);
  await Promise.all(old.flatMap(({ source }) => partsOf(logDir, source)).map(async (file) => rm(file, { force: true })));
}

function partsOf(logDir: string, source: string): string[] {
  return Array.from({ length: logParts }, (_, part) => logFile(logDir, source, part)).flatMap((file) => [file, `${file}${indexSuffix}`]);
}

const tailBytes = 64 * 1024;
const longestShownLine = 2000;

/** The last lines of a source's log, for messages. Never throws. */
export async function lastLines(logDir: string, source: string, count: number): Promise<string[]> {
  const text = await readTail(join(logDir, `${source}${logSuffix}`)).catch(() => '');
  const lines = text.split('\n').map((line) => line.trimEnd().slice(0, longestShownLine));
  return lines.filter((line) => line !== '').slice(-count);
}

async function readTail(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function ignore(): void {
  // There is no such part yet.
}
