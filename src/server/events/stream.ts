/** One who watches: knows what it has not been told yet, and tells it as fast as its sink takes it. It keeps places, never events. */
import type { ServerEvent } from '../api/index.ts';
import type { Sink } from '../hub.ts';
import type { Position, Ring } from './ring.ts';

/** What all streams of one hub tell from. */
export interface Board {
  /** Newest state by key. */
  state(key: string): ServerEvent | undefined;
  /** By environment; the operations under the empty name. Undefined while it has had nothing. */
  ring(name: string): Ring | undefined;
  id(number: number): string;
}

interface Told {
  readonly event: ServerEvent;
  readonly number: number;
}

export class Telling {
  readonly #board: Board;
  readonly #sink: Sink;
  readonly #onEnd: () => void;
  /** Of every ring that it wants. */
  readonly #places: Map<string, Position>;
  /** Told before anything else. */
  readonly #first: ServerEvent[];
  /** State that is newer than what was told. */
  readonly #changed = new Set<string>();
  /** Everything that it wants up to here was told or counted as left out. */
  #number: number;
  #ringsTurn = false;
  #isFull = false;
  #isClosed = false;

  constructor(board: Board, sink: Sink, begin: { first: ServerEvent[]; places: Map<string, Position>; number: number }, onEnd: () => void) {
    this.#board = board;
    this.#sink = sink;
    this.#first = begin.first;
    this.#places = begin.places;
    this.#number = begin.number;
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
    if (first !== undefined) return { event: first, number: this.#number };
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

  /** The oldest over all its rings, so that one number says how far it has come in each. */
  #nextSingle(): Told | undefined {
    let oldest: { name: string; ring: Ring; number: number } | undefined;
    for (const [name, place] of this.#places) {
      const ring = this.#board.ring(name);
      const entry = ring?.at(place.entries < ring.start.entries ? ring.start : place);
      if (ring !== undefined && entry !== undefined && entry.number < (oldest?.number ?? Infinity))
        oldest = { name, ring, number: entry.number };
    }
    return oldest && this.#take(oldest.name, oldest.ring);
  }

  #take(name: string, ring: Ring): Told | undefined {
    const place = this.#places.get(name) as Position;
    const skipped = Math.max(0, ring.start.weight - place.weight);
    if (skipped > 0) this.#places.set(name, ring.start);
    if (skipped > 0 && name === '') return { event: { type: 'lost', environment: null }, number: this.#number };
    const at = this.#places.get(name) as Position;
    const entry = ring.at(at);
    if (entry === undefined) return undefined;
    this.#places.set(name, { entries: at.entries + 1, weight: at.weight + entry.weight });
    return { event: withSkipped(entry.event, skipped), number: entry.number };
  }
}

function withSkipped(event: ServerEvent, skipped: number): ServerEvent {
  return event.type === 'logs' && skipped > 0 ? { ...event, skipped: event.skipped + skipped } : event;
}
