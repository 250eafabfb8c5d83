/** What the load has seen: requests, failures by kind, gaps, durations, reconnects. */

export interface StormReport {
  readonly requests: number;
  readonly failed: number;
  /** By kind, with the client that saw it: `page: 404 /assets/x.js`. */
  readonly failures: Readonly<Record<string, number>>;
  /** The first failures with the second since the start in which they happened. */
  readonly examples: readonly string[];
  readonly byClient: Readonly<Record<string, number>>;
  /** Event streams and WebSockets that were told to come back elsewhere, and did. */
  readonly reconnects: number;
  /** From the end of a stream until the next one was open, at the most. */
  readonly longestReconnectMs: number;
  /** Between two successive good answers, at the most. */
  readonly longestGapMs: number;
  /** When it ended, s since the start. */
  readonly longestGapAtS: number;
  /** How long the load itself was kept from running, at the most: a gap of that length says nothing. */
  readonly longestPauseMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const keptExamples = 20;
const tickMs = 20;
/** Durations are kept in buckets of a tenth of a millisecond up to ten seconds. */
const slots = 100_001;

export class Tally {
  requests = 0;
  reconnects = 0;
  longestReconnectMs = 0;
  readonly #failures = new Map<string, number>();
  readonly #examples: string[] = [];
  readonly #byClient = new Map<string, number>();
  readonly #durations = new Uint32Array(slots);
  readonly #started = performance.now();
  /** Undefined before the first: until then accounts are made. */
  #lastGood: number | undefined;
  #longestGapMs = 0;
  #longestGapAt = performance.now();
  #longestPauseMs = 0;

  constructor() {
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      this.#longestPauseMs = Math.max(this.#longestPauseMs, now - last - tickMs);
      last = now;
    }, tickMs).unref();
  }

  good(client: string, ms: number): void {
    this.#count(client);
    const now = performance.now();
    const gapMs = now - (this.#lastGood ?? now);
    if (gapMs > this.#longestGapMs) {
      this.#longestGapMs = gapMs;
      this.#longestGapAt = now;
    }
    this.#lastGood = now;
    const slot = Math.min(slots - 1, Math.round(ms * 10));
    this.#durations[slot] = (this.#durations[slot] ?? 0) + 1;
  }

  /** A sign of life on a connection that was open already: it says nothing about new requests. */
  beat(client: string): void {
    this.#count(client);
  }

  bad(client: string, problem: string): void {
    this.#count(client);
    const kind = `${client}: ${problem}`;
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
    if (this.#examples.length < keptExamples) this.#examples.push(`${((performance.now() - this.#started) / 1000).toFixed(2)} s ${kind}`);
  }

  reconnected(ms: number): void {
    this.reconnects += 1;
    this.longestReconnectMs = Math.max(this.longestReconnectMs, ms);
  }

  report(): StormReport {
    return {
      requests: this.requests,
      failed: [...this.#failures.values()].reduce((sum, count) => sum + count, 0),
      failures: Object.fromEntries(this.#failures),
      examples: this.#examples,
      byClient: Object.fromEntries(this.#byClient),
      reconnects: this.reconnects,
      longestReconnectMs: Math.round(this.longestReconnectMs),
      longestGapMs: Math.round(this.#longestGapMs),
      longestGapAtS: Math.round((this.#longestGapAt - this.#started) / 100) / 10,
      longestPauseMs: Math.round(this.#longestPauseMs),
      p50Ms: this.#quantile(0.5),
      p99Ms: this.#quantile(0.99),
    };
  }

  #count(client: string): void {
    this.requests += 1;
    this.#byClient.set(client, (this.#byClient.get(client) ?? 0) + 1);
  }

  #quantile(share: number): number {
    const total = this.#durations.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [slot, count] of this.#durations.entries()) {
      seen += count;
      if (count > 0 && seen >= total * share) return slot / 10;
    }
    return 0;
  }
}
