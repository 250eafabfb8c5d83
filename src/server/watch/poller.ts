/** Asks the same question again and again: never twice at once, never for ever, and less often while there is no answer. */
import { GantryError } from '../../errors.ts';
import type { WatchClock } from './clock.ts';

export interface PollerOptions<T> {
  readonly clock: WatchClock;
  /** What is asked, for people: `the status of local`. */
  readonly what: string;
  readonly giveUpMs: number;
  /** Its signal is aborted when the answer is not waited for any more. */
  ask(signal: AbortSignal): Promise<T>;
  onAnswer(answer: T): void;
  onFailure(error: unknown): void;
  /** From the beginning of one question to that of the next; undefined while nobody wants to know. */
  interval(): number | undefined;
}

/** After the first, second, ... failure in a row. */
const backoffMs = [500, 1000, 2000, 4000];
/** What was given up and goes on all the same is waited for, so that such ones do not pile up. */
const stuckMs = 60_000;

export class Poller<T> {
  readonly #options: PollerOptions<T>;
  #failures = 0;
  #startedAt = -Infinity;
  #endedAt = -Infinity;
  #running: { readonly done: Promise<void>; readonly abort: AbortController } | undefined;
  #isStuck = false;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** To be called when `interval` may give something else than before. */
  plan(): void {
    this.#cancelTimer();
    const { clock, interval } = this.#options;
    const wanted = interval();
    if (this.#isClosed || this.#running !== undefined || wanted === undefined) return;
    const due = this.isFailing ? this.#endedAt + Math.max(wanted, this.#pauseMs()) : this.#startedAt + wanted;
    this.#cancelTimer = clock.after(Math.max(0, due - clock.now()), () => void this.ask());
  }

  /** Resolves when something is known that is no older than that, or when it is known that there is no answer. */
  async fresh(maxAgeMs: number): Promise<void> {
    if (this.#options.clock.now() - this.#endedAt > (this.isFailing ? Math.max(maxAgeMs, this.#pauseMs()) : maxAgeMs)) await this.ask();
  }

  /** Joins the question under way. Never rejects. */
  async ask(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#running === undefined) {
      this.#cancelTimer();
      const abort = new AbortController();
      const running = { abort, done: this.#once(abort) };
      this.#running = running;
      void running.done.finally(() => {
        this.#running = undefined;
        this.plan();
      });
    }
    await this.#running.done;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#running?.abort.abort();
  }

  #pauseMs(): number {
    return this.#isStuck ? stuckMs : (backoffMs[Math.min(this.#failures, backoffMs.length) - 1] ?? 0);
  }

  async #once(abort: AbortController): Promise<void> {
    const { clock, ask, onAnswer, onFailure } = this.#options;
    this.#startedAt = clock.now();
    try {
      const answer = await this.#inTime(abort, async () => ask(abort.signal));
      this.#failures = 0;
      if (!this.#isClosed) onAnswer(answer);
    } catch (error) {
      this.#failures += 1;
      if (!this.#isClosed) onFailure(error);
    } finally {
      this.#endedAt = clock.now();
    }
  }

  async #inTime(abort: AbortController, ask: () => Promise<T>): Promise<T> {
    const { clock, giveUpMs, what } = this.#options;
    const asked = ask();
    let cancel = (): void => undefined;
    const given = new Promise<never>((_resolve, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error), { once: true });
      cancel = clock.after(giveUpMs, () => {
        this.#wait(asked);
        abort.abort(new GantryError('GL1011', `${what} did not come within ${giveUpMs / 1000} s`));
      });
    });
    try {
      return await Promise.race([asked, given]);
    } finally {
      cancel();
    }
  }

  #wait(asked: Promise<unknown>): void {
    this.#isStuck = true;
    const free = (): void => {
      this.#isStuck = false;
      this.plan();
    };
    asked.then(free, free);
  }
}
