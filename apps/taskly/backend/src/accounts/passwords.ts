import { hash, verify } from '@node-rs/argon2';
import { Gate } from '../gate.ts';

// argon2id (the library's default), 19 MiB, two passes, one lane: OWASP's first choice, about 15 ms.
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Half of the thread pool: name look-ups of new database connections need the other half. */
const WIDTH = 2;
const DEPTH = 50;

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
