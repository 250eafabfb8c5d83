/** Reading the log files of an app, from the end and as they grow. */
import { watch } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LogLine, LogSelector } from '../platform.ts';
import { autoscalerLog, logFile, logIndex, logParts, logSuffix } from './log-files.ts';
import type { Places } from './places.ts';

const chunkBytes = 64 * 1024;
/** A longer line is shown in pieces, so that no line can fill the memory. */
const longestLine = 64 * 1024;
/** More than this is not shown of the end of a log. */
const longestTail = 4 * 1024 * 1024;
const newline = 10;
const checkMs = 250;

/** Lines of every source that the selector names: one source after the other, the last written one last, then together as they come. */
export async function* readLogs(places: Places, selector: LogSelector, signal: AbortSignal): AsyncIterable<LogLine> {
  const followed: Followed[] = [];
  for (const source of await sourcesOf(places.logDir, selector)) {
    const { lines, end } = await tailOf(places.logDir, source, selector);
    yield* lines.map((text) => toLine(source, text));
    followed.push({ source, offset: end, rest: '' });
  }
  if (selector.follow) yield* follow(places.logDir, selector, followed, signal);
}

function toLine(source: string, text: string): LogLine {
  const own = source === 'supervisor' || source === 'ingress' || source.startsWith(autoscalerLog(''));
  return { source, stream: own ? 'gantry' : 'stdout', text };
}

async function sourcesOf(logDir: string, selector: LogSelector): Promise<string[]> {
  const names = await readdir(logDir).catch(() => []);
  const sources = names.filter((name) => name.endsWith(logSuffix)).map((name) => basename(name, logSuffix));
  return lastWrittenLast(
    logDir,
    sources.filter((source) => selected(source, selector)),
  );
}

/** The end of the output is what a person sees: what was written last belongs there, not the last name of the alphabet. */
async function lastWrittenLast(logDir: string, sources: readonly string[]): Promise<string[]> {
  const dated = sources.map(async (source) => ({ source, at: await writtenAt(logFile(logDir, source)) }));
  return (await Promise.all(dated)).toSorted((a, b) => a.at - b.at || (a.source < b.source ? -1 : 1)).map(({ source }) => source);
}

async function writtenAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Without a service: replicas, jobs and resources, not Gantry's own logs. */
function selected(source: string, { service, replica, release }: LogSelector): boolean {
  if (replica !== undefined) return source === replica;
  if (release !== undefined && !source.includes(`-${release.slice(0, 4)}`)) return false;
  if (service === undefined) return source !== 'supervisor' && source !== 'ingress' && source !== 'access';
  return source === service || belongsTo(source, service) || source.startsWith(`job-${service}-`) || source === autoscalerLog(service);
}

/** A replica's id is its service, its release and its ordinal; a service's name may itself contain dashes. */
function belongsTo(source: string, service: string): boolean {
  return source.startsWith(`${service}-`) && /^[0-9a-z]+-[0-9]+$/.test(source.slice(service.length + 1));
}

async function tailOf(
  logDir: string,
  source: string,
  { tail, sinceMs }: LogSelector,
): Promise<{ readonly lines: string[]; readonly end: number }> {
  const wanted = tail ?? Number.POSITIVE_INFINITY;
  const parts: string[][] = [];
  const end = await sizeOf(logFile(logDir, source));
  let found = 0;
  for (let part = 0; part < logParts && found < wanted; part += 1) {
    const file = logFile(logDir, source, part);
    const start = Math.max(await startOffset(logIndex(logDir, source, part), sinceMs), await tailOffset(file, wanted - found));
    const text = await readFrom(file, start);
    const lines = text
      .toString('utf8')
      .split('\n')
      .filter((line, index, all) => line !== '' || index < all.length - 1);
    parts.unshift(lines);
    found += lines.length;
  }
  const lines = parts.flat();
  return { lines: wanted < lines.length ? lines.slice(-wanted) : lines, end };
}

/** Where the last lines of a file begin, looked for from its end; a program may have printed more than fits into memory. */
async function tailOffset(path: string, lines: number): Promise<number> {
  if (!Number.isFinite(lines)) return 0;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return 0;
  try {
    const { size } = await file.stat();
    const oldest = Math.max(0, size - longestTail);
    let left = lines + 1;
    for (let end = size; end > oldest;) {
      const start = Math.max(oldest, end - chunkBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      for (let at = bytesRead - 1; at >= 0; at -= 1) if (buffer[at] === newline && (left -= 1) === 0) return start + at + 1;
      end = start;
    }
    return oldest;
  } finally {
    await file.close();
  }
}

/** The index says what was written by when; what begins before the first later entry is left out. */
async function startOffset(indexFile: string, sinceMs: number | undefined): Promise<number> {
  if (sinceMs === undefined) return 0;
  const oldest = Date.now() - sinceMs;
  const rows = (await readFile(indexFile, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  const entries = rows.map((row) => row.split(' ').map(Number)).filter(([offset, at]) => Number.isFinite(offset) && Number.isFinite(at));
  const first = entries.find(([, at = 0]) => at >= oldest);
  return first?.[0] ?? (entries.length === 0 ? 0 : Number.MAX_SAFE_INTEGER);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const chunks: Buffer[] = [];
    for (let position = offset; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

interface Followed {
  readonly source: string;
  offset: number;
  rest: string;
}

async function* follow(logDir: string, selector: LogSelector, followed: Followed[], signal: AbortSignal): AsyncIterable<LogLine> {
  const changes = changeSignal(logDir, signal);
  try {
    while (!signal.aborted) {
      for (const source of await sourcesOf(logDir, selector)) {
        if (!followed.some((known) => known.source === source)) followed.push({ source, offset: 0, rest: '' });
      }
      for (const known of followed) yield* grown(logDir, known);
      await changes.next();
    }
  } finally {
    changes.close();
  }
}

async function* grown(logDir: string, known: Followed): AsyncIterable<LogLine> {
  const file = logFile(logDir, known.source);
  const size = await sizeOf(file);
  if (size < known.offset) known.offset = 0;
  if (size === known.offset) return;
  const bytes = await readFrom(file, known.offset);
  known.offset += bytes.length;
  const text = known.rest + bytes.toString('utf8');
  const lines = text.split('\n');
  known.rest = lines.pop() ?? '';
  if (known.rest.length > longestLine) lines.push(known.rest.slice(0, longestLine));
  if (known.rest.length > longestLine) known.rest = '';
  for (const line of lines) yield toLine(known.source, line);
}

/** Resolves at the next change of the folder, and now and then in case a change was not told. */
function changeSignal(logDir: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  let wake = (): void => {};
  const watcher = watch(logDir, () => wake());
  watcher.on('error', () => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    next: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, checkMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (signal.aborted) wake();
      }),
    close: () => watcher.close(),
  };
}
