/**
 * Keeps log files small while programs append to them without knowing: what is there is copied and the file is cut. A program is never
 * blocked, and what it writes between the copy and the cut is lost; the bytes that were skipped in a flood are counted.
 */
import { constants } from 'node:fs';
import { open, readdir, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { indexSuffix, logFile, logIndex, logPartBytes, logParts, logSuffix } from '../log-files.ts';
import { readCut } from '../logs-index.ts';
import type { Clock, Timer } from './clock.ts';
import { TimeIndex } from './log-rotation-index.ts';

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
const copyChunk = 256 * 1024;

interface Work {
  readonly logDir: string;
  readonly limit: number;
  readonly times: TimeIndex;
  readonly lost: { bytes: number; errors: number };
  /** Bytes of each log at the last look. */
  readonly sizes: Map<string, number>;
}

export function startRotation({ clock, logDir, partBytes = logPartBytes }: RotationOptions): Rotation {
  const lost = { bytes: 0, errors: 0 };
  const work: Work = { logDir, limit: partBytes, times: new TimeIndex(logDir, clock), lost, sizes: new Map() };
  let timer: Timer | undefined;
  let stopped = false;
  let last: Promise<void> = Promise.resolve();
  const look = async (now: boolean): Promise<void> => {
    const grown = await checkAll(work, now).catch(() => {
      lost.errors += 1;
      return 0;
    });
    timer?.cancel();
    if (!stopped) timer = clock.after(grown > floodBytesPerCheck ? floodMs : calmMs, () => void check(false));
  };
  const check = async (now: boolean): Promise<void> => {
    timer?.cancel();
    last = last.then(async () => (stopped ? undefined : look(now)));
    return last;
  };
  // At once: what was written before this start would otherwise be taken for as new as what is written now.
  void check(false);
  return {
    lost,
    check: async () => check(true),
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** The most that one log has grown by since the last check, in bytes. */
async function checkAll(work: Work, now: boolean): Promise<number> {
  const { logDir, sizes, times } = work;
  const names = await readdir(logDir);
  const sources = new Set(names.filter((name) => name.endsWith(logSuffix)).map((name) => name.slice(0, -logSuffix.length)));
  for (const known of sizes.keys()) if (!sources.has(known)) sizes.delete(known);
  times.keep(sources);
  const growths = await Promise.all(
    [...sources].map(async (source) =>
      checkOne(work, source, now).catch(() => {
        work.lost.errors += 1;
        return 0;
      }),
    ),
  );
  return Math.max(0, ...growths);
}

async function checkOne(work: Work, source: string, now: boolean): Promise<number> {
  const { logDir, limit, sizes, times } = work;
  const { size, mtimeMs } = (await stat(logFile(logDir, source)).catch(() => undefined)) ?? { size: 0, mtimeMs: 0 };
  const before = sizes.get(source) ?? 0;
  sizes.set(source, size);
  await times.note(source, { size, mtimeMs }, now || size > limit).catch(() => (work.lost.errors += 1));
  if (size > limit) await rotate(work, source, size);
  return size - before;
}

async function rotate({ logDir, limit, sizes, times, lost }: Work, source: string, size: number): Promise<void> {
  const cut = await readCut(logIndex(logDir, source, 1));
  for (let part = logParts - 1; part > 1; part -= 1) await movePart(logDir, source, part - 1, part);
  const from = Math.max(0, size - limit);
  lost.bytes += from;
  try {
    await copyTail(logFile(logDir, source), logFile(logDir, source, 1), from, size);
    await times.handOver(source, { number: (cut?.number ?? 0) + 1, from, size });
  } catch {
    lost.errors += 1;
  }
  await truncate(logFile(logDir, source), 0);
  await times.restart(source);
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
