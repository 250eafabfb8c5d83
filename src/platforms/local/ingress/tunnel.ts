/** A WebSocket between a client and a replica, once both have switched protocols. */
import type { Duplex } from 'node:stream';
import type { Stream } from './upstream.ts';

/** "Going away": clients connect again. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
const closeMs = 1_000;

/** Finds the borders between the frames that a server sends (RFC 6455, section 5.2). */
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

export class Tunnel implements Stream {
  readonly #client: Duplex;
  readonly #upstream: Duplex;
  readonly #borders = new FrameBorders();
  readonly #onEnd: () => void;
  #ending = false;
  #ended = false;
  /** Bytes sent to the client. */
  bytes = 0;

  constructor(client: Duplex, upstream: Duplex, onEnd: () => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#onEnd = onEnd;
    upstream.on('data', (chunk: Buffer) => this.#fromUpstream(chunk));
    upstream.on('end', () => client.end());
    client.on('drain', () => upstream.resume());
    client.pipe(upstream);
    for (const side of [client, upstream]) {
      side.on('error', () => this.#destroy());
      side.on('close', () => this.#destroy());
    }
  }

  /** Tells the client at the next border between frames that this end goes away. */
  endGently(): void {
    this.#ending = true;
    if (this.#borders.between) this.#sayGoodbye();
  }

  #fromUpstream(chunk: Buffer): void {
    const border = this.#borders.last(chunk);
    const cut = this.#ending && border !== -1;
    const sent = cut ? chunk.subarray(0, border) : chunk;
    this.bytes += sent.length;
    if (!this.#client.write(sent)) this.#upstream.pause();
    if (cut) this.#sayGoodbye();
  }

  #sayGoodbye(): void {
    this.#upstream.removeAllListeners('data');
    this.#upstream.resume();
    this.#client.end(closeFrame);
    setTimeout(() => this.#destroy(), closeMs).unref();
  }

  #destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
  }
}
