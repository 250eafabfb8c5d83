/** One request on its way through the ingress: from the client to a replica, and the answer back. */
import type { Duplex } from 'node:stream';
import type { EntryLimits } from '../../../stack/process.ts';
import { type Served } from './access-log.ts';
import { answerFor } from './answers.ts';
import { BodySource } from './body.ts';
import type { FrontEvents, FrontRequest } from './front.ts';
import { readResponse, type RequestHead } from './headers.ts';
import type { Metrics, ServiceCounters } from './metrics.ts';
import type { Group } from './routing.ts';
import { Tunnel } from './tunnel.ts';
import type { Replica, Stream, UpstreamConnection } from './upstream.ts';

/** What an exchange needs of the ingress around it. */
export interface Surroundings {
  readonly limits: EntryLimits;
  readonly metrics: Metrics;
  /** Exchanges whose deadlines are watched. */
  readonly active: Set<Exchange>;
  /** The replicas for a request; asked again after every wait, as the table may have changed. `elsewhere`: it is not for replicas. */
  locate(place: Place): Group | 'elsewhere' | undefined;
  /** Starts anew with a request that turned out not to be for replicas. */
  dispatch(front: FrontRequest, head: RequestHead, place: Place): void;
  /** Exchanges that wait for a replica. */
  readonly held: Set<Exchange>;
  served(served: Served, counters: ServiceCounters, startedAt: number): void;
}

/** Reads its destination again after a wait. */
export interface Place {
  readonly path: string;
  /** What was drawn for this request, from 0 to below 100. */
  readonly drawn: number;
  readonly set: 'live' | 'next' | undefined;
  /** It came to an internal address. */
  readonly inside: { readonly release: string; readonly service: string } | undefined;
}

interface PendingHead {
  readonly reason: string;
  readonly headers: string[];
  readonly contentLength: number;
}

type Phase = 'waiting' | 'receiving' | 'sending' | 'answering' | 'streaming' | 'done';

/** A replica that refuses connections is left alone for so long. */
const ejectMs = 1_000;
const maxInterim = 16;
const maxHeld = 1_024;

export class Exchange implements FrontEvents, Served, Stream {
  readonly place: Place;
  readonly head: RequestHead;
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string;
  status = 499;
  bytes = 0;
  service = '-';
  set = '-';
  replica = '';
  retries = 0;

  readonly #around: Surroundings;
  readonly #front: FrontRequest;
  readonly #startedAt = performance.now();
  #phase: Phase = 'waiting';
  /** Monotonic ms of the last byte in either direction. */
  #movedAt = this.#startedAt;
  #group: Group | undefined;
  #counters: ServiceCounters | undefined;

  #body: Buffer | BodySource | null | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  #bodyEnded = false;

  #at: Replica | undefined;
  #connection: UpstreamConnection | undefined;
  #failed: Replica | undefined;
  #refusals = 0;
  #abort: ((error?: Error) => void) | undefined;
  #sentAt = 0;
  #connected = false;
  #interim = 0;

  #pending: PendingHead | undefined;
  #whole: Buffer | undefined;
  #headSent = false;
  #paused: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #answered = false;
  #endSoon = false;
  #betweenEvents = true;
  #waitingSince = 0;

  constructor(around: Surroundings, front: FrontRequest, head: RequestHead, place: Place) {
    this.#around = around;
    this.#front = front;
    this.place = place;
    this.head = head;
    this.method = front.method;
    this.target = front.target;
    this.remoteAddress = front.remoteAddress;
    front.events = this;
  }

  get requestId(): string {
    return this.head.requestId;
  }

  start(): void {
    this.#around.active.add(this);
    if (this.head.contentLength > this.#around.limits.bodyBytes) this.#answer(413);
    else this.attempt();
  }

  /** Looks for a replica and sends the request there; called again after a wait. */
  attempt(): void {
    if (this.#answered) return;
    this.#around.held.delete(this);
    const group = this.#around.locate(this.place);
    if (group === 'elsewhere') return this.#handOver();
    if (group !== undefined) this.#enter(group);
    const replica = group?.pick(performance.now(), this.#failed);
    if (group === undefined || replica === undefined || this.#refusals >= Math.max(1, group.replicas.length)) this.#wait();
    else if (this.head.hasBody && this.#body === undefined) this.#collect();
    else this.#send(replica);
  }

  /** Whether `now` is past the deadline of this phase; if so the exchange ends with the status that fits. */
  expire(now: number): void {
    const { limits } = this.#around;
    const still = now - this.#movedAt;
    if (this.#phase === 'waiting' && now - this.#waitingSince >= limits.holdMs) this.#answer(this.#failed === undefined ? 503 : 502);
    else if (this.#phase === 'receiving' && still >= limits.idleTimeoutMs) this.#answer(408);
    else if (this.#phase === 'sending' && still >= limits.responseTimeoutMs) this.#timedOut();
    else if (this.#phase === 'answering' && still >= limits.idleTimeoutMs) this.#cut('idle');
  }

  /** Ends whatever it is doing, at the end of a stop. */
  cut(): void {
    this.#cut('stopped');
  }

  /** Ends an event stream behind an event, so that the client comes back for the next one. */
  endGently(): void {
    this.#endSoon = true;
    if (this.#betweenEvents && this.#headSent) this.#endStream();
  }

  // What the client does.

  onBody(chunk: Buffer): void {
    if (this.#answered) return;
    this.#received += chunk.length;
    this.#movedAt = performance.now();
    if (this.#received > this.#around.limits.bodyBytes) this.#answer(413);
    else if (this.#body instanceof BodySource) this.#body.add(chunk);
    else {
      this.#chunks.push(chunk);
      if (this.#received === this.head.contentLength) this.#collected();
    }
  }

  onBodyEnd(): void {
    if (this.#answered) return;
    this.#bodyEnded = true;
    this.#movedAt = performance.now();
    if (this.#phase === 'receiving') this.#phase = 'sending';
    if (this.#body instanceof BodySource) this.#body.finish();
    else if (this.#body === undefined) this.#collected();
  }

  onDrain(): void {
    this.#movedAt = performance.now();
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  onClose(): void {
    if (this.#answered) return;
    this.#answered = true;
    if (this.#phase !== 'streaming') this.status = 499;
    this.#stopUpstream();
    this.#finish();
  }

  // What undici says of the replica.

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    this.#connected = true;
    this.#waitingSince = 0;
    if (this.#answered) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, reason: string): boolean {
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > maxInterim) throw new Error('too many interim responses');
      return true;
    }
    const response = readResponse(raw, status);
    this.status = status;
    this.#movedAt = performance.now();
    this.#phase = response.eventStream ? 'streaming' : 'answering';
    if (response.eventStream) this.#at?.streams.add(this);
    this.#pending = { reason, headers: response.headers, contentLength: response.contentLength };
    this.#paused = resume;
    process.nextTick(sendHead, this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#answered) return true;
    this.bytes += chunk.length;
    this.#movedAt = performance.now();
    if (this.#pending !== undefined && chunk.length === this.#pending.contentLength) {
      // The whole body came with the head: both leave in one write.
      this.#whole = chunk;
      return true;
    }
    this.sendHead();
    const taken = this.#front.write(chunk);
    if (this.#phase === 'streaming') this.#betweenEvents = endsEvent(chunk);
    if (this.#endSoon && this.#betweenEvents) this.#endStream();
    else if (!taken) this.#resume = this.#paused;
    return taken;
  }

  onComplete(): void {
    this.#letGo(true);
    if (this.#answered) return;
    this.#answered = true;
    if (this.#pending === undefined) this.#front.end();
    else this.#sendWhole(this.#pending);
    this.#finish();
  }

  onUpgrade(_status: number, raw: Buffer[], socket: Duplex): void {
    if (this.#answered) {
      socket.destroy();
      this.#letGo(false);
      return;
    }
    this.status = 101;
    this.#phase = 'streaming';
    this.#answered = true;
    const client = this.#front.switchProtocols('Switching Protocols', readResponse(raw, 101).headers);
    const replica = this.#at;
    const tunnel = new Tunnel(client, socket, () => {
      this.bytes = tunnel.bytes;
      replica?.streams.delete(tunnel);
      this.#letGo(false);
      this.#finish();
    });
    replica?.streams.add(tunnel);
  }

  onError(error: Error & { code?: string }): void {
    const replica = this.#at;
    this.#letGo(false);
    if (this.#answered) return;
    const kind = this.#connected ? 'reset' : 'connect';
    if (unsendable.has(error.code ?? '')) return this.#answer(400);
    this.#around.metrics.upstreamError(this.#headSent ? 'truncated' : kind);
    if (replica !== undefined) replica.failures += 1;
    if (this.#headSent) this.#cut('upstream');
    else if (!this.#connected) this.#refused(replica);
    else if (this.#repeatable()) this.#again(replica);
    else this.#answer(502);
  }

  /** Sends a head that is still kept back; called once more at the end of the tick in which it came. */
  sendHead(): void {
    const pending = this.#pending;
    if (pending === undefined || this.#answered || this.#whole !== undefined) return;
    this.#pending = undefined;
    this.#guarded(() => {
      this.#headSent = true;
      this.#front.head(this.status, pending.reason, pending.headers);
    });
  }

  #sendWhole({ reason, headers }: PendingHead): void {
    this.#guarded(() => {
      this.#headSent = true;
      this.#front.answer(this.status, reason, headers, this.#whole);
    });
  }

  /** A head that the front refuses to write (a control character, an impossible status) is the replica's fault. */
  #guarded(write: () => void): void {
    try {
      write();
    } catch {
      this.#headSent = false;
      this.#answered = false;
      this.#around.metrics.upstreamError('malformed');
      this.#answer(502);
    }
  }

  #enter(group: Group): void {
    if (this.#group === group) return;
    this.#group = group;
    this.service = group.service;
    this.set = group.set;
    if (this.#counters !== undefined) this.#counters.inFlight -= 1;
    this.#counters = this.#around.metrics.of(group.service, group.set);
    this.#counters.inFlight += 1;
  }

  #handOver(): void {
    this.#answered = true;
    this.#around.active.delete(this);
    if (this.#counters !== undefined) this.#counters.inFlight -= 1;
    this.#around.dispatch(this.#front, this.head, this.place);
  }

  #wait(): void {
    if (this.#waitingSince === 0) this.#waitingSince = performance.now();
    this.#phase = 'waiting';
    this.#refusals = 0;
    if (this.#around.held.size >= maxHeld) return this.#answer(503);
    this.#around.held.add(this);
    this.#around.metrics.held += 1;
  }

  /** Takes what has arrived of the body; if that is all of it, the replica gets it in one piece. */
  #collect(): void {
    if (this.#phase === 'receiving') return;
    this.#phase = 'receiving';
    this.#movedAt = performance.now();
    this.#front.readBody();
    setImmediate(() => {
      if (this.#body !== undefined || this.#answered) return;
      const source = new BodySource(this.#front);
      this.#body = source;
      for (const chunk of this.#chunks.splice(0)) source.add(chunk);
      this.attempt();
    });
  }

  #collected(): void {
    if (this.#body !== undefined) return;
    this.#body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bodyEnded = true;
    this.attempt();
  }

  #send(replica: Replica): void {
    const now = performance.now();
    const { method, head } = this;
    this.#phase = this.#body instanceof BodySource && !this.#bodyEnded ? 'receiving' : 'sending';
    this.#movedAt = now;
    this.#sentAt = now;
    this.#connected = false;
    this.#at = replica;
    this.replica = replica.id;
    const upgrade = this.#front.upgradable && head.upgrade === 'websocket' ? 'websocket' : undefined;
    const careful = this.retries > 0 || !(method === 'GET' || method === 'HEAD');
    const connection = replica.acquire(now, careful);
    this.#connection = connection;
    const options = { path: this.target, method, headers: head.headers, body: this.#body ?? null, upgrade };
    connection.client.dispatch(
      options as Parameters<typeof connection.client.dispatch>[0],
      this as Parameters<typeof connection.client.dispatch>[1],
    );
  }

  /** Nothing was sent, so any request may go elsewhere. */
  #refused(replica: Replica | undefined): void {
    if (replica !== undefined) replica.ejectedUntil = performance.now() + ejectMs;
    this.#failed = replica;
    this.#refusals += 1;
    this.retries += 1;
    this.attempt();
  }

  #again(replica: Replica | undefined): void {
    this.#failed = replica;
    this.retries += 1;
    this.attempt();
  }

  #repeatable(): boolean {
    return this.retries === 0 && !this.head.hasBody && (this.method === 'GET' || this.method === 'HEAD');
  }

  #timedOut(): void {
    this.#around.metrics.upstreamError('timeout');
    if (this.#at !== undefined) this.#at.failures += 1;
    this.#answer(504);
  }

  #answer(status: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.status = status;
    const { reason, headers, body } = answerFor(status, this.head.accept, this.requestId);
    this.bytes = Buffer.byteLength(body);
    this.#stopUpstream();
    this.#front.answer(status, reason, headers, this.method === 'HEAD' ? undefined : body);
    this.#finish();
  }

  /** Breaks off an answer that has begun. */
  #cut(kind: string): void {
    if (this.#answered) return;
    if (!this.#headSent) return this.#answer(502);
    this.#answered = true;
    this.status = 502;
    if (kind === 'idle') this.#around.metrics.upstreamError(kind);
    this.#stopUpstream();
    this.#front.abort();
    this.#finish();
  }

  #endStream(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopUpstream();
    this.#front.end();
    this.#finish();
  }

  #stopUpstream(): void {
    this.#abort?.();
    if (this.#body instanceof BodySource) this.#body.destroy();
  }

  /** The replica is done with this request, well or not. */
  #letGo(reusable: boolean): void {
    const replica = this.#at;
    const connection = this.#connection;
    this.#abort = undefined;
    if (replica === undefined || connection === undefined) return;
    this.#at = undefined;
    this.#connection = undefined;
    const now = performance.now();
    replica.streams.delete(this);
    replica.requests += 1;
    replica.totalMs += now - this.#sentAt;
    replica.release(connection, now, reusable);
  }

  #finish(): void {
    this.#phase = 'done';
    this.#around.active.delete(this);
    this.#around.held.delete(this);
    const counters = this.#counters ?? this.#around.metrics.of('-', '-');
    if (this.#counters !== undefined) counters.inFlight -= 1;
    this.#counters = undefined;
    this.#around.served(this, counters, this.#startedAt);
  }
}

/** undici's words for a head that it will not write. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

function sendHead(exchange: Exchange): void {
  exchange.sendHead();
}

function endsEvent(chunk: Buffer): boolean {
  const end = chunk.length;
  return chunk[end - 1] === 10 && (chunk[end - 2] === 10 || (chunk[end - 2] === 13 && chunk[end - 3] === 10));
}
