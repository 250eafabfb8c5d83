/** The routing table as the ingress uses it: sets, their routes, the groups of replicas behind them. */
import { pick, setFor } from './balance.ts';
import { byLength, covers, normalPrefix } from './paths.ts';
import type { RoutingTable, SetTable } from './table.ts';
import { Replica } from './upstream.ts';

export type SetName = 'live' | 'next';

/** The replicas of one service in one set. */
export class Group {
  readonly service: string;
  readonly set: SetName;
  readonly release: string;
  readonly replicas: readonly Replica[];
  #turn = 0;

  constructor(service: string, set: SetName, release: string, replicas: readonly Replica[]) {
    this.service = service;
    this.set = set;
    this.release = release;
    this.replicas = replicas;
  }

  pick(now: number, avoid?: Replica): Replica | undefined {
    this.#turn = (this.#turn + 1) % 1_000_000;
    return pick(this.replicas, this.#turn, now, avoid);
  }
}

export interface Site {
  readonly service: string;
  readonly set: SetName;
  readonly release: string;
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
  /** Listed replicas, and others that still have requests in flight. */
  readonly #replicas = new Map<string, Replica>();

  get version(): number {
    return this.#table?.version ?? -1;
  }

  get share(): number {
    return this.#next === undefined ? 0 : (this.#table?.share ?? 0);
  }

  get setKey(): string {
    return this.#table?.setKey ?? '';
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
    this.#retire(listed);
  }

  internalAddresses(): InternalAddress[] {
    const of = (set: SetTable | null | undefined) =>
      (set?.internal ?? []).map(({ service, port }) => ({ service, port, release: set?.release ?? '' }));
    return [...of(this.#table?.next), ...of(this.#table?.live)];
  }

  /** @param drawn from 0 to below 100 */
  choose(drawn: number): SetName {
    return setFor(this.share, drawn);
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
    for (const route of table.routes) {
      if (route.kind === 'site') {
        const prefix = normalPrefix(route.prefix);
        routes.push({
          prefix,
          destination: { service: route.service, set, release: table.release, prefix, dir: route.dir, fallback: route.fallback },
        });
        continue;
      }
      const replicas = route.replicas.map(({ id, port, state }) => this.#known(id, port, route.service, state === 'draining'));
      for (const replica of replicas) listed.add(replica);
      const group = new Group(route.service, set, table.release, replicas);
      groups.set(route.service, group);
      if (route.prefix !== undefined) routes.push({ prefix: normalPrefix(route.prefix), destination: group });
    }
    return { release: table.release, routes: byLength(routes), groups };
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
