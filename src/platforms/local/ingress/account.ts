/** What is counted and logged of one request. */
import type { Served } from './access-log.ts';
import type { FirstAnswer } from './first-answer.ts';
import type { FrontRequest } from './front.ts';
import type { RequestHead } from './headers.ts';
import type { ServiceCounters } from './metrics.ts';
import type { Placed } from './routing.ts';
import type { Surroundings } from './surroundings.ts';

export class Account implements Served {
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  status = 499;
  bytes = 0;
  service = '-';
  set = '-';
  replica = '';
  retries = 0;
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly #around: Surroundings;
  readonly #first: FirstAnswer | undefined;
  /** Whoever counts the request among those in flight. */
  #at: Placed | undefined;

  constructor(around: Surroundings, front: FrontRequest, head: RequestHead, first: FirstAnswer | undefined) {
    this.method = front.method;
    this.target = front.target;
    this.remoteAddress = front.remoteAddress;
    this.requestId = head.requestId;
    this.startedAt = first?.startedAt ?? performance.now();
    this.#around = around;
    this.#first = first;
  }

  /** The one that serves it; undefined before there is one. */
  get at(): Placed | undefined {
    return this.#at;
  }

  enter(at: Placed): void {
    if (this.#at === at) return;
    this.leave();
    this.#at = at;
    this.service = at.service;
    this.set = at.set;
    at.counters.inFlight += 1;
  }

  leave(): void {
    if (this.#at !== undefined) this.#at.counters.inFlight -= 1;
    this.#at = undefined;
  }

  /** Its answer is broken off after the head. */
  cut(): void {
    if (this.#at !== undefined) this.#at.counters.cut += 1;
  }

  /** It is over. */
  close(): void {
    this.#close(this.#at?.counters ?? this.#around.metrics.of('-'));
  }

  /** It is over, and the first set's 404 was given after all: it counts as a request of that set. */
  closeAs(first: FirstAnswer): void {
    this.service = first.service;
    this.set = first.set;
    this.replica = first.replica;
    this.status = 404;
    this.#close(first.counters);
  }

  #close(counters: ServiceCounters): void {
    this.leave();
    this.#around.served(this, counters, this.startedAt, this.#first);
  }
}
