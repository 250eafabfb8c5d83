/** A clock that stands still until it is told to go on. */
import type { WatchClock } from '../clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  run(): void;
}

export class StillClock implements WatchClock {
  /** 2026-01-01T00:00:00Z, at `now` 0. */
  static readonly start = 1_767_225_600_000;
  #now = 0;
  #order = 0;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  epoch(): number {
    return StillClock.start + this.#now;
  }

  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const due: Due = { at: this.#now + Math.max(0, ms), order: this.#order, run };
    this.#due.push(due);
    return () => (this.#due = this.#due.filter((other) => other !== due));
  }

  get isIdle(): boolean {
    return this.#due.length === 0;
  }

  /** Runs what falls due, in its order; what follows from it at once has happened when this resolves. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      this.#due = this.#due.filter((other) => other !== next);
      next.run();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number): Due | undefined {
    return this.#due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
