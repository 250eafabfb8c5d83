/**
 * Time as the users' requests see it. The process that measures also runs releases and may stand still for a moment, or get no processor;
 * nobody outside notices that, so this clock stands still as well: between two of its ticks it advances by a bounded amount only.
 */
const tickMs = 10;
const mostPerTickMs = 2 * tickMs;

export class MeterClock {
  readonly #timer: NodeJS.Timeout;
  #tickedAt = performance.now();
  #time = 0;

  /** @param onTick called about every 10 ms; ticks that were missed are not made up for */
  constructor(onTick: () => void = () => {}) {
    this.#timer = setInterval(() => {
      this.#time = this.now();
      this.#tickedAt = performance.now();
      onTick();
    }, tickMs);
  }

  /** Milliseconds since it was started, without those in which this process stood still. */
  now(): number {
    return this.#time + Math.min(performance.now() - this.#tickedAt, mostPerTickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
