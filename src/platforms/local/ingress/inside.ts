/** The addresses inside the app: a port for each service that others call, with a front of its own. */
import { closeSync } from 'node:fs';
import { GantryError } from '../../../errors.ts';
import type { Front } from './front.ts';
import type { InternalAddress } from './routing.ts';
import type { InheritedSocket } from './start.ts';

/** How long one waits for a port, and how often it is tried: first while a predecessor lets go, then while another program has it. */
const waitMs = 3_000;
const quickRetryMs = 10;
const quickMs = 10_000;
const slowRetryMs = 250;
/** A front that is no longer wanted: when its idle connections go, and when all do. */
const idleGraceMs = 1_500;
const retireMs = 30_000;

interface Opening {
  readonly front: Front;
  isOpen: boolean;
  /** It took longer than anybody waits. */
  isLate: boolean;
  problem: unknown;
  /** Resolves when it listens, or when it is clear that it will not. */
  settled: Promise<void>;
}

export class InternalFronts {
  readonly #newFront: (port: number) => Front;
  /** Listening sockets that nobody has asked for yet, by port. */
  readonly #inherited: Map<number, number>;
  readonly #openings = new Map<number, Opening>();
  #addresses = new Map<number, InternalAddress>();

  constructor(newFront: (port: number) => Front, inherited: readonly InheritedSocket[]) {
    this.#newFront = newFront;
    this.#inherited = new Map(inherited.map(({ port, fd }) => [port, fd]));
  }

  get fronts(): Front[] {
    return [...this.#openings.values()].map(({ front }) => front);
  }

  at(port: number): InternalAddress | undefined {
    return this.#addresses.get(port);
  }

  /**
   * Listens at these addresses, and lets go of all others. Resolves when all of them listen.
   * @throws GantryError GL2004 for a port that could not be had in time; it is tried further on
   */
  async want(addresses: readonly InternalAddress[]): Promise<void> {
    this.#addresses = new Map(addresses.map((address) => [address.port, address]));
    for (const [port, { front }] of this.#openings) {
      if (this.#addresses.has(port)) continue;
      this.#openings.delete(port);
      retire(front);
    }
    await Promise.all([...this.#addresses.values()].map(async (address) => this.#opened(address)));
  }

  /** For a successor. */
  sockets(): InheritedSocket[] {
    return [...this.#openings].flatMap(
      ([
        port,
        {
          front: { descriptor: fd },
        },
      ]) => (fd === undefined || fd < 0 ? [] : [{ port, fd }]),
    );
  }

  /** A socket that nobody listens at would keep callers waiting. */
  closeUnclaimed(): void {
    for (const fd of this.#inherited.values()) closeSync(fd);
    this.#inherited.clear();
  }

  /** Tries no port any more. */
  stop(): void {
    this.#openings.clear();
  }

  async #opened({ port, service }: InternalAddress): Promise<void> {
    const opening = this.#openings.get(port) ?? this.#open(port);
    if (!opening.isOpen && !opening.isLate) await Promise.race([opening.settled, patience()]);
    if (opening.isOpen || this.#openings.get(port) !== opening) return;
    opening.isLate = true;
    throw new GantryError('GL2004', `cannot listen on 127.0.0.1:${port} for ${service}`, { cause: opening.problem });
  }

  #open(port: number): Opening {
    const opening: Opening = {
      front: this.#newFront(port),
      isOpen: false,
      isLate: false,
      problem: undefined,
      settled: Promise.resolve(),
    };
    this.#openings.set(port, opening);
    opening.settled = this.#listen(port, opening);
    return opening;
  }

  async #listen(port: number, opening: Opening): Promise<void> {
    const started = performance.now();
    for (let where = this.#where(port); this.#openings.get(port) === opening; where = { port, host: '127.0.0.1' }) {
      try {
        await opening.front.listen(where);
        opening.isOpen = this.#openings.get(port) === opening;
        if (!opening.isOpen) opening.front.destroy();
        return;
      } catch (error) {
        opening.problem = error;
      }
      await timeout(performance.now() - started < quickMs ? quickRetryMs : slowRetryMs);
    }
  }

  #where(port: number): { readonly fd: number } | { readonly port: number; readonly host: string } {
    const fd = this.#inherited.get(port);
    this.#inherited.delete(port);
    return fd === undefined ? { port, host: '127.0.0.1' } : { fd };
  }
}

/** Lets a front that is no longer wanted serve what it has. */
function retire(front: Front): void {
  front.stopAccepting();
  setTimeout(() => front.closeIdle(), idleGraceMs).unref();
  setTimeout(() => front.destroy(), retireMs).unref();
}

/** Keeps no process from ending. */
async function patience(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
}

async function timeout(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
