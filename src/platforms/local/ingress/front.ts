/** What the ingress needs of an HTTP server library, so that another one can take its place. */
import type { Duplex } from 'node:stream';
import type { HeadSource } from './headers.ts';

/** Hears what the client does while its request is served. */
export interface FrontEvents {
  onBody(chunk: Buffer): void;
  onBodyEnd(): void;
  /** The client takes bytes again after `write` said false. */
  onDrain(): void;
  /** The connection is free or gone; called once, after `end` or when the client left. */
  onClose(): void;
}

/** One request and the way to answer it. Header lists hold names and values in turn. */
export interface FrontRequest extends HeadSource {
  /** As on the request line, until the ingress has made an origin-form of it. */
  target: string;
  readonly expectsContinue: boolean;
  /** The connection can be taken over by `switchProtocols`. */
  readonly upgradable: boolean;
  /** Whether the whole request, with its body, has arrived. */
  readonly complete: boolean;
  /** Set before anything else is called. */
  events: FrontEvents | undefined;

  /** Starts the body, after `100 Continue` if the client waits for it. */
  readBody(): void;
  pauseBody(): void;
  resumeBody(): void;

  head(status: number, reason: string, headers: string[]): void;
  /** False: wait for onDrain. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** Head and whole body in one go. */
  answer(status: number, reason: string, headers: string[], body: Buffer | string | undefined): void;
  /** Answers 101 and hands over the connection, with bytes that came early put back. */
  switchProtocols(reason: string, headers: readonly string[]): Duplex;
  /** Breaks the connection: the client must see that the answer is cut. */
  abort(): void;
}

export interface FrontSettings {
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
}

/** A request that was refused before it could be read. */
export type OnRefused = (status: number, remoteAddress: string) => void;

export interface Front {
  /** Resolves with the port. */
  listen(where: { readonly fd: number } | { readonly port: number; readonly host: string }): Promise<number>;
  apply(settings: FrontSettings): void;
  readonly connections: number;
  /** Of its listening socket, for a successor to inherit; undefined when it does not listen. */
  readonly descriptor: number | undefined;
  /** Closes what has been idle for too long; `now` is monotonic, in ms. */
  sweep(now: number): void;
  /** No new connections; those that exist are told to close with their next answer. */
  stopAccepting(): void;
  /** Closes connections on which no request is being served, or about to arrive. */
  closeIdle(): void;
  /** Closes everything at once. */
  destroy(): void;
}
