/** A server's end of event streams, for tests without one. */
import type { ServerEvent } from '../../../src/server/api/index.ts';

export interface FakeStream {
  readonly url: URL;
  readonly token: string;
  readonly isAborted: boolean;
  /** Answers with a status that is no stream. */
  refuse(status: number): void;
  fail(): void;
  /** Answers, and says hello. */
  open(server?: string): void;
  send(event: ServerEvent): void;
  beat(): void;
  end(): void;
}

export interface FakeEvents {
  readonly fetch: typeof fetch;
  /** Every stream that was asked for, newest last. */
  readonly streams: FakeStream[];
}

export function fakeEvents(): FakeEvents {
  const streams: FakeStream[] = [];
  const ask: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      streams.push(new AskedStream(new URL(String(input), 'http://127.0.0.1'), init, resolve, reject));
    });
  return { fetch: ask, streams };
}

class AskedStream implements FakeStream {
  readonly url: URL;
  readonly token: string;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: unknown) => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #count = 0;

  constructor(url: URL, init: RequestInit, resolve: (response: Response) => void, reject: (error: unknown) => void) {
    this.url = url;
    this.token = new Headers(init.headers).get('x-gantry-token') ?? '';
    this.#signal = init.signal ?? undefined;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal?.addEventListener('abort', () => {
      this.fail();
      this.#controller?.error(new Error('aborted'));
    });
  }

  get isAborted(): boolean {
    return this.#signal?.aborted === true;
  }

  refuse(status: number): void {
    this.#resolve(new Response('{}', { status }));
  }

  fail(): void {
    this.#reject(new TypeError('failed to fetch'));
  }

  open(server = 's'): void {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.#controller = controller) });
    this.#resolve(new Response(body, { status: 200 }));
    this.send({ type: 'hello', server, version: '1' });
  }

  send(event: ServerEvent): void {
    this.#count += 1;
    this.#write(`id: s-${this.#count}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  beat(): void {
    this.#write(': beat\n\n');
  }

  end(): void {
    this.#controller?.close();
  }

  #write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }
}
