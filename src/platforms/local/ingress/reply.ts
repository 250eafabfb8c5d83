/** A backend's answer on its way to the client. */
import type { FrontRequest } from './front.ts';
import type { ResponseHead } from './headers.ts';

export class Reply {
  /** Of the body, so far. */
  bytes = 0;
  headSent = false;
  readonly #front: FrontRequest;
  #status = 0;
  #reason = '';
  #pending: ResponseHead | undefined;
  #whole: Buffer | undefined;

  constructor(front: FrontRequest) {
    this.#front = front;
  }

  /** Keeps a head back for a moment: if the whole body comes with it, both leave in one write. */
  prepare(status: number, reason: string, head: ResponseHead): void {
    this.#status = status;
    this.#reason = reason;
    this.#pending = head;
  }

  /** Forgets a head that was kept back: another replica is asked. */
  reset(): void {
    this.#pending = undefined;
    this.#whole = undefined;
    this.bytes = 0;
  }

  /** Throws if the head cannot be written, for example because of a control character in a value. */
  sendHead(): void {
    const pending = this.#pending;
    if (pending === undefined || this.#whole !== undefined) return;
    this.#pending = undefined;
    this.#front.head(this.#status, this.#reason, pending.headers);
    this.headSent = true;
  }

  /** False: the client takes no more for now. */
  write(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.#pending !== undefined && chunk.length === this.#pending.contentLength) {
      this.#whole = chunk;
      return true;
    }
    this.sendHead();
    return this.#front.write(chunk);
  }

  end(): void {
    const pending = this.#pending;
    if (pending === undefined) return this.#front.end();
    this.#pending = undefined;
    this.#front.answer(this.#status, this.#reason, pending.headers, this.#whole);
    this.headSent = true;
  }
}

/** Whether a chunk of an event stream ends with the empty line behind an event. */
export function endsEvent(chunk: Buffer): boolean {
  const end = chunk.length;
  return chunk[end - 1] === 10 && (chunk[end - 2] === 10 || (chunk[end - 2] === 13 && chunk[end - 3] === 10));
}
