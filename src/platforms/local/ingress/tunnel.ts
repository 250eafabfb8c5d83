/** A WebSocket between a client and a replica, once both have switched protocols. */
import type { Duplex } from 'node:stream';
import type { Stream } from './upstream.ts';

/** A close frame with 1012, "service restart": clients connect again. */
const toClient = Buffer.from([0x88, 0x02, 0x03, 0xf4]);
/** What a client sends is masked; a mask of zeros leaves the bytes as they are. */
const toServer = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf4]);
/** How long both ends have to answer the close frame. */
const closeMs = 1_000;

/** Finds the borders between frames, masked or not (RFC 6455, section 5.2). */
export class FrameBorders {
  #left = 0;
  #head: number[] = [];

  /** Offset behind the last frame that ends in this chunk, or -1. */
  last(chunk: Buffer): number {
    let at = 0;
    let border = -1;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
      } else {
        this.#head.push(chunk[at++] as number);
        if (!this.#headComplete()) continue;
      }
      if (this.#left === 0) border = at;
    }
    return border;
  }

  get between(): boolean {
    return this.#left === 0 && this.#head.length === 0;
  }

  #headComplete(): boolean {
    const head = this.#head;
    if (head.length < 2) return false;
    const second = head[1] as number;
    const length = second & 0x7f;
    const lengthBytes = length === 127 ? 8 : length === 126 ? 2 : 0;
    if (head.length < 2 + lengthBytes) return false;
    const size = lengthBytes === 0 ? length : head.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
    this.#left = size + ((second & 0x80) === 0 ? 0 : 4);
    this.#head = [];
    return true;
  }
}

/** One direction of a tunnel. */
class Way {
  bytes = 0;
  readonly #to: Duplex;
  readonly #from: Duplex;
  readonly #goodbye: Buffer;
  readonly #borders = new FrameBorders();
  readonly #onGoodbye: (() => void) | undefined;
  #ending = false;
  #ended = false;

  constructor(from: Duplex, to: Duplex, goodbye: Buffer, onGoodbye?: () => void) {
    this.#from = from;
    this.#to = to;
    this.#goodbye = goodbye;
    this.#onGoodbye = onGoodbye;
    from.on('data', (chunk: Buffer) => this.#pass(chunk));
    from.on('end', () => to.end());
    to.on('drain', () => from.resume());
  }

  /** Says goodbye at the next border between frames; what comes later is thrown away. */
  end(): void {
    this.#ending = true;
    if (this.#borders.between) this.#sayGoodbye();
  }

  #pass(chunk: Buffer): void {
    if (this.#ended) return;
    const border = this.#borders.last(chunk);
    const isLast = this.#ending && border !== -1;
    const sent = isLast ? chunk.subarray(0, border) : chunk;
    this.bytes += sent.length;
    if (!this.#to.write(sent)) this.#from.pause();
    if (isLast) this.#sayGoodbye();
  }

  #sayGoodbye(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#from.resume();
    this.#to.end(this.#goodbye);
    this.#onGoodbye?.();
  }
}

export class Tunnel implements Stream {
  readonly #client: Duplex;
  readonly #upstream: Duplex;
  readonly #down: Way;
  readonly #up: Way;
  readonly #onEnd: () => void;
  #ending = false;
  #ended = false;

  constructor(client: Duplex, upstream: Duplex, onEnd: () => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#onEnd = onEnd;
    this.#down = new Way(upstream, client, toClient, () => void setTimeout(() => this.cut(), closeMs).unref());
    this.#up = new Way(client, upstream, toServer);
    for (const side of [client, upstream]) {
      side.on('error', () => this.cut());
      side.on('close', () => this.#closed());
    }
    if (client.destroyed || upstream.destroyed) this.cut();
  }

  /** Sent to the client. */
  get bytes(): number {
    return this.#down.bytes;
  }

  /** Tells both ends, each at the next border between frames, to close. From the client's on they have a moment to do so. */
  endGently(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#down.end();
    this.#up.end();
  }

  cut(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #closed(): void {
    if (!this.#ending) this.cut();
    if (this.#ended || !this.#client.closed || !this.#upstream.closed) return;
    this.#ended = true;
    this.#onEnd();
  }
}
