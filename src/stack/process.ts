/** The files of the process engine: plain JSON that the local platform keeps true. Part placeholders are those of `placeholder` in parts.ts. */

/** A value put together when a process starts: text, a secret, or an output such as the port of the database. */
export type SpecValue = string | SpecPlaceholder | readonly (string | SpecPlaceholder)[];

export type SpecPlaceholder =
  | { readonly $secret: string }
  /**
   * `['resources', 'db.host']`; `['services', 'backend.url' | 'backend.host' | 'backend.port']` for an address inside the same set;
   * `['replica', 'port']` for the port of the very replica that starts.
   */
  | { readonly $output: readonly [stack: string, name: string] };

/** Content address of a service, filled in by render. */
export interface ContentPlaceholder {
  readonly $content: string;
}

/** `resources.json` */
export interface ResourcesSpec {
  readonly resources: readonly ResourceSpec[];
}

export interface ResourceSpec {
  readonly name: string;
  readonly type: 'postgres' | 'redis';
  readonly version: number;
  /** Name of the database and of its owner. */
  readonly user: string;
  /** Secret that holds the password which Gantry made. */
  readonly password: SpecPlaceholder;
  /** Secret that holds the URL of a server outside of Gantry's care. */
  readonly external?: SpecPlaceholder;
}

/** `migrate.json` */
export interface JobsSpec {
  readonly release: string;
  readonly secrets: Readonly<Record<string, number>>;
  readonly jobs: readonly JobSpec[];
}

export interface JobSpec {
  /** The service that the job belongs to. */
  readonly name: string;
  readonly content: ContentPlaceholder | string;
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, SpecValue>>;
}

/** `entry.json`: how the ingress listens and what it allows. */
export interface EntrySpec {
  readonly limits: EntryLimits;
}

export interface EntryLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  readonly headersTimeoutMs: number;
  /** No byte in either direction on an ordinary request. */
  readonly idleTimeoutMs: number;
  /** From the last request byte to the first response byte. */
  readonly responseTimeoutMs: number;
  /** How long a request may wait for a replica to become ready before it gets 503. */
  readonly holdMs: number;
}

/** `sets/live.json`, `sets/next.json` */
export interface SetSpec {
  readonly release: string;
  /** Versions of the secrets that this set was released with. */
  readonly secrets: Readonly<Record<string, number>>;
  readonly services: readonly ServiceSpec[];
  readonly sites: readonly SiteSpec[];
  readonly drainMs: number;
  readonly graceMs: number;
}

export interface ServiceSpec {
  readonly name: string;
  readonly kind: 'web' | 'worker';
  readonly content: ContentPlaceholder | string;
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, SpecValue>>;
  /** The declared port; a replica gets a port of its own in PORT. */
  readonly port?: number;
  /** The program listens on `port` whatever PORT says. */
  readonly fixedPort: boolean;
  readonly route?: string;
  readonly health?: HealthSpec;
  readonly limits: { readonly cpu: number; readonly memory: number };
  readonly scale: ScaleSpec;
  /** Replicas to start with. */
  readonly replicas: number;
}

/** Without a target the number stays as it is. */
export interface ScaleSpec {
  readonly min: number;
  readonly max: number;
  /** Target, in percent of limits.cpu. */
  readonly cpu?: number;
  /** Target number of requests in flight per replica. */
  readonly concurrency?: number;
}

export interface HealthSpec {
  readonly path: string;
  readonly live?: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startupMs: number;
  readonly rise: number;
  readonly fall: number;
}

export interface SiteSpec {
  readonly name: string;
  readonly content: ContentPlaceholder | string;
  readonly dir: string;
  readonly route: string;
  readonly fallback?: string;
}
