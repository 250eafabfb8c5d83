/** One request on its way through the ingress: from the client to a replica, and the answer back. */
import type { Duplex } from 'node:stream';
import type { Served } from './access-log.ts';
import { answerFor } from './answers.ts';
import { RequestBody } from './body.ts';
import type { FrontEvents, FrontRequest } from './front.ts';
import { readResponse, type RequestHead } from './headers.ts';
import type { ServiceCounters } from './metrics.ts';
import { endsEvent, Reply } from './reply.ts';
import type { Group } from './routing.ts';
import type { Place, Surroundings, Watched } from './surroundings.ts';
import { Tunnel } from './tunnel.ts';
import type { Replica, Stream, UpstreamConnection } from './upstream.ts';

type Phase = 'waiting' | 'receiving' | 'sending' | 'answering' | 'streaming' | 'done';

const maxInterim = 16;
const maxHeld = 1_024;

export class Exchange implements FrontEvents, Served, Stream, Watched {
  readonly place: Place;
  readonly head: RequestHead;
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string;
  status = 499;
  service = '-';
  set = '-';
  replica = '';
  retries = 0;

  readonly #around: Surroundings;
  readonly #front: FrontRequest;
  readonly #reply: Reply;
  readonly #startedAt = performance.now();
  #phase: Phase = 'waiting';
  /** Monotonic ms of the last byte in either direction. */
  #movedAt = this.#startedAt;
  #group: Group | undefined;
  #counters: ServiceCounters | undefined;

  readonly #body: RequestBody | undefined;

  #at: Replica | undefined;
  #connection: UpstreamConnection | undefined;
  #failed: Replica | undefined;
  #refusals = 0;
  #abort: ((error?: Error) => void) | undefined;
  #sentAt = 0;
  #connected = false;
  #interim = 0;

  #paused: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #answered = false;
  #endSoon = false;
  #betweenEvents = true;
  #waitingSince = 0;

  constructor(around: Surroundings, front: FrontRequest, head: RequestHead, place: Place) {
    this.#around = around;
    this.#front = front;
    this.#reply = new Reply(front);
    this.place = place;
    this.head = head;
    this.method = front.method;
    this.target = front.target;
    this.remoteAddress = front.remoteAddress;
    this.#body = head.hasBody ? new RequestBody(front, head.contentLength) : undefined;
    front.events = this;
  }

  get bytes(): number {
    return this.#reply.bytes;
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
    else if (this.#body?.settled === false) this.#collect(this.#body);
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
    if (this.#betweenEvents && this.#reply.headSent) this.#endStream();
  }

  // What the client does.

  onBody(chunk: Buffer): void {
    const body = this.#body;
    if (this.#answered || body === undefined) return;
    this.#movedAt = performance.now();
    body.add(chunk);
    if (body.received > this.#around.limits.bodyBytes) this.#answer(413);
    else if (!body.sent && body.complete) this.attempt();
  }

  onBodyEnd(): void {
    const body = this.#body;
    if (this.#answered || body === undefined) return;
    this.#movedAt = performance.now();
    body.finish();
    if (!body.sent) this.attempt();
    else if (this.#phase === 'receiving') this.#phase = 'sending';
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
    this.#reply.prepare(status, reason, response);
    this.#paused = resume;
    // A head of known length waits for its body, which comes with it or soon; any other must not be kept back.
    if (response.contentLength === -1) process.nextTick(() => this.#sendHead());
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#answered) return true;
    this.#movedAt = performance.now();
    const taken = this.#guarded(() => this.#reply.write(chunk)) ?? true;
    if (this.#phase === 'streaming') this.#betweenEvents = endsEvent(chunk);
    if (this.#endSoon && this.#betweenEvents) this.#endStream();
    else if (!taken) this.#resume = this.#paused;
    return taken;
  }

  onComplete(): void {
    this.#letGo(true);
    if (this.#answered) return;
    this.#guarded(() => this.#reply.end());
    if (this.#answered) return;
    this.#answered = true;
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
      this.#reply.bytes = tunnel.bytes;
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
    if (unsendable.has(error.code ?? '')) return this.#answer(400);
    this.#around.metrics.upstreamError(this.#reply.headSent ? 'truncated' : this.#connected ? 'reset' : 'connect');
    if (replica !== undefined) replica.failures += 1;
    if (this.#reply.headSent) this.#cut('upstream');
    else if (!this.#connected) this.#refused(replica);
    else if (this.#repeatable()) this.#again(replica);
    else this.#answer(502);
  }

  /** Sends a head that is still kept back; called at the end of the tick in which it came. */
  #sendHead(): void {
    if (!this.#answered) this.#guarded(() => this.#reply.sendHead());
  }

  /** A head that the front refuses to write (a control character, an impossible status) is the replica's fault. */
  #guarded<T>(write: () => T): T | undefined {
    try {
      return write();
    } catch {
      this.#around.metrics.upstreamError('malformed');
      this.#answer(502);
      return undefined;
    }
  }

  #enter(group: Group): void {
    if (this.#group === group) return;
    this.#group = group;
    this.service = group.service;
    this.set = group.set;
    if (this.#counters !== undefined) this.#counters.inFlight -= 1;
    this.#counters = this.#around.metrics.of(group.service, group.set, group.release);
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
  #collect(body: RequestBody): void {
    if (this.#phase === 'receiving') return;
    this.#phase = 'receiving';
    this.#movedAt = performance.now();
    this.#front.readBody();
    setImmediate(() => {
      if (body.settled || this.#answered) return;
      body.stream();
      this.attempt();
    });
  }

  #send(replica: Replica): void {
    const now = performance.now();
    const { method, head } = this;
    this.#phase = this.#body === undefined || this.#body.complete ? 'sending' : 'receiving';
    this.#reply.reset();
    this.#movedAt = now;
    this.#sentAt = now;
    this.#connected = false;
    this.#at = replica;
    this.replica = replica.id;
    const upgrade = this.#front.upgradable && head.upgrade === 'websocket' ? 'websocket' : undefined;
    const careful = this.retries > 0 || !(method === 'GET' || method === 'HEAD');
    const connection = replica.acquire(now, careful);
    this.#connection = connection;
    const options = { path: this.target, method, headers: head.headers, body: this.#body?.take() ?? null, upgrade: upgrade ?? null };
    connection.client.dispatch(options, this);
  }

  /** Nothing was sent, so any request may go elsewhere. */
  #refused(replica: Replica | undefined): void {
    replica?.eject(performance.now());
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
    this.#reply.bytes = Buffer.byteLength(body);
    this.#stopUpstream();
    this.#front.answer(status, reason, headers, this.method === 'HEAD' ? undefined : body);
    this.#finish();
  }

  /** Breaks off an answer that has begun. */
  #cut(kind: string): void {
    if (this.#answered) return;
    if (!this.#reply.headSent) return this.#answer(502);
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
    this.#body?.discard();
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
