/** One who watches: knows what it has not been told yet, and tells it as fast as its sink takes it. It keeps places, never events. */
import type { ServerEvent } from '../api/index.ts';
import type { Sink } from '../hub.ts';
import type { Entry, Position, Ring } from './ring.ts';

/** What all streams of one hub tell from. */
export interface Board {
  /** Newest state by key. */
  state(key: string): ServerEvent | undefined;
  /** By environment; the operations under the empty name. Undefined while it has had nothing. */
  ring(name: string): Ring | undefined;
  id(number: number): string;
}

export interface Told {
  readonly event: ServerEvent;
  readonly number: number;
}

export interface Beginning {
  /** One event at least. */
  readonly first: Told[];
  readonly places: Map<string, Position>;
}

export class Telling {
  readonly #board: Board;
  readonly #sink: Sink;
  readonly #onEnd: () => void;
  /** Of every ring that it wants. */
  readonly #places: Map<string, Position>;
  /** Told before anything else. */
  readonly #first: Told[];
  /** State that is newer than what was told. */
  readonly #changed = new Set<string>();
  /** Everything that it wants up to here was told or counted as left out. */
  #number = 0;
  #ringsTurn = false;
  #isFull = false;
  #isClosed = false;

  constructor(board: Board, sink: Sink, begin: Beginning, onEnd: () => void) {
    this.#board = board;
    this.#sink = sink;
    this.#first = begin.first;
    this.#places = begin.places;
    this.#onEnd = onEnd;
  }

  hasRing(name: string): boolean {
    return this.#places.has(name);
  }

  changed(key: string): void {
    this.#changed.add(key);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onEnd();
  }

  /** Tells what there is to tell, until the sink is full. */
  tell(): void {
    while (!this.#isFull && !this.#isClosed) {
      const next = this.#next();
      if (next === undefined) return;
      this.#number = next.number;
      this.#write(next.event);
    }
  }

  #write(event: ServerEvent): void {
    try {
      if (this.#sink.write(this.#board.id(this.#number), event)) return;
      this.#isFull = true;
      this.#sink.drained().then(
        () => {
          this.#isFull = false;
          this.tell();
        },
        () => this.close(),
      );
    } catch {
      this.close();
    }
  }

  /** State and single events take turns, so that a flood of one never keeps the other from a slow sink. */
  #next(): Told | undefined {
    const first = this.#first.shift();
    if (first !== undefined) return first;
    const told = this.#ringsTurn ? (this.#nextSingle() ?? this.#nextState()) : (this.#nextState() ?? this.#nextSingle());
    this.#ringsTurn = !this.#ringsTurn;
    return told;
  }

  #nextState(): Told | undefined {
    for (const key of this.#changed) {
      this.#changed.delete(key);
      const event = this.#board.state(key);
      if (event !== undefined) return { event, number: this.#number };
    }
    return undefined;
  }

  /** The oldest over all its rings, so that one number says how far it has come in each. What it has missed is told before it goes on. */
  #nextSingle(): Told | undefined {
    let oldest: { name: string; place: Position; entry: Entry } | undefined;
    for (const [name, place] of this.#places) {
      const ring = this.#board.ring(name);
      if (ring === undefined) continue;
      if (place.entries < ring.start.entries) return this.#skip(name, place, ring.start);
      const entry = ring.at(place);
      if (entry !== undefined && entry.number < (oldest?.entry.number ?? Infinity)) oldest = { name, place, entry };
    }
    if (oldest === undefined) return undefined;
    const { name, place, entry } = oldest;
    this.#places.set(name, { entries: place.entries + 1, weight: place.weight + entry.weight });
    return entry;
  }

  #skip(name: string, from: Position, to: Position): Told {
    this.#places.set(name, to);
    const event: ServerEvent =
      name === '' ? { type: 'lost', environment: null } : { type: 'logs', environment: name, lines: [], skipped: to.weight - from.weight };
    return { event, number: this.#number };
  }
}
