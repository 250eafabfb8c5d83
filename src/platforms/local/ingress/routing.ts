/** The routing table as the ingress uses it: sets, their routes, the groups of replicas behind them. */
import { cookieValue } from './assignment.ts';
import { pick, setFor } from './balance.ts';
import type { FirstAnswer } from './first-answer.ts';
import type { Metrics, ServiceCounters } from './metrics.ts';
import { byLength, covers, normalPrefix } from './paths.ts';
import type { RoutingTable, SetTable } from './table.ts';
import { Replica } from './upstream.ts';

export type SetName = 'live' | 'next';

/** All that decides where a request goes; read again after a wait, as the table may have changed. */
export interface Place {
  readonly path: string;
  /** What was drawn for this request, from 0 to below 100. */
  readonly drawn: number;
  /** The set that a smoke check asked for. */
  readonly set: SetName | undefined;
  /** Value of the ingress's own cookie. */
  readonly cookie: string | undefined;
  /** It came to an internal address. */
  readonly inside: { readonly release: string; readonly service: string } | undefined;
  /** One set has answered with 404; the other one is asked. */
  readonly first: FirstAnswer | undefined;
}

/** The replicas of one service in one set. */
export class Group implements Placed {
  readonly service: string;
  readonly set: SetName;
  readonly release: string;
  readonly replicas: readonly Replica[];
  readonly counters: ServiceCounters;
  readonly isApi: boolean;
  #turn = 0;

  constructor(placed: Placed, replicas: readonly Replica[]) {
    this.service = placed.service;
    this.set = placed.set;
    this.release = placed.release;
    this.counters = placed.counters;
    this.isApi = placed.isApi;
    this.replicas = replicas;
  }

  pick(now: number, avoid?: Replica): Replica | undefined {
    this.#turn = (this.#turn + 1) % 1_000_000;
    return pick(this.replicas, this.#turn, now, avoid);
  }
}

/** Who serves a request. */
export interface Placed {
  readonly service: string;
  readonly set: SetName;
  readonly release: string;
  readonly counters: ServiceCounters;
  /** A service whose route lies below another one of its set. */
  readonly isApi: boolean;
}

export interface Site extends Placed {
  readonly prefix: string;
  readonly dir: string;
  readonly fallback: string | undefined;
}

export type Destination = Group | Site;

export function isGroup(destination: Destination): destination is Group {
  return destination instanceof Group;
}

interface RoutedSet {
  readonly release: string;
  /** Value of the cookie that stands for it. */
  readonly cookie: string;
  readonly routes: readonly { readonly prefix: string; readonly destination: Destination }[];
  readonly groups: ReadonlyMap<string, Group>;
}

/** An address inside: everything that comes there goes to one service of one release, whichever set that release is. */
export interface InternalAddress {
  readonly port: number;
  readonly release: string;
  readonly service: string;
}

export class Router {
  #table: RoutingTable | undefined;
  #live: RoutedSet | undefined;
  #next: RoutedSet | undefined;
  /** The last release that users saw while it was in the next set. */
  #shown = '';
  readonly #metrics: Metrics;
  /** Listed replicas, and others that still have requests in flight. */
  readonly #replicas = new Map<string, Replica>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  get version(): number {
    return this.#table?.version ?? -1;
  }

  get share(): number {
    return this.#next === undefined ? 0 : (this.#table?.share ?? 0);
  }

  /** Users are shared out between two sets. */
  get isCanary(): boolean {
    return this.#live !== undefined && this.share > 0 && this.share < 100;
  }

  /** Users may have pages of either set open, and both sets serve. */
  get isBoth(): boolean {
    return this.#live !== undefined && this.#next !== undefined && this.#next.release === this.#shown;
  }

  get sets(): { readonly set: SetName; readonly release: string }[] {
    const of = (set: SetName, routed: RoutedSet | undefined) => (routed === undefined ? [] : [{ set, release: routed.release }]);
    return [...of('live', this.#live), ...of('next', this.#next)];
  }

  /** What a release is at the moment. */
  roleOf(release: string): SetName | 'retired' | '-' {
    if (release === '') return '-';
    return this.sets.find((one) => one.release === release)?.set ?? 'retired';
  }

  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  replica(id: string): Replica | undefined {
    for (const replica of this.#replicas.values()) if (replica.id === id) return replica;
    return undefined;
  }

  /** Replaces the whole table in one step. Replicas that stay keep their connections and counters. */
  apply(table: RoutingTable): void {
    const listed = new Set<Replica>();
    const live = this.#build(table.live, 'live', listed);
    const next = this.#build(table.next, 'next', listed);
    this.#table = table;
    this.#live = live;
    this.#next = next;
    if (next !== undefined && table.share > 0) this.#shown = next.release;
    this.#retire(listed);
  }

  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /** The set that a request goes to. */
  choose({ set, first, cookie, drawn }: Place): SetName {
    if (set !== undefined) return set;
    if (first !== undefined) return otherSet(first.set);
    return (cookie === undefined ? undefined : this.assigned(cookie)) ?? setFor(this.share, drawn);
  }

  /** The set that a cookie stands for, while users are shared out. */
  assigned(cookie: string): SetName | undefined {
    if (!this.isCanary) return undefined;
    if (this.#live?.cookie === cookie) return 'live';
    return this.#next?.cookie === cookie ? 'next' : undefined;
  }

  route(set: SetName, path: string): Destination | undefined {
    const routes = (set === 'live' ? this.#live : this.#next)?.routes ?? [];
    for (const route of routes) if (covers(route.prefix, path)) return route.destination;
    return undefined;
  }

  has(set: SetName): boolean {
    return (set === 'live' ? this.#live : this.#next) !== undefined;
  }

  groupInside({ release, service }: Omit<InternalAddress, 'port'>): Group | undefined {
    return [this.#live, this.#next].find((set) => set?.release === release)?.groups.get(service);
  }

  #build(table: SetTable | null, set: SetName, listed: Set<Replica>): RoutedSet | undefined {
    if (table === null) return undefined;
    const groups = new Map<string, Group>();
    const routes: { prefix: string; destination: Destination }[] = [];
    const prefixes = new Set(table.routes.flatMap(({ prefix }) => (prefix === undefined ? [] : [normalPrefix(prefix)])));
    for (const route of table.routes) {
      const { service } = route;
      const prefix = route.prefix === undefined ? undefined : normalPrefix(route.prefix);
      const isApi = route.kind === 'service' && prefix !== undefined && isNested(prefix, prefixes);
      const placed = { service, set, release: table.release, counters: this.#metrics.of(service, table.release), isApi };
      if (route.kind === 'site') {
        const destination = { ...placed, prefix: normalPrefix(route.prefix), dir: route.dir, fallback: route.fallback };
        routes.push({ prefix: destination.prefix, destination });
        continue;
      }
      const replicas = route.replicas.map(({ id, port, state }) => this.#known(id, port, service, state === 'draining'));
      for (const replica of replicas) listed.add(replica);
      const group = new Group(placed, replicas);
      groups.set(service, group);
      if (prefix !== undefined) routes.push({ prefix, destination: group });
    }
    return { release: table.release, cookie: cookieValue(table.release), routes: byLength(routes), groups };
  }

  #known(id: string, port: number, service: string, draining: boolean): Replica {
    const key = `${id}:${port}`;
    const replica = this.#replicas.get(key) ?? new Replica(id, port, service);
    this.#replicas.set(key, replica);
    replica.revive(draining);
    return replica;
  }

  #retire(listed: ReadonlySet<Replica>): void {
    for (const [key, replica] of this.#replicas) {
      if (listed.has(replica)) continue;
      replica.retire();
      if (replica.inFlight === 0) this.#replicas.delete(key);
    }
  }
}

export function otherSet(set: SetName): SetName {
  return set === 'live' ? 'next' : 'live';
}

/** Addresses inside the sets of a table. */
export function internalAddresses({ live, next }: Pick<RoutingTable, 'live' | 'next'>): InternalAddress[] {
  const of = (set: SetTable | null) => (set?.internal ?? []).map(({ service, port }) => ({ service, port, release: set?.release ?? '' }));
  return [...of(next), ...of(live)];
}

/** Whether another one of the prefixes covers this one. */
function isNested(prefix: string, prefixes: ReadonlySet<string>): boolean {
  for (let end = prefix.lastIndexOf('/'); end > 0; end = prefix.lastIndexOf('/', end - 1))
    if (prefixes.has(prefix.slice(0, end))) return true;
  return prefix !== '/' && prefixes.has('/');
}
