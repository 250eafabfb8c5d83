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
  | { readonly kind: 'service'; readonly service: string; /** undefined: reachable inside only */ readonly prefix?: string; readonly replicas: readonly ReplicaAddress[] }
  | { readonly kind: 'site'; readonly service: string; readonly prefix: string; /** Absolute folder. */ readonly dir: string; readonly fallback?: string };

export interface ReplicaAddress {
  readonly id: string;
  readonly port: number;
  /** ready: takes requests. draining: keeps what it has, gets nothing new. Replicas that are neither are not listed. */
  readonly state: 'ready' | 'draining';
}

/** Requests to the ingress's own Unix socket, one JSON object a line, each answered by one line `{ id, result }` or `{ id, error }`. */
export type IngressRequest =
  | { readonly v: 1; readonly id: number; readonly op: 'table'; readonly table: RoutingTable }
  | { readonly v: 1; readonly id: number; readonly op: 'stats' }
  | { readonly v: 1; readonly id: number; readonly op: 'metrics' }
  /** Resolves when the replica has nothing in flight, or at the deadline with what is left. Idle upstream connections are closed. */
  | { readonly v: 1; readonly id: number; readonly op: 'drained'; readonly replica: string; readonly timeoutMs: number }
  /** Answers `Connection: close`, waits for what is in flight, then ends. */
  | { readonly v: 1; readonly id: number; readonly op: 'stop'; readonly timeoutMs: number };

export interface IngressStats {
  readonly version: number;
  readonly pid: number;
  readonly requests: number;
  readonly inFlight: Readonly<Record<string, number>>;
}
