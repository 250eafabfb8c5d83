/** Which rows are shown, and which of them match: found in slices, so that the page stays free between them. */
import { type Level, levels } from './line.ts';
import type { Matcher } from './matcher.ts';
import { Places } from './places.ts';
import type { LogRing, Stream } from './ring.ts';

export interface Filter {
  /** Lines of this level and worse; `none` is all. */
  readonly level: Level;
  /** Undefined is all. */
  readonly stream: Stream | undefined;
  /** Rows that do not match are left out. */
  readonly onlyMatches: boolean;
}

const rowsAtOnce = 500;
const sliceMs = 8;

export class View {
  /** Places that match; empty without a matcher. */
  readonly hits = new Places();
  readonly matcher: Matcher | undefined;
  readonly #ring: LogRing;
  readonly #filter: Filter;
  readonly #rows = new Places();
  /** All rows are shown, so that nobody needs a list of them. */
  readonly #isWhole: boolean;
  readonly #onChange: () => void;
  readonly #pause: () => Promise<void>;
  /** Places that have been looked at: `[from, to)`. */
  #from: number;
  #to: number;
  #isBusy = false;
  #isClosed = false;

  /** @param pause lets the page do something else */
  constructor(ring: LogRing, filter: Filter, matcher: Matcher | undefined, onChange: () => void, pause: () => Promise<void> = breath) {
    this.#ring = ring;
    this.#filter = filter;
    this.matcher = matcher;
    this.#onChange = onChange;
    this.#pause = pause;
    this.#isWhole = filter.level === levels.none && filter.stream === undefined && !(filter.onlyMatches && matcher !== undefined);
    this.#from = ring.first;
    this.#to = ring.first;
  }

  get length(): number {
    return this.#isWhole ? this.#ring.length : this.#rows.length;
  }

  /** Not all rows have been looked at. */
  get isScanning(): boolean {
    return this.#needsScan && (this.#to < this.#ring.end || this.#from > this.#ring.first);
  }

  /** Place of the row at this index; undefined behind the end. */
  at(index: number): number | undefined {
    if (!this.#isWhole) return this.#rows.at(index);
    return index < this.#ring.length ? this.#ring.first + index : undefined;
  }

  /** Index of the first row that is not before the place. */
  indexFrom(place: number): number {
    return this.#isWhole ? Math.min(Math.max(0, place - this.#ring.first), this.#ring.length) : this.#rows.indexFrom(place);
  }

  /** After the ring has got or lost rows. With few new rows it is done when this returns. */
  update(): void {
    this.#rows.dropBefore(this.#ring.first);
    this.hits.dropBefore(this.#ring.first);
    this.#from = Math.max(this.#from, this.#ring.first);
    this.#to = Math.max(this.#to, this.#ring.first);
    if (this.#needsScan && !this.#isBusy) void this.#scan();
  }

  close(): void {
    this.#isClosed = true;
    this.matcher?.close();
  }

  get #needsScan(): boolean {
    return !this.#isWhole || this.matcher !== undefined;
  }

  async #scan(): Promise<void> {
    this.#isBusy = true;
    let began = performance.now();
    while (this.isScanning && !this.#isClosed) {
      const step = this.#to < this.#ring.end ? this.#forward() : this.#back();
      if (step !== undefined) await step;
      if (performance.now() - began < sliceMs) continue;
      await this.#pause();
      began = performance.now();
    }
    this.#isBusy = false;
    if (!this.#isClosed) this.#onChange();
  }

  #forward(): void | Promise<void> {
    const from = this.#to;
    const to = Math.min(from + rowsAtOnce, this.#ring.end);
    return this.#look(from, to, (rows, hits) => {
      this.#to = Math.max(this.#to, to);
      for (const place of rows) if (place >= this.#ring.first) this.#rows.push(place);
      for (const place of hits) if (place >= this.#ring.first) this.hits.push(place);
    });
  }

  #back(): void | Promise<void> {
    const to = this.#from;
    const from = Math.max(to - 20 * rowsAtOnce, this.#ring.first);
    return this.#look(from, to, (rows, hits) => {
      this.#from = from;
      this.#rows.prepend(rows);
      this.hits.prepend(hits);
      this.update();
    });
  }

  #look(from: number, to: number, then: (rows: number[], hits: number[]) => void): void | Promise<void> {
    const passing = this.#passing(from, to);
    const tested = this.matcher?.test(passing.map((place) => this.#ring.text(place)));
    const done = (flags: Uint8Array | undefined): void => {
      if (this.#isClosed) return;
      const hits = flags === undefined ? [] : passing.filter((_, index) => flags[index] === 1);
      then(this.#isWhole ? [] : this.#filter.onlyMatches && flags !== undefined ? hits : passing, hits);
    };
    return tested instanceof Promise ? tested.then(done) : done(tested);
  }

  #passing(from: number, to: number): number[] {
    const { level, stream } = this.#filter;
    const places: number[] = [];
    for (let place = from; place < to; place++) {
      const isWanted = this.#ring.level(place) >= level && (stream === undefined || this.#ring.stream(place) === stream);
      if (isWanted || this.#ring.isSkip(place)) places.push(place);
    }
    return places;
  }
}

/** Until the browser has done what waits; a timer would wait longer. */
function breath(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(0);
  });
}
