/** Time, so that what depends on it can be tested without waiting. */
export interface WatchClock {
  /** Milliseconds from an arbitrary start; never jumps when the wall clock is set. */
  now(): number;
  /** Milliseconds since 1970. */
  epoch(): number;
  /** @returns how to cancel it */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: WatchClock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
