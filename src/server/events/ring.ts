/** The newest events of one kind, bounded by count and size; what is pushed out is counted. */
import type { ServerEvent } from '../api/index.ts';

export interface Entry {
  /** Of the server's life; rises over all rings. */
  readonly number: number;
  readonly event: ServerEvent;
  /** Lines, or 1. */
  readonly weight: number;
  /** Estimated. */
  readonly bytes: number;
}

/** Where a reader stands: how much it has had, told or skipped, since the ring began. */
export interface Position {
  entries: number;
  weight: number;
}

export interface RingLimits {
  readonly weight: number;
  readonly bytes: number;
}

export class Ring {
  readonly #limits: RingLimits;
  #entries: Entry[] = [];
  /** Index of the oldest one that counts as kept; what lies before it is removed now and then, all at once. */
  #first = 0;
  #kept = { weight: 0, bytes: 0 };
  #gone: Position = { entries: 0, weight: 0 };
  #lastGone = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#kept.weight += entry.weight;
    this.#kept.bytes += entry.bytes;
    while (this.#kept.weight > this.#limits.weight || this.#kept.bytes > this.#limits.bytes) this.#drop();
    if (this.#first > 1024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The oldest that is kept. */
  get start(): Position {
    return { ...this.#gone };
  }

  /** Behind the newest. */
  get end(): Position {
    return { entries: this.#gone.entries + this.#entries.length - this.#first, weight: this.#gone.weight + this.#kept.weight };
  }

  /** What comes at that place; undefined at the end. The position must not lie before the start. */
  at(position: Position): Entry | undefined {
    return this.#entries[this.#first + position.entries - this.#gone.entries];
  }

  /** Behind the event of that number, or behind the last one before it; undefined when something after it is gone. */
  after(number: number): Position | undefined {
    if (number < this.#lastGone) return undefined;
    const position = this.start;
    for (let entry = this.at(position); entry !== undefined && entry.number <= number; entry = this.at(position)) {
      position.entries += 1;
      position.weight += entry.weight;
    }
    return position;
  }

  #drop(): void {
    const entry = this.#entries[this.#first] as Entry;
    this.#first += 1;
    this.#kept.weight -= entry.weight;
    this.#kept.bytes -= entry.bytes;
    this.#gone.entries += 1;
    this.#gone.weight += entry.weight;
    this.#lastGone = entry.number;
  }
}
