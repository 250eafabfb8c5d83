/** Windows for the gates out of a platform's counters, which only grow; pure. */
import type { Metrics } from '../platforms/platform.ts';
import type { SetName } from '../stack/stack.ts';
import type { Window } from './gate.ts';

/** All services of one set together, at one moment. */
export interface Counted {
  /** Milliseconds of the platform's clock. */
  readonly atMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly refused: number;
  readonly inFlight: number;
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}

/** A request without an answer for so long is slow, whatever it is. */
const waitingMs = 1_000;

export function counted({ atMs, bounds, services }: Metrics, set: SetName, release: string): Counted {
  const own = services.filter((service) => service.set === set && service.release === release);
  const sum = (of: (service: (typeof own)[number]) => number): number => own.reduce((total, service) => total + of(service), 0);
  const buckets = Array.from({ length: bounds.length + 1 }, (_none, index) => sum((service) => service.buckets[index] ?? 0));
  return {
    atMs,
    requests: sum(({ requests }) => requests),
    failed: sum(({ errors }) => errors),
    refused: sum(({ refused = 0 }) => refused),
    inFlight: sum(({ inFlight }) => inFlight),
    bounds,
    buckets,
  };
}

/** What one set has done since it was begun with; look after look. */
export class SetWatch {
  readonly #looks: Counted[];
  #before: Counted;

  constructor(before: Counted) {
    this.#before = before;
    this.#looks = [before];
  }

  /** An entry that was replaced counts from 0 again; what it had seen before is lost. */
  add(now: Counted): Window {
    const last = this.#looks.at(-1) ?? this.#before;
    if (now.requests < last.requests) {
      this.#before = { ...now, requests: 0, failed: 0, refused: 0, buckets: now.buckets.map(() => 0) };
      this.#looks.length = 0;
    }
    this.#looks.push(now);
    while ((this.#looks[1]?.atMs ?? Number.POSITIVE_INFINITY) <= now.atMs - waitingMs) this.#looks.shift();
    return {
      requests: now.requests - this.#before.requests,
      failed: now.failed - this.#before.failed,
      refused: now.refused - this.#before.refused,
      waiting: this.#waiting(now),
      bounds: now.bounds,
      buckets: now.buckets.map((count, index) => count - (this.#before.buckets[index] ?? 0)),
    };
  }

  /** At least so many of those in flight did not arrive within the last second. */
  #waiting(now: Counted): number {
    const [past] = this.#looks;
    if (past === undefined || past.atMs > now.atMs - waitingMs) return 0;
    const arrived = now.requests + now.inFlight - past.requests - past.inFlight;
    return Math.max(0, now.inFlight - Math.max(0, arrived));
  }
}

/** Everything that a set has done since it serves. */
export function lifetime({ requests, failed, refused, inFlight, bounds, buckets }: Counted): Window {
  return { requests, failed, refused, waiting: inFlight, bounds, buckets };
}
