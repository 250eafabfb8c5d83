/** The desired state on disk. */
import { GantryError } from '../../../errors.ts';
import type { Desired } from '../protocol.ts';
import type { Clock, Timer } from './clock.ts';
import { loadState, saveState } from './state-file.ts';

export const nothing: Desired = {
  resources: { resources: [] },
  entry: {
    limits: {
      headerBytes: 32_768,
      bodyBytes: 104_857_600,
      headersTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      responseTimeoutMs: 60_000,
      holdMs: 10_000,
    },
  },
  live: null,
  next: null,
  share: 0,
};

export interface DesiredFile {
  readonly value: Desired;
  /** Why the disk does not have the value yet, and since when; undefined when it does. */
  readonly unsaved: { readonly since: Date; readonly error: Error } | undefined;
  /**
   * Changes follow one another. Going forward is durable when it resolves and has changed nothing when it rejects. Going back to what served
   * before counts at once, whatever the disk says; it is written as soon as the disk lets it be.
   */
  change(fields: Partial<Desired>): Promise<Desired>;
  /** Resolves after the changes under way; later ones are refused. */
  seal(): Promise<void>;
}

export interface DesiredOptions {
  readonly clock: Clock;
  complain(message: string, level: 'warn' | 'error'): void;
  /** Writes durably or rejects. */
  save?(file: string, value: Desired): Promise<void>;
}

const fields = ['resources', 'entry', 'live', 'next', 'share'] as const;
const firstRetryMs = 500;
const longestRetryMs = 30_000;

/** @throws GantryError GL1017 when there is a file and it is damaged beyond its snapshot; GL1032 when a newer version of Gantry wrote it */
export async function openDesired(file: string, options: DesiredOptions): Promise<DesiredFile> {
  const loaded = await loadState<Desired>(file);
  if (loaded?.fromPrevious === true) options.complain('the desired state was damaged; the one before it is used', 'warn');
  return new DurableDesired(file, { ...nothing, ...loaded?.value }, options);
}

class DurableDesired implements DesiredFile {
  value: Desired;
  unsaved: DesiredFile['unsaved'];
  readonly #file: string;
  readonly #options: DesiredOptions;
  readonly #save: (file: string, value: Desired) => Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  #isSealed = false;
  #retryMs = firstRetryMs;
  #retrying: Timer | undefined;

  constructor(file: string, value: Desired, options: DesiredOptions) {
    this.#file = file;
    this.value = value;
    this.#options = options;
    this.#save = options.save ?? saveState;
  }

  async change(wanted: Partial<Desired>): Promise<Desired> {
    if (this.#isSealed) throw new GantryError('GL1033', 'the supervisor is being replaced');
    return this.#inTurn(async () => this.#change(wanted));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #change(wanted: Partial<Desired>): Promise<Desired> {
    const own = Object.fromEntries(fields.flatMap((name) => (wanted[name] === undefined ? [] : [[name, wanted[name]]])));
    const next: Desired = { ...this.value, ...own };
    if (JSON.stringify(next) === JSON.stringify(this.value)) return this.value;
    try {
      await this.#save(this.#file, next);
      this.unsaved = undefined;
    } catch (error) {
      if (!goesBack(this.value, next)) throw error;
      this.#goOnUnsaved(error as Error);
    }
    this.value = next;
    return next;
  }

  #goOnUnsaved(error: Error): void {
    const { clock, complain } = this.#options;
    complain(`going back could not be saved, and is done all the same; saving is tried again: ${error.message}`, 'error');
    const isRetrying = this.unsaved !== undefined;
    this.unsaved = { since: this.unsaved?.since ?? clock.date(), error };
    if (!isRetrying) this.#retryLater();
  }

  #retryLater(): void {
    this.#retrying = this.#options.clock.after(this.#retryMs, () => void this.#inTurn(async () => this.#retry()));
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  async #retry(): Promise<void> {
    const { unsaved } = this;
    if (unsaved === undefined || this.#isSealed) return;
    try {
      await this.#save(this.#file, this.value);
      this.unsaved = undefined;
      this.#retryMs = firstRetryMs;
      this.#options.complain('what should run is saved again', 'warn');
    } catch (error) {
      this.unsaved = { since: unsaved.since, error: error as Error };
      this.#options.complain(`what should run is still not saved: ${(error as Error).message}`, 'error');
      this.#retryLater();
    }
  }

  async seal(): Promise<void> {
    this.#isSealed = true;
    this.#retrying?.cancel();
    await this.#turn;
  }
}

/** Users get what served before, and nothing else: no more of the next set, and the live one as it is. */
export function goesBack(before: Desired, after: Desired): boolean {
  const keepsLive = after.live?.release === before.live?.release;
  const keepsResources = JSON.stringify(after.resources) === JSON.stringify(before.resources);
  const lessOfNext = after.share < before.share || (before.next !== null && after.next === null);
  const nothingNew = after.share <= before.share && (after.next === null || after.next.release === before.next?.release);
  return keepsLive && keepsResources && lessOfNext && nothingNew;
}
