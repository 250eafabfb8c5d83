/** A request's way to a replica: the connection it holds there, and what went wrong at others before. */
import type { Replica, Stream, UpstreamConnection } from './upstream.ts';

export class Leg {
  at: Replica | undefined;
  /** Breaks the request off; there once the connection is made. */
  abort: (() => void) | undefined;
  connected = false;
  /** The replica that failed this request last. */
  failed: Replica | undefined;
  /** How many replicas in a row did not take the connection. */
  refusals = 0;
  #connection: UpstreamConnection | undefined;
  #sentAt = 0;

  /** @param careful the request cannot be repeated */
  begin(replica: Replica, now: number, careful: boolean): UpstreamConnection {
    const connection = replica.acquire(now, careful);
    this.at = replica;
    this.connected = false;
    this.#connection = connection;
    this.#sentAt = now;
    return connection;
  }

  /** The replica is done with the request, well or not. Gives the replica. */
  end(stream: Stream, reusable: boolean): Replica | undefined {
    const replica = this.at;
    const connection = this.#connection;
    this.abort = undefined;
    if (replica === undefined || connection === undefined) return undefined;
    this.at = undefined;
    this.#connection = undefined;
    const now = performance.now();
    replica.streams.delete(stream);
    replica.requests += 1;
    replica.totalMs += now - this.#sentAt;
    replica.release(connection, now, reusable);
    return replica;
  }

  /** It did not take the connection, so nothing was sent. */
  refused(replica: Replica | undefined): void {
    replica?.eject(performance.now());
    this.failed = replica;
    this.refusals += 1;
  }
}
