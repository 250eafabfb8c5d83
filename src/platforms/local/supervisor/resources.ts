/**
 * What the supervisor asks of a kind of resource (`resources/postgres`, `resources/redis`). A driver starts, finds again, checks and
 * stops one server; when and how often that happens (restarts with back-off, adoption after a crash) is decided by the supervisor.
 */
import type { Environment } from '../../../exec/exec.ts';
import type { Secret } from '../../../exec/secret.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { Identity } from '../../identity.ts';
import type { Places } from '../places.ts';

export interface ResourceContext {
  readonly places: Places;
  /** The password that Gantry made; the server must accept it for `spec.user`. */
  readonly password: Secret;
  /** URL of a server outside of Gantry's care: present exactly when `spec.external` is. Then nothing is started or stopped, only checked. */
  readonly external?: Secret;
  /** PATH, HOME and LANG for what the driver starts; it adds nothing but what the server itself needs. */
  readonly env: Environment;
  /** Port of the last run. Replicas that still run have it in their environment, so take it again whenever it is free. */
  readonly port?: number;
  /** The server's output is appended here (O_APPEND). The supervisor rotates it by copy and truncate. Its folder exists. */
  readonly logFile: string;
  /** One line for people: `initialising data`, `recovering after a crash`. */
  report(message: string): void;
  /** Aborted when the resource is no longer wanted; `start` then cleans up what it began and rejects. */
  readonly signal: AbortSignal;
}

/** What is kept on disk to find the server again. No secrets; `details` is the driver's own. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: ResourceSpec['type'];
  /** Undefined for an external server. */
  readonly identity?: Identity;
  readonly port: number;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export interface RunningResource {
  readonly record: ResourceRecord;
  /** `17.10`, as the server says. */
  readonly version: string;
  /** How a person connects, without the password. */
  readonly connection: string;
  /** By attribute (`host`, `port`, `user`, `name`, `password`, `url`), without the resource's name. */
  readonly outputs: Readonly<Record<string, string | number | Secret>>;
}

export interface ResourceDriver {
  readonly type: ResourceSpec['type'];
  /** Resolves when the server answers and its user and database exist. Rejects with a GantryError that says what a person can do. */
  start(spec: ResourceSpec, context: ResourceContext): Promise<RunningResource>;
  /** The server that an earlier supervisor started, without restarting it; undefined when it is gone or is not what `spec` asks for. */
  adopt(spec: ResourceSpec, record: ResourceRecord, context: ResourceContext): Promise<RunningResource | undefined>;
  /** Clean shutdown; after 20 s by force. Resolves when no process of it is left. Does nothing for an external server or a dead one. */
  stop(running: RunningResource): Promise<void>;
  /** Whether it answers now; at most 2 s. */
  check(running: RunningResource): Promise<boolean>;
}

/** Loaded when an app first needs that kind. */
export type ResourceDrivers = Readonly<Record<ResourceSpec['type'], () => Promise<ResourceDriver>>>;
