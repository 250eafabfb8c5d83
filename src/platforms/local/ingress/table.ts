/**
 * What the supervisor tells the ingress: the whole routing table, replaced in one assignment. It is also kept in a file (0600), which a
 * restarted ingress reads before it hears from anybody.
 */
import type { EntryLimits } from '../../../stack/process.ts';

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
  /** Resolves with { version } when the table is in force and the internal addresses listen. */
  | { readonly v: 1; readonly id: number; readonly op: 'table'; readonly table: RoutingTable }
  /** First phase of a switch: the table is checked, its internal addresses listen, nothing is routed by it yet. Resolves with { version }. */
  | { readonly v: 1; readonly id: number; readonly op: 'prepare'; readonly table: RoutingTable }
  /** Second phase: the prepared table of that version comes into force in one assignment. Resolves with { version }. */
  | { readonly v: 1; readonly id: number; readonly op: 'commit'; readonly version: number }
  /** Resolves with IngressStats. */
  | { readonly v: 1; readonly id: number; readonly op: 'stats' }
  /** Resolves with { text }, Prometheus text exposition. */
  | { readonly v: 1; readonly id: number; readonly op: 'metrics' }
  /**
   * Resolves with { left } when the replica has nothing in flight, or at the deadline with what is left. Idle upstream connections are
   * closed, event streams and WebSockets are asked to end.
   */
  | { readonly v: 1; readonly id: number; readonly op: 'drained'; readonly replica: string; readonly timeoutMs: number }
  /** The supervisor is about to leave and wants no successor. Resolves with {}; holds until another supervisor answers or sends a table. */
  | { readonly v: 1; readonly id: number; readonly op: 'standby' }
  /** Answers `Connection: close`, waits for what is in flight, resolves with { left }, then ends. */
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

/** Counters only grow; a consumer works with differences. */
export interface ServiceStats {
  /** `-` for requests that reached no service. */
  readonly service: string;
  readonly set: string;
  /** Of the set that answered; empty when none did. */
  readonly release: string;
  readonly requests: number;
  readonly inFlight: number;
  /** Answers by class: 1xx, 2xx, 3xx, 4xx, 5xx. */
  readonly byClass: readonly number[];
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
