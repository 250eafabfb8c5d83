/** Windows for the gates out of a platform's counters, which only grow; pure. */
import type { Metrics } from '../platforms/platform.ts';
import type { SetName } from '../stack/stack.ts';
import type { Window } from './gate.ts';

/** All services of one set together, at one moment. */
export interface Counted {
  readonly requests: number;
  readonly failed: number;
  readonly refused: number;
  readonly waiting: number;
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}

export function counted({ bounds, services }: Metrics, set: SetName, release: string): Counted {
  const own = services.filter((service) => service.set === set && service.release === release);
  const sum = (of: (service: (typeof own)[number]) => number): number => own.reduce((total, service) => total + of(service), 0);
  const buckets = Array.from({ length: bounds.length + 1 }, (_none, index) => sum((service) => service.buckets[index] ?? 0));
  return {
    requests: sum(({ requests }) => requests),
    failed: sum(({ errors }) => errors),
    refused: sum(({ refused = 0 }) => refused),
    waiting: sum(({ awaited = 0 }) => awaited),
    bounds,
    buckets,
  };
}

/** What one set has done since it was begun with; look after look. */
export class SetWatch {
  #before: Counted;
  #last: Counted;

  constructor(before: Counted) {
    this.#before = before;
    this.#last = before;
  }

  /**
   * An entry that was replaced counts from 0 again; what it had seen before is lost.
   * @param probes requests of our own since then, in so far as they were this set's
   */
  add(now: Counted, probes = 0): Window {
    if (now.requests < this.#last.requests)
      this.#before = { ...now, requests: 0, failed: 0, refused: 0, buckets: now.buckets.map(() => 0) };
    this.#last = now;
    return {
      requests: now.requests - this.#before.requests,
      failed: now.failed - this.#before.failed,
      refused: now.refused - this.#before.refused,
      probes,
      waiting: now.waiting,
      bounds: now.bounds,
      buckets: now.buckets.map((count, index) => count - (this.#before.buckets[index] ?? 0)),
    };
  }
}

/** Everything that a set has done since it serves. */
export function lifetime({ requests, failed, refused, waiting, bounds, buckets }: Counted): Window {
  return { requests, failed, refused, waiting, probes: 0, bounds, buckets };
}
