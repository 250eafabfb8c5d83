/** The ingress as one object: fronts, routing table, deadlines, log and metrics. `main.ts` makes a process of it. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { GantryError } from '../../../errors.ts';
import type { EntryLimits } from '../../../stack/process.ts';
import { accessLine, LogClock, type AccessLog, type Served } from './access-log.ts';
import { Account } from './account.ts';
import { answerFor } from './answers.ts';
import { Exchange } from './exchange.ts';
import { giveFirst, type FirstAnswer } from './first-answer.ts';
import type { Front, FrontRequest } from './front.ts';
import { readHead, type Refusal, type RequestHead } from './headers.ts';
import { exposition, type Gauges } from './exposition.ts';
import { InternalFronts } from './inside.ts';
import { refusedMethod } from './methods.ts';
import { Metrics, type ServiceCounters } from './metrics.ts';
import { NodeFront } from './node-front.ts';
import { originForm, routablePath } from './paths.ts';
import { badTarget, badUpgrade, nothingHere, overloaded, unread } from './refusals.ts';
import { internalAddresses, isGroup, Router, type Group, type Place, type SetName } from './routing.ts';
import { SiteExchange } from './site.ts';
import type { InheritedSocket } from './start.ts';
import type { Surroundings, Watched } from './surroundings.ts';
import type { IngressStats, RoutingTable } from './table.ts';
import { TwoSets } from './two-sets.ts';

export interface IngressOptions {
  /** Without one nothing is logged. */
  readonly log?: AccessLog;
  /** From 0 to below 100; decides which set gets a request. */
  readonly draw?: () => number;
  readonly maxConnections?: number;
  /** Listening sockets of internal addresses. */
  readonly inherited?: readonly InheritedSocket[];
}

const sweepMs = 250;
const maxActive = 10_000;
/** Clients must have seen `Connection: close` before idle connections go. */
const idleGraceMs = 1_500;
const tidyMs = 60_000;
/** What is said when the time is over reaches the clients before their connections go. */
const lastWordsMs = 100;

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
  readonly #router = new Router(this.metrics);
  readonly twoSets = new TwoSets(this.#router);
  readonly #front: Front;
  readonly #inside: InternalFronts;
  #prepared: RoutingTable | undefined;
  readonly #log: AccessLog | undefined;
  readonly #clock = new LogClock();
  readonly #draw: () => number;
  readonly #maxConnections: number;
  readonly #sweeper: NodeJS.Timeout;
  #setKey = Buffer.alloc(0);
  #tidiedAt = 0;

  constructor(options: IngressOptions = {}) {
    this.#log = options.log;
    this.#draw = options.draw ?? (() => Math.random() * 100);
    this.#maxConnections = options.maxConnections ?? 16_000;
    this.#front = this.#newFront();
    this.#inside = new InternalFronts((port) => this.#newFront(port), options.inherited ?? []);
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
  }

  /** Resolves with the port of the public entry. */
  async listen(where: { readonly fd: number } | { readonly port: number; readonly host: string }): Promise<number> {
    const port = await this.#front.listen(where);
    this.twoSets.port = port;
    return port;
  }

  /**
   * Keeps a table for `commit`; resolves when its internal addresses listen.
   * @throws GantryError GL2002 (older than the one in force), GL2004 (an internal port is taken; the table is kept)
   */
  async prepare(table: RoutingTable): Promise<void> {
    this.#refuseOlder(table.version);
    this.#prepared = table;
    await this.#listenInside();
  }

  /**
   * Puts the prepared table in force in one assignment; a repetition changes nothing.
   * @throws GantryError GL2002 (older than the one in force), GL2006 (not prepared)
   */
  commit(version: number): void {
    const table = this.#prepared;
    this.#refuseOlder(version);
    if (table?.version === version) {
      this.#enforce(table);
      // Whatever could not be listened at, `prepare` has said.
      this.#listenInside().catch(() => undefined);
    } else if (version !== this.#router.version) throw new GantryError('GL2006', `no routing table of version ${version} was prepared`);
  }

  /**
   * Both in one: the table is in force at once. Resolves when its internal addresses listen. The table of the same version may come again.
   * @throws GantryError GL2002 (older than the one in force), GL2004 (in force, but an internal port is taken)
   */
  async apply(table: RoutingTable): Promise<void> {
    this.#refuseOlder(table.version);
    this.#enforce(table);
    await this.#listenInside();
  }

  /** Inherited sockets that no table so far has asked for are closed. */
  closeUnclaimed(): void {
    this.#inside.closeUnclaimed();
  }

  /** Sockets of the internal addresses, for a successor. */
  internalSockets(): InheritedSocket[] {
    return this.#inside.sockets();
  }

  stats(): IngressStats {
    const replicas = [...this.#router.replicas];
    const now = performance.now();
    const awaited = this.#awaited(now);
    return {
      version: this.#router.version,
      pid: process.pid,
      requests: this.metrics.requests,
      inFlight: Object.fromEntries(replicas.map(({ id, inFlight }) => [id, inFlight])),
      connections: this.#connections(),
      held: this.held.size,
      services: this.metrics.services.map((one) => one.toStats(this.#router.roleOf(one.release), awaited.get(one))),
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

  #awaited(now: number): ReadonlyMap<ServiceCounters, number> {
    const numbers = new Map<ServiceCounters, number>();
    for (const exchange of this.active) {
      const counters = exchange.awaited(now);
      if (counters !== undefined) numbers.set(counters, (numbers.get(counters) ?? 0) + 1);
    }
    return numbers;
  }

  /** Prometheus text. */
  metricsText(): string {
    const gauges: Gauges = {
      connections: this.#connections(),
      inFlight: this.active.size,
      held: this.held.size,
      logLinesDropped: this.#log?.dropped ?? 0,
      tableVersion: this.#router.version,
      sets: this.#router.sets,
      otherSet: this.twoSets.asked,
      replicas: [...this.#router.replicas],
    };
    return exposition(this.metrics, gauges);
  }

  /** Resolves when nothing is in flight at the replica; what is left after `timeoutMs` is cut. Resolves with the number of those. */
  async drained(id: string, timeoutMs: number): Promise<number> {
    const replica = this.#router.replica(id);
    if (replica === undefined) return 0;
    const left = await replica.drained(timeoutMs);
    if (left === 0) return 0;
    for (const exchange of Array.from(this.active)) exchange.cut(replica);
    replica.cutStreams();
    return left;
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
    if (left > 0) await this.#lastWords();
    this.destroy();
    await this.#log?.close();
    return left;
  }

  async #lastWords(): Promise<void> {
    for (const exchange of Array.from(this.active)) exchange.cut();
    for (const deadline = performance.now() + lastWordsMs; performance.now() < deadline; await delay(20)) {
      if (this.#connections() === 0) return;
      for (const front of this.#fronts()) front.closeIdle();
    }
  }

  /** Ends at once. */
  destroy(): void {
    clearInterval(this.#sweeper);
    for (const exchange of Array.from(this.active)) exchange.cut();
    for (const front of this.#fronts()) front.destroy();
    this.#inside.stop();
    for (const replica of this.#router.replicas) replica.retire();
  }

  locate(place: Place): Group | 'elsewhere' | undefined {
    if (place.inside !== undefined) return this.#router.groupInside(place.inside);
    const set = this.#router.choose(place);
    const destination = this.#router.route(set, place.path);
    if (destination === undefined) return this.#router.has(set) ? 'elsewhere' : undefined;
    return isGroup(destination) ? destination : 'elsewhere';
  }

  dispatch(front: FrontRequest, head: RequestHead, place: Place): void {
    if (place.inside !== undefined) return new Exchange(this, front, head, place).start();
    const set = this.#router.choose(place);
    const destination = this.#router.route(set, place.path);
    if (destination === undefined && this.#router.has(set)) this.#nothingHere(front, head, place, set);
    else if (destination === undefined || isGroup(destination)) new Exchange(this, front, head, place).start();
    else new SiteExchange(this, front, head, destination, place).start();
  }

  served(served: Served, counters: ServiceCounters, startedAt: number, first?: FirstAnswer): void {
    const ms = performance.now() - startedAt;
    this.metrics.requests += 1;
    counters.served(served.status, ms, served.bytes, served.retries);
    if (first !== undefined) this.twoSets.settle(first, served.status);
    this.#log?.add(accessLine(served, this.#clock.text(Date.now()), ms));
  }

  #nothingHere(front: FrontRequest, head: RequestHead, place: Place, set: SetName): void {
    const { accept, requestId } = head;
    const counters = this.metrics.of('-');
    const { reason, headers, body } = answerFor(404, accept, requestId, nothingHere.reason);
    const cookie = this.twoSets.cookie(front, head, place, '', 404);
    if (cookie !== undefined) headers.push('Set-Cookie', cookie);
    const own = { set, service: '-', replica: '', counters, startedAt: performance.now(), reason, headers, body: Buffer.from(body) };
    if (this.twoSets.mayAskOther(front, head, place, { set, isApi: false })) return this.dispatch(front, head, { ...place, first: own });
    const first = place.first ?? own;
    const account = new Account(this, front, head, place.first);
    this.metrics.reject(404);
    account.bytes = giveFirst(front, first);
    account.closeAs(first);
  }

  /** @param port of an internal address */
  #newFront(port?: number): Front {
    return new NodeFront(
      this.#settings(),
      (request) => this.#serve(request, port === undefined ? undefined : this.#inside.at(port)),
      (status, remoteAddress) => this.#refusedUnread(status, remoteAddress),
    );
  }

  #settings() {
    const { headerBytes, headersTimeoutMs, idleTimeoutMs } = this.limits;
    return { headerBytes, headersTimeoutMs, idleTimeoutMs, maxConnections: this.#maxConnections };
  }

  #serve(front: FrontRequest, inside: Place['inside']): void {
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
    const cookie = this.twoSets.take(head);
    this.dispatch(front, head, { path, drawn: this.#draw(), set: this.#askedSet(head), cookie, inside, first: undefined });
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
    headers.push('Connection', 'close');
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
    this.served(served, this.metrics.of('-'), performance.now());
  }

  #sweep(): void {
    const now = performance.now();
    for (const exchange of this.active) exchange.expire(now);
    for (const front of this.#fronts()) front.sweep(now);
    if (now - this.#tidiedAt > tidyMs) this.#tidy(now);
    this.#wake();
  }

  #wake(): void {
    // An exchange that has to wait on joins the set again, at its end.
    const waiting = Array.from(this.held);
    for (const exchange of waiting) exchange.attempt();
  }

  #fronts(): Front[] {
    return [this.#front, ...this.#inside.fronts];
  }

  #connections(): number {
    return this.#fronts().reduce((sum, front) => sum + front.connections, 0);
  }

  #refuseOlder(version: number): void {
    const { version: inForce } = this.#router;
    if (version < inForce) throw new GantryError('GL2002', `the routing table has version ${version}, but ${inForce} is in force`);
  }

  #enforce(table: RoutingTable): void {
    this.#router.apply(table);
    this.limits = table.limits;
    this.#setKey = Buffer.from(table.setKey);
    if (this.#prepared !== undefined && this.#prepared.version <= table.version) this.#prepared = undefined;
    for (const front of this.#fronts()) front.apply(this.#settings());
    this.#tidy(performance.now());
    this.#wake();
  }

  #tidy(now: number): void {
    this.#tidiedAt = now;
    this.metrics.tidy(new Set(this.#router.sets.map(({ release }) => release)), now);
  }

  /** At the addresses of the table in force and of the one that is prepared. */
  async #listenInside(): Promise<void> {
    await this.#inside.want([this.#router.table, this.#prepared].flatMap((table) => (table === undefined ? [] : internalAddresses(table))));
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
