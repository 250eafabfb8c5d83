import { hash, verify } from '@node-rs/argon2';
import { unavailable } from '../errors.ts';

// argon2id (the library's default), 19 MiB, two passes, one lane: OWASP's first choice, about 15 ms.
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Half of the thread pool: name look-ups of new database connections need the other half. */
const WIDTH = 2;
const DEPTH = 50;

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

/** The same password typed on another keyboard must give the same bytes. */
const canonical = (password: string): string => password.normalize('NFKC');

export class Passwords {
  readonly gate = new Gate(WIDTH, DEPTH);
  readonly #dummy: Promise<string>;

  constructor() {
    this.#dummy = hash('nobody has this password', OPTIONS);
    this.#dummy.catch(() => undefined);
  }

  hash(password: string): Promise<string> {
    return this.gate.run(() => hash(canonical(password), OPTIONS));
  }

  /** Does the same work when there is no account, so that time does not tell. */
  verify(stored: string | undefined, password: string): Promise<boolean> {
    return this.gate.run(async () => {
      const matches = await verify(stored ?? (await this.#dummy), canonical(password));
      return stored !== undefined && matches;
    });
  }
}
