/** When what begins at an offset of a log was written. */
import type { LogIndex, Span } from './logs-index.ts';

/** What the system says about the file itself. */
export interface FileTimes {
  readonly size: number;
  readonly mtimeMs: number;
  /** 0 where it is not known. */
  readonly birthtimeMs: number;
}

export interface Dated {
  /** ISO 8601; absent when nobody knows. */
  readonly at?: string;
  /** Where it stands among the lines of other logs, ms since 1970. */
  readonly order: number;
}

/** A clock that was set back leaves times that have not come yet. */
const toleranceMs = 5000;
/** A file of that age is as old as its last change. */
const freshMs = 5000;

export class Times {
  readonly #spans: readonly Span[];
  readonly #file: FileTimes;
  readonly #now: number;
  #last: { readonly start: number; readonly end: number; readonly dated: Dated } | undefined;

  constructor({ spans }: LogIndex, file: FileTimes, now: number) {
    this.#spans = spans.filter(({ start }) => start < file.size);
    this.#file = file;
    this.#now = now;
  }

  of(offset: number): Dated {
    if (this.#last === undefined || offset < this.#last.start || offset >= this.#last.end) this.#last = this.#find(offset);
    return this.#last.dated;
  }

  /** Where to begin in order to leave out what was written before. */
  since(ms: number): number {
    const index = this.#spans.findIndex(({ at }) => at >= ms);
    if (index >= 0) return this.#endBefore(index);
    return this.#file.mtimeMs >= ms ? Math.min(this.#endBefore(this.#spans.length), this.#file.size) : this.#file.size;
  }

  #find(offset: number): { start: number; end: number; dated: Dated } {
    const index = this.#firstEndingAfter(offset);
    const [before, span] = [this.#endBefore(index), this.#spans[index]];
    if (span === undefined) return { start: before, end: Number.POSITIVE_INFINITY, dated: this.#dated(this.#file.mtimeMs, this.#isSure()) };
    if (offset < span.start) return { start: before, end: span.start, dated: this.#dated(span.at, false) };
    return { start: span.start, end: span.end, dated: this.#dated(span.at, true) };
  }

  #dated(ms: number, isSure: boolean): Dated {
    const isSane = Number.isFinite(ms) && ms > 0 && ms <= this.#now + toleranceMs;
    return { order: isSane ? ms : this.#now, ...(isSane && isSure ? { at: new Date(ms).toISOString() } : {}) };
  }

  /** What the index does not have yet was written a moment ago; without any index that is true of a young file only. */
  #isSure(): boolean {
    const { mtimeMs, birthtimeMs } = this.#file;
    return this.#spans.length > 0 || (birthtimeMs > 0 && mtimeMs - birthtimeMs < freshMs);
  }

  #endBefore(index: number): number {
    return this.#spans[index - 1]?.end ?? 0;
  }

  #firstEndingAfter(offset: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle] as Span).end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
