/** Keeps the newest lines of all logs of one environment while somebody wants them, and tells what comes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogLine } from '../../platforms/platform.ts';
import { longestLine, type LogEntry, type LogPage, type LogQuery } from '../api/index.ts';
import type { Hub, Interest } from '../hub.ts';
import type { Served } from '../served.ts';
import { systemClock, type WatchClock } from '../watch/clock.ts';
import { Batches, mostPerSecond } from './batches.ts';
import { KeptLines, type KeptLimits } from './kept-lines.ts';
import { ownerOf, type Owner } from './owner.ts';

export interface LogBook {
  /** @throws GantryError what the platform says, when there is nothing to show */
  page(query: LogQuery): Promise<LogPage>;
  close(): void;
}

export interface LogBookOptions extends Partial<KeptLimits> {
  readonly clock?: WatchClock;
  /** After the last interest everything is kept for so long. */
  readonly idleMs?: number;
}

/** Reading the logs, from the first interest until some time after the last. */
interface Following {
  readonly end: AbortController;
  /** What was there is kept. */
  readonly caughtUp: Promise<void>;
  onCaughtUp(): void;
  isCaughtUp: boolean;
  problem?: Error;
}

const usualLimits: KeptLimits = { lines: 100_000, bytes: 64 * 1024 * 1024 };
const usualIdleMs = 5 * 60_000;
/** A page does not wait longer for what was there. */
const patienceMs = 3000;
const againMs = 1000;
/** Others get the turn after this. */
const turnMs = 8;
const linesPerLook = 128;

/** Publishes `logs` to the hub while somebody is interested. Reads nothing before a page is asked for or somebody is. */
export function openLogBook(served: Pick<Served, 'app' | 'env' | 'platform' | 'context'>, hub: Hub, options: LogBookOptions = {}): LogBook {
  return new Book(served, hub, options);
}

class Book implements LogBook {
  readonly #served: Pick<Served, 'app' | 'env' | 'platform' | 'context'>;
  readonly #hub: Hub;
  readonly #clock: WatchClock;
  readonly #limits: KeptLimits;
  readonly #idleMs: number;
  readonly #interest: Interest;
  readonly #forgetInterest: () => void;
  readonly #kept: KeptLines;
  readonly #batches: Batches;
  readonly #owners = new Map<string, Owner>();
  #following: Following | undefined;
  #isWanted = false;
  #isClosed = false;
  #newest = 0;
  /** Up to here lines were told, or are not for streams. */
  #told = 0;
  /** Lines that the platform left out since. */
  #leftOut = 0;
  /** ISO 8601: what was written after this is news to streams that are older. */
  #freedAt: string | undefined;
  #cancelIdle: (() => void) | undefined;

  constructor(served: Pick<Served, 'app' | 'env' | 'platform' | 'context'>, hub: Hub, options: LogBookOptions) {
    const { clock = systemClock, idleMs = usualIdleMs, lines = usualLimits.lines, bytes = usualLimits.bytes } = options;
    this.#served = served;
    this.#hub = hub;
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#limits = { lines, bytes };
    this.#kept = new KeptLines(this.#limits);
    const environment = served.env.name;
    this.#batches = new Batches(clock, (told, skipped) => {
      // By itself, because it counts as so many lines where only so many are kept.
      if (skipped > 0) hub.publish({ type: 'logs', environment, lines: [], skipped });
      if (told.length > 0) hub.publish({ type: 'logs', environment, lines: told, skipped: 0 });
    });
    this.#interest = `${environment}/logs`;
    this.#forgetInterest = hub.onInterest(() => this.#attend());
    this.#attend();
  }

  async page(query: LogQuery): Promise<LogPage> {
    if (this.#isClosed) return { lines: [], more: false, cursor: this.#newest, sources: [] };
    const following = this.#follow();
    await this.#caughtUp(following);
    // What comes later than this is told by the stream, although it is old.
    following.onCaughtUp();
    if (following.problem !== undefined && this.#kept.size === 0) throw following.problem;
    const cursor = this.#newest;
    const found = await this.#kept.find(query, cursor);
    return { ...found, cursor, sources: this.#kept.sources };
  }

  close(): void {
    this.#isClosed = true;
    this.#forgetInterest();
    this.#free();
  }

  /** Interest has begun or ended. What came while nobody watched is told to those who watch again, as they may have watched before. */
  #attend(): void {
    const isWanted = this.#hub.isWanted(this.#interest);
    if (isWanted === this.#isWanted || this.#isClosed) return;
    if (!isWanted) this.#batches.flush();
    this.#isWanted = isWanted;
    this.#follow();
    if (isWanted) this.#tellMissed();
  }

  #tellMissed(): void {
    const missed = this.#newest - this.#told + this.#leftOut;
    const lines = this.#following?.isCaughtUp === true ? this.#kept.after(this.#told, mostPerSecond) : [];
    if (lines.length === 0) return;
    this.#batches.skip(missed - lines.length);
    for (const line of lines) this.#batches.add(line);
    this.#told = this.#newest;
    this.#leftOut = 0;
  }

  #follow(): Following {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#isWanted ? undefined : this.#clock.after(this.#idleMs, () => this.#free());
    this.#following ??= this.#begin();
    return this.#following;
  }

  #begin(): Following {
    let resolve = (): void => {};
    const caughtUp = new Promise<void>((done) => (resolve = done));
    const following: Following = {
      end: new AbortController(),
      caughtUp,
      isCaughtUp: false,
      onCaughtUp: () => {
        if (!following.isCaughtUp && this.#following === following) this.#told = this.#newest;
        following.isCaughtUp = true;
        resolve();
      },
    };
    void this.#run(following);
    return following;
  }

  #free(): void {
    this.#cancelIdle?.();
    this.#following?.end.abort();
    this.#following?.onCaughtUp();
    this.#following = undefined;
    this.#batches.clear();
    this.#kept.clear();
    this.#owners.clear();
    this.#freedAt = new Date(this.#clock.epoch()).toISOString();
  }

  async #caughtUp({ caughtUp }: Following): Promise<void> {
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => (cancel = this.#clock.after(patienceMs, resolve)));
    await Promise.race([caughtUp, late]);
    cancel();
  }

  /** Reads on whatever happens; what was there is read once. */
  async #run(following: Following): Promise<void> {
    const signal = AbortSignal.any([this.#served.context.signal, following.end.signal]);
    while (!signal.aborted) {
      try {
        await this.#read(following, signal);
      } catch (error) {
        following.problem = error instanceof Error ? error : new Error(String(error));
      }
      following.onCaughtUp();
      if (!signal.aborted) await this.#pause(signal);
    }
  }

  async #read(following: Following, signal: AbortSignal): Promise<void> {
    const tail = this.#kept.size === 0 ? this.#limits.lines : 0;
    const onCaughtUp = (): void => {
      delete following.problem;
      following.onCaughtUp();
    };
    const selector = { all: true, follow: true, newest: true, tail, onCaughtUp };
    let turn = this.#clock.now();
    let count = 0;
    for await (const line of this.#served.platform.logs(selector, { ...this.#served.context, signal })) {
      if (signal.aborted) return;
      this.#take(line, following.isCaughtUp);
      count += 1;
      if (count % linesPerLook !== 0 || this.#clock.now() - turn < turnMs) continue;
      await nextTurn();
      turn = this.#clock.now();
    }
  }

  #take(line: LogLine, isNew: boolean): void {
    this.#newest += 1;
    const entry = this.#entry(line);
    this.#kept.push(entry);
    const isNews = isNew || (this.#freedAt !== undefined && line.at !== undefined && line.at > this.#freedAt);
    if (!isNews) return;
    if (!this.#isWanted) {
      this.#leftOut += line.skipped ?? 0;
      return;
    }
    this.#batches.skip(line.skipped ?? 0);
    this.#batches.add(entry);
    this.#told = this.#newest;
  }

  #entry({ at, source, stream, text, characters = text.length, skipped }: LogLine): LogEntry {
    const { service, replica } = this.#owner(source);
    const entry: LogEntry = { id: this.#newest, source, service, replica, stream, text: shortened(text) };
    if (at !== undefined) entry.at = at;
    if (characters > entry.text.length) entry.characters = characters;
    if (skipped !== undefined) entry.skipped = skipped;
    return entry;
  }

  #owner(source: string): Owner {
    const known = this.#owners.get(source) ?? ownerOf(source, this.#served.app);
    this.#owners.set(source, known);
    return known;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(againMs, end);
      signal.addEventListener('abort', end);
    });
  }
}

/** No half of a character, and not as a view of the whole text, which would keep that in memory. */
function shortened(text: string): string {
  if (text.length <= longestLine) return text;
  const last = text.charCodeAt(longestLine - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? longestLine - 1 : longestLine;
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}
