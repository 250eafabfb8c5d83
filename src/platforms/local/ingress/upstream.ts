/** Connections to replicas: undici speaks HTTP/1.1, one client a connection; which connection a request takes is decided here. */
import Client from 'undici/lib/dispatcher/client.js';

/**
 * Node's servers close a connection that was idle for 5 s. Ours goes first, so that a request never meets the end of one.
 */
const idleMs = 4_000;
/** A request that cannot be repeated only takes a connection that was just in use. */
const freshMs = 1_000;
const connectMs = 3_000;
const maxIdle = 256;
const ejectMs = 1_000;
const maxHeaderBytes = 64 * 1024;

export class UpstreamConnection {
  readonly client: InstanceType<typeof Client>;
  busy = true;
  idleSince = 0;

  constructor(port: number, onIdleClosed: (connection: UpstreamConnection) => void) {
    this.client = new Client(`http://127.0.0.1:${port}`, {
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      keepAliveTimeoutThreshold: 1_000,
      // Every deadline is watched by the sweep.
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: connectMs,
      maxHeaderSize: maxHeaderBytes,
      connect: { keepAlive: false },
    });
    this.client.on('disconnect', () => {
      if (!this.busy) onIdleClosed(this);
    });
  }
}

/** Something long-lived that can be asked to end: an event stream, a tunnel. */
export interface Stream {
  endGently(): void;
  /** Ends it at once. */
  cut(): void;
}

export class Replica {
  readonly id: string;
  readonly port: number;
  readonly service: string;
  draining = false;
  inFlight = 0;
  requests = 0;
  failures = 0;
  /** Sum of the milliseconds of all answered requests. */
  totalMs = 0;
  /** Monotonic ms; before that no request is sent here if another replica can take it. */
  ejectedUntil = 0;
  readonly streams = new Set<Stream>();
  readonly #idle: UpstreamConnection[] = [];
  readonly #waiting = new Set<() => void>();
  #retired = false;
  /** Streams are being ended, over so many ms. */
  #endingOver: number | undefined;

  constructor(id: string, port: number, service: string) {
    this.id = id;
    this.port = port;
    this.service = service;
  }

  /** A connection for one request. `careful`: the request cannot be repeated, so an old idle connection will not do. */
  acquire(now: number, careful: boolean): UpstreamConnection {
    this.inFlight += 1;
    const last = this.#idle.at(-1);
    if (last === undefined || (careful && now - last.idleSince > freshMs)) return new UpstreamConnection(this.port, this.#forget);
    this.#idle.pop();
    last.busy = true;
    return last;
  }

  /** Gives a connection back after its request. */
  release(connection: UpstreamConnection, now: number, reusable: boolean): void {
    this.inFlight -= 1;
    connection.busy = false;
    connection.idleSince = now;
    if (reusable && !this.#retired && this.#idle.length < maxIdle) this.#idle.push(connection);
    else discard(connection);
    if (this.inFlight === 0) this.#becameIdle();
  }

  /** Resolves when nothing is in flight, or after `timeoutMs`, with what is left. No new request may come meanwhile. */
  async drained(timeoutMs: number): Promise<number> {
    this.draining = true;
    this.closeIdle();
    if (this.inFlight > 0 && timeoutMs > 0) {
      this.endStreams(Math.min(timeoutMs / 2, streamSpreadMs));
      await this.#idleWithin(timeoutMs);
    }
    return this.inFlight;
  }

  /** The replica is in no table any more: what is in flight may end, nothing is kept. */
  retire(): void {
    this.#retired = true;
    this.closeIdle();
  }

  revive(draining: boolean): void {
    this.#retired = false;
    this.draining = draining;
    if (!draining) this.#endingOver = undefined;
  }

  /** A stream has begun. One that was asked for before its replica began to end streams is asked to end as well. */
  join(stream: Stream): void {
    this.streams.add(stream);
    if (this.#endingOver !== undefined) endSoon(stream, Math.random() * this.#endingOver);
  }

  /** It does not take connections: others are asked first for a while. */
  eject(now: number): void {
    this.ejectedUntil = now + ejectMs;
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) discard(connection);
  }

  readonly #forget = (connection: UpstreamConnection): void => {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    discard(connection);
  };

  /** Spread over some time, so that all clients do not come back in the same moment. */
  endStreams(spreadMs: number): void {
    const slot = Math.min(streamSlotMs, spreadMs / this.streams.size);
    this.#endingOver = slot * Math.max(1, this.streams.size);
    [...this.streams].forEach((stream, at) => endSoon(stream, slot * (at + Math.random())));
  }

  /** Streams that did not end when they were asked to. */
  cutStreams(): void {
    for (const stream of Array.from(this.streams)) stream.cut();
  }

  async #idleWithin(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  #becameIdle(): void {
    for (const done of this.#waiting) done();
  }
}

const streamSpreadMs = 2_000;
/** A few streams need not wait for each other for long. */
const streamSlotMs = 20;

function endSoon(stream: Stream, ms: number): void {
  setTimeout(() => stream.endGently(), ms);
}

function discard(connection: UpstreamConnection): void {
  connection.client.destroy().catch(ignore);
}

function ignore(): void {
  // A connection that fails while it is thrown away has no one left to tell.
}
