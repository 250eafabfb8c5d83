/** What the downtime meter has seen, added up; pure: every event says when it happened. */
import type { MeterResult } from './meter.ts';

export interface Seen {
  /** When the answer came, or was given up; monotonic ms. */
  readonly at: number;
  readonly ms: number;
  readonly path: string;
  readonly failure: string | undefined;
  /** For people. */
  readonly time: Date;
}

export interface Failure extends Seen {
  readonly failure: string;
}

/** With fewer answers on either side a 99th percentile says nothing. */
const leastForPercentile = 20;
/** While it goes on, a 99th percentile is worth sorting for only when there are so many times more answers than the last time. */
const worthSorting = 1.02;

export class Tally {
  readonly failures: Failure[] = [];
  readonly #baseline: readonly number[];
  readonly #times: number[] = [];
  #requests = 0;
  #longestGapMs = 0;
  #lastGood: number;
  #closed = false;
  #sorted: { readonly answers: number; readonly p99DeltaMs: number | null } = { answers: 0, p99DeltaMs: null };

  /**
   * @param baseline durations before anything changed, ms
   * @param startedAt monotonic ms, from which the first gap counts
   */
  constructor(baseline: readonly number[], startedAt: number) {
    this.#baseline = baseline;
    this.#lastGood = startedAt;
  }

  get requests(): number {
    return this.#requests;
  }

  add(seen: Seen): void {
    this.#requests += 1;
    if (seen.failure !== undefined) return void this.failures.push({ ...seen, failure: seen.failure });
    this.#times.push(seen.ms);
    if (this.#closed) return;
    this.#gapUntil(seen.at);
    this.#lastGood = seen.at;
  }

  /** Nothing is asked any more: what has not come back until now is a gap, what comes later closes none. */
  close(at: number): void {
    this.#gapUntil(at);
    this.#closed = true;
  }

  result(): MeterResult {
    return this.#figures(this.#p99Delta(), this.#longestGapMs);
  }

  /** Cheap however long it goes on; what has not come back until `at` is a gap already. */
  soFar(at: number): MeterResult {
    const answers = this.#times.length;
    if (answers >= this.#sorted.answers * worthSorting) this.#sorted = { answers, p99DeltaMs: this.#p99Delta() };
    return this.#figures(this.#sorted.p99DeltaMs, this.#closed ? this.#longestGapMs : this.#gapAt(at));
  }

  #figures(p99DeltaMs: number | null, longestGapMs: number): MeterResult {
    return {
      requests: this.#requests,
      failed: this.failures.length,
      failures: counted(this.failures.map(({ failure }) => failure)),
      p99DeltaMs,
      longestGapMs: Math.round(longestGapMs),
    };
  }

  #gapUntil(at: number): void {
    this.#longestGapMs = this.#gapAt(at);
  }

  #gapAt(at: number): number {
    return Math.max(this.#longestGapMs, at - this.#lastGood);
  }

  #p99Delta(): number | null {
    if (Math.min(this.#baseline.length, this.#times.length) < leastForPercentile) return null;
    return Math.round(percentile(this.#times, 0.99) - percentile(this.#baseline, 0.99));
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function counted(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** `2 x 502, 1 x ECONNRESET` */
export function kindsOf(failures: readonly Failure[]): string {
  return Object.entries(counted(failures.map(({ failure }) => failure)))
    .map(([kind, count]) => `${count} x ${kind}`)
    .join(', ');
}
