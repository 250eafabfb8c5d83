/** Tells lines in batches, and of more than anybody can read only the newest. */
import type { LogEntry } from '../api/index.ts';
import type { WatchClock } from '../watch/clock.ts';

/** A batch is told when it has so many lines or characters, or is so old. */
const batch = { lines: 500, characters: 512 * 1024, ms: 100 };
/** Of full batches; what comes faster than this waits for its time, and gives way to newer lines. */
export const mostPerSecond = 5000;

export class Batches {
  readonly #clock: WatchClock;
  readonly #tell: (lines: LogEntry[], skipped: number) => void;
  #lines: LogEntry[] = [];
  #characters = 0;
  #skipped = 0;
  #second = { begin: Number.NEGATIVE_INFINITY, lines: 0 };
  #cancel: (() => void) | undefined;

  /** @param tell is given how many lines before these were left out */
  constructor(clock: WatchClock, tell: (lines: LogEntry[], skipped: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(entry: LogEntry): void {
    this.#lines.push(entry);
    this.#characters += entry.text.length;
    if (this.#isTimes(1) && this.#isInTime()) this.flush();
    else if (this.#isTimes(2)) this.#shorten();
    if (this.#lines.length > 0) this.#plan();
  }

  skip(lines: number): void {
    this.#skipped += lines;
    if (lines > 0) this.#plan();
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#lines.length > 1 && (this.#lines.length > batch.lines || this.#characters > batch.characters)) this.#shorten();
    if (this.#lines.length === 0 && this.#skipped === 0) return;
    const [lines, skipped] = [this.#lines, this.#skipped];
    this.#forget();
    this.#count(lines.length);
    this.#tell(lines, skipped);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#forget();
  }

  #forget(): void {
    this.#lines = [];
    this.#characters = 0;
    this.#skipped = 0;
  }

  #plan(): void {
    this.#cancel ??= this.#clock.after(batch.ms, () => {
      this.#cancel = undefined;
      this.flush();
    });
  }

  #isTimes(factor: number): boolean {
    return this.#lines.length >= batch.lines * factor || this.#characters >= batch.characters * factor;
  }

  #isInTime(): boolean {
    return this.#clock.now() - this.#second.begin >= 1000 || this.#second.lines + this.#lines.length <= mostPerSecond;
  }

  #count(lines: number): void {
    const now = this.#clock.now();
    if (now - this.#second.begin >= 1000) this.#second = { begin: now, lines: 0 };
    this.#second.lines += lines;
  }

  /** To the newest lines that make one batch. */
  #shorten(): void {
    let first = this.#lines.length - 1;
    let characters = this.#lines[first]?.text.length ?? 0;
    for (; first > 0 && this.#lines.length - first < batch.lines; first -= 1) {
      characters += this.#lines[first - 1]?.text.length ?? 0;
      if (characters > batch.characters) break;
    }
    this.#skipped += first;
    this.#lines = this.#lines.slice(first);
    this.#characters = this.#lines.reduce((sum, { text }) => sum + text.length, 0);
  }
}
