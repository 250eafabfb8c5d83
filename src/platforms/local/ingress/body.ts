/** A request body on its way to a replica. */
import { Readable } from 'node:stream';

export interface BodyControl {
  pauseBody(): void;
  resumeBody(): void;
}

/** Passes on what the client sends, no faster than the replica takes it. */
class BodySource extends Readable {
  readonly #control: BodyControl;

  constructor(control: BodyControl) {
    super({ highWaterMark: 64 * 1024 });
    this.#control = control;
  }

  add(chunk: Buffer): void {
    if (!this.push(chunk)) this.#control.pauseBody();
  }

  finish(): void {
    this.push(null);
  }

  override _read(): void {
    this.#control.resumeBody();
  }
}

/**
 * A body arrives, and is sent either in one piece, when all of it is here before the replica is asked, or as a stream. A piece can be sent
 * again as long as no replica has seen it; so can a stream that nobody has read.
 */
export class RequestBody {
  /** Bytes so far. */
  received = 0;
  /** All of it has arrived. */
  complete = false;
  /** It was given to a replica's connection. */
  sent = false;
  readonly #control: BodyControl;
  readonly #expected: number;
  #chunks: Buffer[] = [];
  #source: BodySource | undefined;

  /** @param expected bytes, or -1 if unknown */
  constructor(control: BodyControl, expected: number) {
    this.#control = control;
    this.#expected = expected;
  }

  /** Whether it is decided how it is sent. */
  get settled(): boolean {
    return this.complete || this.#source !== undefined;
  }

  add(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.received === this.#expected) this.complete = true;
    if (this.#source === undefined) this.#chunks.push(chunk);
    else this.#source.add(chunk);
  }

  finish(): void {
    this.complete = true;
    this.#source?.finish();
  }

  /** It takes longer to arrive: from now on it is passed on as it comes. */
  stream(): void {
    this.#source = new BodySource(this.#control);
    for (const chunk of this.#chunks.splice(0)) this.#source.add(chunk);
  }

  /** What a replica gets. */
  take(): Buffer | Readable {
    this.sent = true;
    if (this.#source !== undefined) return this.#source;
    const [only] = this.#chunks;
    if (this.#chunks.length === 1 && only !== undefined) return only;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  discard(): void {
    this.#source?.destroy();
  }
}
