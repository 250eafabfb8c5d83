import { setTimeout as sleep } from 'node:timers/promises';

/** How long requests may hope for a database that has just gone; later they fail at once, so that none pile up. */
const HOPE_MS = 2000;

/**
 * Whether the database can be reached. When it cannot, one probe asks for it with jitter and everybody waits for that one answer:
 * its return is no stampede.
 */
export class Availability {
  readonly #probe: () => Promise<void>;
  #downSince: number | undefined;
  #back: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(probe: () => Promise<void>) {
    this.#probe = probe;
  }

  get down(): boolean {
    return this.#downSince !== undefined;
  }

  lost(): void {
    if (this.down || this.#stopped) return;
    this.#downSince = performance.now();
    this.#back = this.#probeUntilBack();
  }

  /** True as soon as the database is there, false when it did not come back within `ms`. */
  async wait(ms: number): Promise<boolean> {
    if (this.#downSince === undefined) return true;
    const hope = Math.min(ms, this.#downSince + HOPE_MS - performance.now());
    if (hope <= 0) return false;
    const timer = new AbortController();
    const late = sleep(hope, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#back, late]);
    timer.abort();
    return !this.down;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #probeUntilBack(): Promise<void> {
    for (let pause = 50; !this.#stopped; pause = Math.min(pause * 1.5, 500)) {
      await sleep(pause * (0.5 + Math.random()), undefined, { ref: false });
      try {
        await this.#probe();
        this.#downSince = undefined;
        return;
      } catch {
        // Not back yet.
      }
    }
  }
}
