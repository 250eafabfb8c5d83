/** A backend's answer on its way to the client. */
import { KeptBody, type Shelf } from './first-answer.ts';
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
  #kept: KeptBody | undefined;

  constructor(front: FrontRequest) {
    this.#front = front;
  }

  /** Keeps a head back for a moment: if the whole body comes with it, both leave in one write. */
  prepare(status: number, reason: string, head: ResponseHead): void {
    this.#status = status;
    this.#reason = reason;
    this.#pending = head;
  }

  /** Keeps the body back as well, as long as it is small; afterwards `takeKept` has all of it. */
  keep(shelf: Shelf): void {
    this.#kept = new KeptBody(shelf);
  }

  /** The answer that was kept back; undefined if it has left or leaves as it comes. */
  takeKept(): { readonly reason: string; readonly headers: string[]; readonly kept: KeptBody } | undefined {
    const kept = this.#kept;
    const pending = this.#pending;
    if (kept === undefined || pending === undefined) return undefined;
    this.#kept = undefined;
    return { reason: this.#reason, headers: pending.headers, kept };
  }

  /** Nobody waits for what was kept back. */
  discard(): void {
    this.#kept?.discard();
    this.#kept = undefined;
  }

  /** Forgets a head that was kept back: another replica is asked. */
  reset(): void {
    this.discard();
    this.#pending = undefined;
    this.#whole = undefined;
    this.bytes = 0;
  }

  /** Throws if the head cannot be written, for example because of a control character in a value. */
  sendHead(): void {
    const pending = this.#pending;
    if (pending === undefined || this.#whole !== undefined || this.#kept !== undefined) return;
    this.#pending = undefined;
    this.#front.head(this.#status, this.#reason, pending.headers);
    this.headSent = true;
  }

  /** False: the client takes no more for now. */
  write(chunk: Buffer): boolean {
    const kept = this.#kept;
    if (kept !== undefined) return kept.add(chunk) || this.#giveUp(kept);
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

  /** It is too much to be kept: it leaves as it is, and the rest as it comes. */
  #giveUp(kept: KeptBody): boolean {
    const { bytes } = kept;
    kept.discard();
    this.#kept = undefined;
    return this.write(bytes);
  }
}

/** Whether a chunk of an event stream ends with the empty line behind an event. */
export function endsEvent(chunk: Buffer): boolean {
  const end = chunk.length;
  return chunk[end - 1] === 10 && (chunk[end - 2] === 10 || (chunk[end - 2] === 13 && chunk[end - 3] === 10));
}
