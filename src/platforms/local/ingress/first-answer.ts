/** A 404 that is kept back until the other set has been asked. */
import type { FrontRequest } from './front.ts';
import type { ServiceCounters } from './metrics.ts';

export interface FirstAnswer {
  readonly set: 'live' | 'next';
  readonly service: string;
  readonly replica: string;
  readonly counters: ServiceCounters;
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly reason: string;
  readonly headers: string[];
  readonly body: Buffer;
  /** Where its body is kept, if it came from a replica. */
  readonly kept?: KeptBody;
}

/** The client gets it after all. Gives the bytes of its body. */
export function giveFirst(front: FrontRequest, { reason, headers, body }: FirstAnswer): number {
  const isHead = front.method === 'HEAD';
  front.answer(404, reason, headers, isHead ? undefined : body);
  return isHead ? 0 : body.length;
}

const maxBody = 64 * 1024;
const maxBodies = 16 * 1024 * 1024;

/** Room for the bodies that are kept back, of all requests together. */
export class Shelf {
  /** Taken at the moment. */
  bytes = 0;

  /** @param contentLength bytes, or -1 if unknown */
  fits(contentLength: number): boolean {
    return contentLength <= maxBody && this.bytes < maxBodies;
  }
}

export class KeptBody {
  readonly #shelf: Shelf;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** False if it has become too much to be kept. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#shelf.bytes += chunk.length;
    return this.#shelf.fits(this.#bytes);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Gives the room back. */
  discard(): void {
    this.#shelf.bytes -= this.#bytes;
    this.#bytes = 0;
    this.#chunks = [];
  }
}
