import { unavailable } from './errors.ts';

/** Lets a few work at a time; more than `depth` waiting are turned away rather than kept. */
export class Gate {
  readonly #width: number;
  readonly #depth: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(width: number, depth: number) {
    this.#width = width;
    this.#depth = depth;
  }

  /** Nobody works and nobody waits. */
  get idle(): boolean {
    return this.#running === 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#width) this.#running++;
    else if (this.#waiting.length >= this.#depth) throw unavailable();
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so nobody can slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** A gate for each key, as long as somebody is at it. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #width: number;
  readonly #depth: number;

  constructor(width: number, depth: number) {
    this.#width = width;
    this.#depth = depth;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key) ?? new Gate(this.#width, this.#depth);
    this.#gates.set(key, gate);
    try {
      return await gate.run(work);
    } finally {
      if (gate.idle) this.#gates.delete(key);
    }
  }
}
