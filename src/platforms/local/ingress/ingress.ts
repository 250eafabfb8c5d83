/** The ingress as one object: fronts, routing table, deadlines, log and metrics. `main.ts` makes a process of it. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { GantryError } from '../../../errors.ts';
import type { EntryLimits } from '../../../stack/process.ts';
import { accessLine, LogClock, type AccessLog, type Served } from './access-log.ts';
import { answerFor } from './answers.ts';
import { Exchange } from './exchange.ts';
import type { Front, FrontRequest } from './front.ts';
import { readHead, type Refusal, type RequestHead } from './headers.ts';
import { refusedMethod } from './methods.ts';
import { exposition, Metrics, type Gauges, type ServiceCounters } from './metrics.ts';
import { NodeFront } from './node-front.ts';
import { originForm, pathOf, routablePath } from './paths.ts';
import { isGroup, Router, type Group, type InternalAddress, type SetName } from './routing.ts';
import { SiteExchange } from './site.ts';
import type { Place, Surroundings, Watched } from './surroundings.ts';
import type { IngressStats, RoutingTable } from './table.ts';

export interface IngressOptions {
  /** Without one nothing is logged. */
  readonly log?: AccessLog;
  /** From 0 to below 100; decides which set gets a request. */
  readonly draw?: () => number;
  readonly maxConnections?: number;
}

const sweepMs = 250;
const maxActive = 10_000;
/** Clients must have seen `Connection: close` before idle connections go. */
const idleGraceMs = 1_500;
const internalRetryMs = 10;
const internalWaitMs = 3_000;
const retireMs = 30_000;

export const defaultLimits: EntryLimits = {
  headerBytes: 16 * 1024,
  bodyBytes: 100 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  responseTimeoutMs: 60_000,
  holdMs: 10_000,
};

export class Ingress implements Surroundings {
  limits: EntryLimits = defaultLimits;
  readonly metrics = new Metrics();
  readonly active = new Set<Watched>();
  readonly held = new Set<Watched>();
  readonly #router = new Router();
  readonly #front: Front;
  /** By port. */
  readonly #internal = new Map<number, Front>();
  #inside = new Map<number, InternalAddress>();
  readonly #log: AccessLog | undefined;
  readonly #clock = new LogClock();
  readonly #draw: () => number;
  readonly #maxConnections: number;
  readonly #sweeper: NodeJS.Timeout;
  #setKey = Buffer.alloc(0);

  constructor(options: IngressOptions = {}) {
    this.#log = options.log;
    this.#draw = options.draw ?? (() => Math.random() * 100);
    this.#maxConnections = options.maxConnections ?? 16_000;
    this.#front = this.#newFront();
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
  }

  /** Resolves with the port of the public entry. */
  async listen(where: { readonly fd: number } | { readonly port: number; readonly host: string }): Promise<number> {
    return this.#front.listen(where);
  }

  /**
   * Puts a table in force; resolves when its internal addresses listen. The table of the same version may come again.
   * @throws GantryError GL2002 (older than the one in force), GL2004 (an internal port is taken)
   */
  async apply(table: RoutingTable): Promise<void> {
    if (table.version < this.#router.version) {
      throw new GantryError('GL2002', `the routing table has version ${table.version}, but ${this.#router.version} is in force`);
    }
    this.#router.apply(table);
    this.limits = table.limits;
    this.#setKey = Buffer.from(table.setKey);
    for (const front of this.#fronts()) front.apply(this.#settings());
    this.#wake();
    await this.#listenInside();
  }

  stats(): IngressStats {
    const replicas = [...this.#router.replicas];
    const now = performance.now();
    return {
      version: this.#router.version,
      pid: process.pid,
      requests: this.metrics.requests,
      inFlight: Object.fromEntries(replicas.map(({ id, inFlight }) => [id, inFlight])),
      connections: this.#connections(),
      held: this.held.size,
      services: this.metrics.services.map((one) => one.toJSON()),
      replicas: replicas.map(({ id, service, inFlight, requests, failures, totalMs, ejectedUntil }) => ({
        id,
        service,
        inFlight,
        requests,
        failures,
        totalMs,
        ejected: ejectedUntil > now,
      })),
    };
  }

  /** Prometheus text. */
  metricsText(): string {
    const gauges: Gauges = {
      connections: this.#connections(),
      inFlight: this.active.size,
      held: this.held.size,
      logLinesDropped: this.#log?.dropped ?? 0,
      tableVersion: this.#router.version,
      replicas: [...this.#router.replicas],
    };
    return exposition(this.metrics, gauges);
  }

  /** Resolves with what is left in flight at the replica when that is nothing, or after `timeoutMs`. */
  async drained(id: string, timeoutMs: number): Promise<number> {
    return (await this.#router.replica(id)?.drained(timeoutMs)) ?? 0;
  }

  /** Serves what is in flight, refuses nothing that was accepted, and ends. Resolves with the number of requests that had to be cut. */
  async stop(timeoutMs: number): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    const fronts = this.#fronts();
    for (const front of fronts) front.stopAccepting();
    await delay(Math.min(idleGraceMs, timeoutMs));
    for (const replica of this.#router.replicas) replica.endStreams(Math.min(idleGraceMs, timeoutMs / 2));
    while (fronts.some((front) => front.connections > 0) && performance.now() < deadline) {
      for (const front of fronts) front.closeIdle();
      await delay(20);
    }
    const left = this.active.size;
    this.destroy();
    await this.#log?.close();
    return left;
  }

  /** Ends at once. */
  destroy(): void {
    clearInterval(this.#sweeper);
    for (const exchange of this.active) exchange.cut();
    for (const front of this.#fronts()) front.destroy();
    for (const replica of this.#router.replicas) replica.retire();
  }

  locate(place: Place): Group | 'elsewhere' | undefined {
    if (place.inside !== undefined) return this.#router.groupInside(place.inside);
    const set = place.set ?? this.#router.choose(place.drawn);
    const destination = this.#router.route(set, place.path);
    if (destination === undefined) return this.#router.has(set) ? 'elsewhere' : undefined;
    return isGroup(destination) ? destination : 'elsewhere';
  }

  dispatch(front: FrontRequest, head: RequestHead, place: Place): void {
    if (place.inside !== undefined) return new Exchange(this, front, head, place).start();
    const set = place.set ?? this.#router.choose(place.drawn);
    const destination = this.#router.route(set, place.path);
    if (destination === undefined && this.#router.has(set)) this.#refuse(front, nothingHere, head);
    else if (destination === undefined || isGroup(destination)) new Exchange(this, front, head, place).start();
    else new SiteExchange(this, front, head, destination).start(pathOf(place.path));
  }

  served(served: Served, counters: ServiceCounters, startedAt: number): void {
    const ms = performance.now() - startedAt;
    this.metrics.requests += 1;
    counters.served(served.status, ms, served.bytes, served.retries);
    this.#log?.add(accessLine(served, this.#clock.text(Date.now()), ms));
  }

  /** @param port of an internal address */
  #newFront(port?: number): Front {
    return new NodeFront(
      this.#settings(),
      (request) => this.#serve(request, port === undefined ? undefined : this.#inside.get(port)),
      (status, remoteAddress) => this.#refusedUnread(status, remoteAddress),
    );
  }

  #settings() {
    const { headerBytes, headersTimeoutMs, idleTimeoutMs } = this.limits;
    return { headerBytes, headersTimeoutMs, idleTimeoutMs, maxConnections: this.#maxConnections };
  }

  #serve(front: FrontRequest, inside: InternalAddress | undefined): void {
    const refused = refusedMethod(front.method);
    if (refused !== undefined) return this.#refuse(front, refused);
    const head = readHead(front, randomUUID);
    if ('status' in head) return this.#refuse(front, head);
    const target = originForm(front.target, head.host);
    const path = target === undefined ? undefined : routablePath(target);
    if (target === undefined || path === undefined) return this.#refuse(front, badTarget);
    if (front.upgradable && head.hasBody) return this.#refuse(front, badUpgrade);
    if (this.active.size >= maxActive) return this.#refuse(front, overloaded, head);
    front.target = target;
    this.dispatch(front, head, { path, drawn: this.#draw(), set: this.#askedSet(head), inside });
  }

  /** The set that a smoke check asks for; only who knows the key may. */
  #askedSet({ set, setKey }: RequestHead): SetName | undefined {
    if ((set !== 'live' && set !== 'next') || setKey === undefined || this.#setKey.length === 0) return undefined;
    const given = Buffer.from(setKey);
    return given.length === this.#setKey.length && timingSafeEqual(given, this.#setKey) ? set : undefined;
  }

  #refuse(front: FrontRequest, refusal: Refusal, head?: RequestHead): void {
    const { status } = refusal;
    const id = head?.requestId ?? '';
    const { reason, headers, body } = answerFor(status, head?.accept ?? '', id, refusal.reason);
    if (status !== 404) headers.push('Connection', 'close');
    front.answer(status, reason, headers, front.method === 'HEAD' ? undefined : body);
    this.#refused({
      ...unread,
      method: front.method,
      target: front.target,
      remoteAddress: front.remoteAddress,
      status,
      bytes: Buffer.byteLength(body),
      requestId: id,
    });
  }

  #refusedUnread(status: number, remoteAddress: string): void {
    this.#refused({ ...unread, status, remoteAddress });
  }

  #refused(served: Served): void {
    this.metrics.reject(served.status);
    this.served(served, this.metrics.of('-', '-'), performance.now());
  }

  #sweep(): void {
    const now = performance.now();
    for (const exchange of this.active) exchange.expire(now);
    for (const front of this.#fronts()) front.sweep(now);
    this.#wake();
  }

  #wake(): void {
    // An exchange that has to wait on joins the set again, at its end.
    const waiting = Array.from(this.held);
    for (const exchange of waiting) exchange.attempt();
  }

  #fronts(): Front[] {
    return [this.#front, ...this.#internal.values()];
  }

  #connections(): number {
    return this.#fronts().reduce((sum, front) => sum + front.connections, 0);
  }

  async #listenInside(): Promise<void> {
    this.#inside = new Map(this.#router.internalAddresses().map((address) => [address.port, address]));
    for (const [port, front] of this.#internal) {
      if (this.#inside.has(port)) continue;
      this.#internal.delete(port);
      retire(front);
    }
    await Promise.all([...this.#inside.values()].filter(({ port }) => !this.#internal.has(port)).map((address) => this.#listenAt(address)));
  }

  /** An ingress that is being replaced gives its internal ports up a moment later. */
  async #listenAt({ port, service }: InternalAddress): Promise<void> {
    const front = this.#newFront(port);
    this.#internal.set(port, front);
    for (const deadline = performance.now() + internalWaitMs; this.#internal.get(port) === front; await delay(internalRetryMs)) {
      try {
        await front.listen({ port, host: '127.0.0.1' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && performance.now() < deadline) continue;
        this.#internal.delete(port);
        throw new GantryError('GL2004', `cannot listen on 127.0.0.1:${port} for ${service}`, { cause: error });
      }
    }
  }
}

const unread: Served = {
  method: '-',
  target: '-',
  status: 400,
  bytes: 0,
  service: '-',
  set: '-',
  replica: '',
  requestId: '',
  remoteAddress: '',
  retries: 0,
};
const badTarget: Refusal = { status: 400, reason: 'The address of the request is malformed.' };
const badUpgrade: Refusal = { status: 400, reason: 'A request with a body cannot change the protocol.' };
const overloaded: Refusal = { status: 503, reason: 'Too many requests are being served at the moment.' };
const nothingHere: Refusal = { status: 404, reason: 'Nothing is served at this address.' };

/** Lets a front that is no longer wanted serve what it has. */
function retire(front: Front): void {
  front.stopAccepting();
  setTimeout(() => front.closeIdle(), idleGraceMs);
  setTimeout(() => front.destroy(), retireMs).unref();
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
