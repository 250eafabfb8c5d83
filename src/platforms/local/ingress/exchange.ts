/** One request on its way through the ingress: from the client to a replica, and the answer back. */
import type { Duplex } from 'node:stream';
import { Account } from './account.ts';
import { answerFor } from './answers.ts';
import { RequestBody } from './body.ts';
import { giveFirst, type FirstAnswer, type KeptBody } from './first-answer.ts';
import type { FrontEvents, FrontRequest } from './front.ts';
import { readResponse, type RequestHead, type ResponseHead } from './headers.ts';
import { Leg } from './leg.ts';
import type { ServiceCounters } from './metrics.ts';
import { isFound } from './other-set.ts';
import { endsEvent, Reply } from './reply.ts';
import type { Place, Placed } from './routing.ts';
import { awaitedMs, type Surroundings, type Watched } from './surroundings.ts';
import { Tunnel } from './tunnel.ts';
import type { Replica, Stream } from './upstream.ts';

type Phase = 'waiting' | 'receiving' | 'sending' | 'answering' | 'streaming' | 'done';

const maxInterim = 16;
const maxHeld = 1_024;

export class Exchange implements FrontEvents, Stream, Watched {
  readonly #around: Surroundings;
  readonly #front: FrontRequest;
  readonly #head: RequestHead;
  readonly #place: Place;
  readonly #account: Account;
  readonly #reply: Reply;
  #phase: Phase = 'waiting';
  /** Monotonic ms of the last byte in either direction. */
  #movedAt = performance.now();
  readonly #body: RequestBody | undefined;
  readonly #leg = new Leg();
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
    this.#head = head;
    this.#place = place;
    this.#account = new Account(around, front, head, place.first);
    this.#body = head.hasBody ? new RequestBody(front, head.contentLength) : undefined;
    front.events = this;
  }

  start(): void {
    this.#around.active.add(this);
    if (this.#head.contentLength > this.#around.limits.bodyBytes) this.#answer(413);
    else this.attempt();
  }

  /** Looks for a replica and sends the request there; called again after a wait. */
  attempt(): void {
    if (this.#answered) return;
    this.#around.held.delete(this);
    const group = this.#around.locate(this.#place);
    if (group === 'elsewhere') return this.#handOver(this.#place);
    if (group !== undefined) this.#account.enter(group);
    const replica = group?.pick(performance.now(), this.#leg.failed);
    if (group === undefined || replica === undefined || this.#leg.refusals >= Math.max(1, group.replicas.length)) this.#wait();
    else if (this.#body?.settled === false) this.#collect(this.#body);
    else this.#send(replica);
  }

  /** Whether `now` is past the deadline of this phase; if so the exchange ends with the status that fits. */
  expire(now: number): void {
    const { limits } = this.#around;
    const still = now - this.#movedAt;
    if (this.#phase === 'waiting' && now - this.#waitingSince >= limits.holdMs) this.#answer(this.#leg.failed === undefined ? 503 : 502);
    else if (this.#phase === 'receiving' && still >= limits.idleTimeoutMs) this.#answer(408);
    else if (this.#phase === 'sending' && still >= limits.responseTimeoutMs) this.#timedOut();
    else if (this.#phase === 'answering' && still >= limits.idleTimeoutMs) this.#break('idle');
  }

  awaited(now: number): ServiceCounters | undefined {
    const asked = this.#phase === 'sending' || this.#phase === 'waiting';
    const answering = this.#phase === 'answering' && this.#body === undefined && this.#resume === undefined;
    const since = asked ? this.#movedAt : answering ? this.#account.startedAt : now;
    return now - since >= awaitedMs ? this.#account.at?.counters : undefined;
  }

  cut(replica?: Replica): void {
    if (this.#answered || (replica !== undefined && replica !== this.#leg.at)) return;
    if (this.#phase === 'waiting') return this.#answer(503);
    this.#around.metrics.upstreamError('drain');
    if (this.#reply.headSent) this.#break('drain');
    else this.#answer(504);
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
    if (this.#phase !== 'streaming') this.#account.status = 499;
    this.#stopUpstream();
    this.#finish();
  }

  // What undici says of the replica.

  onConnect(abort: (error?: Error) => void): void {
    this.#leg.abort = abort;
    this.#leg.connected = true;
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
    this.#account.status = status;
    this.#movedAt = performance.now();
    this.#phase = response.eventStream ? 'streaming' : 'answering';
    this.#paused = resume;
    if (this.#place.first === undefined || isFound(status)) this.#begin(status, reason, response);
    else this.#answer(404);
    return true;
  }

  #begin(status: number, reason: string, response: ResponseHead): void {
    if (response.eventStream) this.#leg.at?.join(this);
    this.#setCookie(response.headers, status);
    this.#reply.prepare(status, reason, response);
    if (status === 404 && this.#mayAskOther(response)) this.#reply.keep(this.#around.twoSets.shelf);
    // A head of known length waits for its body, which comes with it or soon; any other must not be kept back.
    if (response.contentLength === -1) process.nextTick(() => this.#sendHead());
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
    const kept = this.#reply.takeKept();
    if (kept !== undefined) return this.#askOther(kept);
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
    this.#account.status = 101;
    this.#phase = 'streaming';
    this.#answered = true;
    const { headers } = readResponse(raw, 101);
    this.#setCookie(headers, 101);
    const client = this.#front.switchProtocols('Switching Protocols', headers);
    const replica = this.#leg.at;
    const tunnel = new Tunnel(client, socket, () => {
      this.#reply.bytes = tunnel.bytes;
      replica?.streams.delete(tunnel);
      this.#letGo(false);
      this.#finish();
    });
    replica?.join(tunnel);
  }

  onError(error: Error & { code?: string }): void {
    const { connected } = this.#leg;
    const replica = this.#letGo(false);
    if (this.#answered) return;
    if (unsendable.has(error.code ?? '')) return this.#answer(400);
    this.#around.metrics.upstreamError(this.#reply.headSent ? 'truncated' : connected ? 'reset' : 'connect');
    if (replica !== undefined) replica.failures += 1;
    if (this.#reply.headSent) this.#break('upstream');
    else if (!connected) this.#refused(replica);
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

  #setCookie(headers: string[], status: number): void {
    const cookie = this.#around.twoSets.cookie(this.#front, this.#head, this.#place, this.#account.at?.release ?? '', status);
    if (cookie !== undefined) headers.push('Set-Cookie', cookie);
  }

  #mayAskOther({ contentLength }: ResponseHead): boolean {
    const { twoSets } = this.#around;
    const { at } = this.#account;
    return at !== undefined && twoSets.shelf.fits(contentLength) && twoSets.mayAskOther(this.#front, this.#head, this.#place, at);
  }

  #askOther({ reason, headers, kept }: { readonly reason: string; readonly headers: string[]; readonly kept: KeptBody }): void {
    const { at, replica, startedAt } = this.#account;
    const { set, service, counters } = at as Placed;
    this.#handOver({ ...this.#place, first: { set, service, counters, replica, startedAt, reason, headers, body: kept.bytes, kept } });
  }

  #handOver(place: Place): void {
    this.#answered = true;
    this.#around.active.delete(this);
    this.#account.leave();
    this.#around.dispatch(this.#front, this.#head, place);
  }

  #wait(): void {
    // The first answer is there; it need not wait for a better one.
    if (this.#place.first !== undefined) return this.#answer(404);
    if (this.#waitingSince === 0) this.#waitingSince = performance.now();
    this.#phase = 'waiting';
    this.#leg.refusals = 0;
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
    const { method, target: path } = this.#front;
    this.#phase = this.#body === undefined || this.#body.complete ? 'sending' : 'receiving';
    this.#reply.reset();
    this.#movedAt = now;
    this.#account.replica = replica.id;
    const { headers, upgrade } = this.#head;
    const careful = this.#account.retries > 0 || !(method === 'GET' || method === 'HEAD');
    const connection = this.#leg.begin(replica, now, careful);
    const protocol = this.#front.upgradable && upgrade === 'websocket' ? upgrade : null;
    connection.client.dispatch({ path, method, headers, body: this.#body?.take() ?? null, upgrade: protocol }, this);
  }

  /** Nothing was sent, so any request may go elsewhere. */
  #refused(replica: Replica | undefined): void {
    this.#leg.refused(replica);
    this.#account.retries += 1;
    this.attempt();
  }

  #again(replica: Replica | undefined): void {
    this.#leg.failed = replica;
    this.#account.retries += 1;
    this.attempt();
  }

  #repeatable(): boolean {
    const { method } = this.#front;
    return this.#account.retries === 0 && !this.#head.hasBody && (method === 'GET' || method === 'HEAD');
  }

  #timedOut(): void {
    this.#around.metrics.upstreamError('timeout');
    if (this.#leg.at !== undefined) this.#leg.at.failures += 1;
    this.#answer(504);
  }

  #answer(status: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopUpstream();
    const { first } = this.#place;
    if (first === undefined) this.#giveOwn(status);
    else this.#reply.bytes = giveFirst(this.#front, first);
    this.#finish(first);
  }

  #giveOwn(status: number): void {
    const { accept, requestId } = this.#head;
    const { reason, headers, body } = answerFor(status, accept, requestId);
    this.#setCookie(headers, status);
    this.#account.status = status;
    this.#reply.bytes = Buffer.byteLength(body);
    this.#front.answer(status, reason, headers, this.#front.method === 'HEAD' ? undefined : body);
  }

  /** Breaks off an answer that has begun. */
  #break(kind: string): void {
    if (this.#answered) return;
    if (!this.#reply.headSent) return this.#answer(502);
    this.#answered = true;
    this.#account.status = 502;
    if (kind === 'idle') this.#around.metrics.upstreamError(kind);
    this.#account.cut();
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
    this.#leg.abort?.();
    this.#body?.discard();
  }

  #letGo(reusable: boolean): Replica | undefined {
    return this.#leg.end(this, reusable);
  }

  /** @param first its answer was given */
  #finish(first?: FirstAnswer): void {
    this.#phase = 'done';
    this.#around.active.delete(this);
    this.#around.held.delete(this);
    this.#reply.discard();
    this.#account.bytes = this.#reply.bytes;
    if (first === undefined) this.#account.close();
    else this.#account.closeAs(first);
  }
}

/** undici's words for a head that it will not write. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);
