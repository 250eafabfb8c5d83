/** Reading the log files of an app: what they have, and what comes. */
import type { LogLine, LogSelector } from '../platform.ts';
import { setStarts } from './logs-begin.ts';
import { Changes, type Changed } from './logs-changes.ts';
import { Follower } from './logs-follow.ts';
import { merged, StoredLines } from './logs-history.ts';
import { StoredLog } from './logs-parts.ts';
import { isSelected, lastWrittenLast, sourcesIn } from './logs-sources.ts';
import type { Places } from './places.ts';

/** Between two looks at what changes all the time. */
const pauseMs = 25;
/** For readers who want the newest only: between them, more may come than is told. */
const newestPauseMs = 100;

/** Lines of every log that the selector means: by time, and then together as they come. */
export async function* readLogs(places: Pick<Places, 'logDir'>, selector: LogSelector, signal: AbortSignal): AsyncGenerator<LogLine> {
  for await (const lines of readSome(places, selector, signal)) {
    for (const line of lines) yield line;
    if (signal.aborted) return;
  }
}

/** Some lines at a time: one at a time through every step would take most of the time. */
async function* readSome({ logDir }: Pick<Places, 'logDir'>, selector: LogSelector, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  const changes = new Changes(logDir, signal, selector.newest === true ? newestPauseMs : pauseMs);
  try {
    if (selector.follow) await changes.open();
    const logs = await openLogs(logDir, selector);
    try {
      yield* merged(logs);
    } finally {
      await Promise.all(logs.map(async ({ log }) => log.close()));
    }
    selector.onCaughtUp?.();
    if (selector.follow) yield* follow(logDir, selector, changes, signal, logs);
  } finally {
    changes.close();
  }
}

async function openLogs(logDir: string, selector: LogSelector): Promise<StoredLines[]> {
  const now = Date.now();
  const sources = (await sourcesIn(logDir)).filter((source) => isSelected(source, selector));
  const logs: StoredLog[] = [];
  for (const source of await lastWrittenLast(logDir, sources)) logs.push(await StoredLog.open(logDir, source, now));
  await setStarts(logs, selector, now);
  return logs.map((log, place) => new StoredLines(log, place, selector.follow));
}

async function* follow(
  logDir: string,
  selector: LogSelector,
  changes: Changes,
  signal: AbortSignal,
  begun: readonly StoredLines[],
): AsyncGenerator<LogLine[]> {
  const newest = selector.newest === true;
  const followers = new Map(begun.map((lines) => [lines.log.source, new Follower(logDir, lines.log.source, newest, lines)]));
  let isFirst = true;
  for (let changed: Changed = 'all'; !signal.aborted; changed = await changes.next()) {
    const sources = changed === 'all' ? await sourcesIn(logDir) : changed;
    if (changed === 'all') forget(followers, sources);
    for (const source of sources) {
      if (!isSelected(source, selector)) continue;
      const follower = followers.get(source) ?? new Follower(logDir, source, newest);
      followers.set(source, follower);
      for await (const lines of follower.grown()) {
        if (changed === 'all' && !isFirst) changes.missed();
        yield lines;
      }
    }
    isFirst = false;
  }
}

/** A log that was removed; one of the same name is another one. */
function forget(followers: Map<string, Follower>, sources: Iterable<string>): void {
  const there = new Set(sources);
  for (const source of followers.keys()) if (!there.has(source)) followers.delete(source);
}
