/**
 * What the supervisor tells the ingress: the whole routing table, replaced in one assignment. It is also kept in a file (0600), which a
 * restarted ingress reads before it hears from anybody.
 */
import type { EntryLimits } from '../../../stack/process.ts';
import type { IngressStart } from './start.ts';

export interface RoutingTable {
  /** Grows with every change; an older one is refused. */
  readonly version: number;
  readonly limits: EntryLimits;
  /** Percent of requests to the next set. */
  readonly share: number;
  /** Value of the `x-gantry-set-key` header that lets smoke checks choose a set by `x-gantry-set: live|next`. Both are stripped. */
  readonly setKey: string;
  readonly live: SetTable | null;
  readonly next: SetTable | null;
}

export interface SetTable {
  readonly release: string;
  readonly routes: readonly RouteTable[];
  /** Addresses for `${service.url}`: the ingress listens on 127.0.0.1:port and sends everything to that service of this set. */
  readonly internal: readonly { readonly service: string; readonly port: number }[];
}

export type RouteTable =
  | {
      readonly kind: 'service';
      readonly service: string;
      /** undefined: reachable inside only */ readonly prefix?: string;
      readonly replicas: readonly ReplicaAddress[];
    }
  | {
      readonly kind: 'site';
      readonly service: string;
      readonly prefix: string;
      /** Absolute folder. */ readonly dir: string;
      readonly fallback?: string;
    };

export interface ReplicaAddress {
  readonly id: string;
  readonly port: number;
  /** ready: takes requests. draining: keeps what it has, gets nothing new. Replicas that are neither are not listed. */
  readonly state: 'ready' | 'draining';
}

/** Requests to the ingress's own Unix socket, one JSON object a line, each answered by one line `{ id, result }` or `{ id, error }`. */
export type IngressRequest =
  /**
   * Both phases of a switch in one. Resolves with { version } when the table is in force and the internal addresses listen; GL2001 (wrong
   * table), GL2002 (older than the one in force), GL2004 (in force, but an internal port is taken). The same version may come again.
   */
  | { readonly v: 1; readonly id: number; readonly op: 'table'; readonly table: RoutingTable }
  /**
   * First phase: the table is checked and kept, its internal addresses listen beside those in force, nothing is routed by it yet. Resolves
   * with { version }; GL2001, GL2002, and GL2004 as above: the table is kept all the same. One table is kept, the one that came last.
   */
  | { readonly v: 1; readonly id: number; readonly op: 'prepare'; readonly table: RoutingTable }
  /**
   * Second phase: the kept table of that version comes into force in one assignment. Resolves with { version }, also for the version that is
   * in force already; GL2002 (older than that), GL2006 (not prepared).
   */
  | { readonly v: 1; readonly id: number; readonly op: 'commit'; readonly version: number }
  /** Resolves with IngressStats. */
  | { readonly v: 1; readonly id: number; readonly op: 'stats' }
  /** Resolves with { text }, Prometheus text exposition. */
  | { readonly v: 1; readonly id: number; readonly op: 'metrics' }
  /**
   * Resolves with { left } when the replica has nothing in flight. Idle upstream connections are closed, event streams end behind an event,
   * WebSockets with 1012. What is left at the deadline is cut: 504 where nothing was answered yet, a broken connection elsewhere.
   */
  | { readonly v: 1; readonly id: number; readonly op: 'drained'; readonly replica: string; readonly timeoutMs: number }
  /** The supervisor is about to leave and wants no successor. Resolves with {}; holds until another supervisor answers or sends a table. */
  | { readonly v: 1; readonly id: number; readonly op: 'standby' }
  /**
   * Starts a successor that inherits the listening sockets of the public entry and of the internal addresses, so that neither refuses anybody
   * while one takes over from the other. Resolves with { pid }; the successor serves once its own control socket answers. Both serve until
   * this one is stopped.
   */
  | {
      readonly v: 1;
      readonly id: number;
      readonly op: 'succeed';
      readonly argv: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly start: IngressStart;
      /** Its output is appended there. */ readonly logFile?: string;
    }
  /** Answers `Connection: close`, waits for what is in flight, resolves with { left }: what had to be cut at the deadline. Then it ends. */
  | { readonly v: 1; readonly id: number; readonly op: 'stop'; readonly timeoutMs: number };

export interface IngressStats {
  /** Of the table in force; -1 before the first. */
  readonly version: number;
  readonly pid: number;
  /** Answered since the process started. */
  readonly requests: number;
  /** By replica id; a replica that is no longer listed stays while it has requests. */
  readonly inFlight: Readonly<Record<string, number>>;
  /** Open client connections. */
  readonly connections: number;
  /** Requests that wait for a replica. */
  readonly held: number;
  readonly services: readonly ServiceStats[];
  readonly replicas: readonly ReplicaStats[];
}

/**
 * What a service of a release has served; (service, release) is the key. Counters only grow, also when the release changes its set; a
 * consumer works with differences. A release that has been in no set for a while is no longer listed.
 */
export interface ServiceStats {
  /** `-` for requests that reached no service. */
  readonly service: string;
  /** What the release is at the moment: `live`, `next`, `retired`; `-` where there is none. */
  readonly set: string;
  /** Of the set that answered; empty when none did. */
  readonly release: string;
  readonly requests: number;
  readonly inFlight: number;
  /** Of those in flight: answers that a replica has owed for a second or longer, streams left out; 0 without it. */
  readonly awaited?: number;
  /** Answers by class: 1xx, 2xx, 3xx, 4xx, 5xx. An answer that was cut counts as 5xx, whatever its head said. */
  readonly byClass: readonly number[];
  /** Of the 5xx: answers that were cut after their head was sent. */
  readonly cut: number;
  /** Requests by duration: up to 1, 2, 5, 10, 25, 50, 100, 250, 500, 1,000, 2,500, 5,000, 10,000, 30,000 ms, and longer. */
  readonly buckets: readonly number[];
  readonly totalMs: number;
  readonly bytes: number;
  readonly retries: number;
}

export interface ReplicaStats {
  readonly id: string;
  readonly service: string;
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  readonly totalMs: number;
  /** It refuses connections and is skipped for the moment. */
  readonly ejected: boolean;
}
