/** The app and its environments after validation and normalisation: every default filled in, every unit converted. */

/** A command as a list of words; nothing expands them. */
export type Words = readonly string[];

/** A variable's value: literal text and references such as `${db.url}` (`{ name: 'db', attribute: 'url' }`). */
export type Template = readonly TemplatePart[];
export type TemplatePart = string | Reference;
export interface Reference {
  /** A declared resource or service. */
  readonly name: string;
  readonly attribute: string;
}

export interface App {
  readonly name: string;
  /** In the order of the file. Names are unique among services and resources together. */
  readonly services: Readonly<Record<string, Service>>;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly smoke: readonly SmokeCheck[];
  readonly release: ReleaseSettings;
}

/** web: has a route. worker: long-running without one. schedule: a cron job. static: files that the entry serves. */
export type ServiceKind = 'web' | 'worker' | 'schedule' | 'static';

export interface Service {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly build?: Build;
  /** A ready image, by digest. Exclusive with `build`. */
  readonly image?: string;
  readonly prepare: readonly Words[];
  readonly run?: Words;
  readonly port?: Port;
  /** Path prefix, matched on segment borders; always begins with `/` and ends without one, except `/` itself. */
  readonly route?: string;
  readonly health?: Health;
  readonly limits: Limits;
  readonly scale: Scale;
  readonly variables: Readonly<Record<string, Template>>;
  readonly secrets: readonly string[];
  readonly migrate?: Migrate;
  /** Cron expression with five fields, UTC. */
  readonly schedule?: string;
  readonly static?: StaticSite;
}

export interface Build {
  /** Folder relative to the app file, without a trailing slash; `.` is the app's own folder. */
  readonly context: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface Port {
  readonly number: number;
  /** The program listens on this number whatever PORT says. */
  readonly fixed: boolean;
}

export interface Health {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** How long a replica may take until it is ready for the first time. */
  readonly startupMs: number;
  readonly rise: number;
  readonly fall: number;
  /** Liveness path; without it a replica is never restarted for answering badly. */
  readonly live?: string;
}

export interface Limits {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

export interface Scale {
  readonly min: number;
  readonly max: number;
  /** Target percentage of limits.cpu. */
  readonly cpu?: number;
  /** Target number of requests in flight per replica. */
  readonly concurrency?: number;
}

export interface Migrate {
  readonly run: Words;
  /** Glob of the SQL files, relative to the build context. */
  readonly files?: string;
}

export interface StaticSite {
  /** Folder relative to the service's folder after `prepare`. */
  readonly dir: string;
  /** File answered for unknown paths (single-page apps). */
  readonly fallback?: string;
}

export interface Resource {
  readonly name: string;
  readonly type: 'postgres' | 'redis';
  /** Major version. */
  readonly version: number;
  /** Bytes. */
  readonly storage?: number;
  /** Name of the secret that holds the URL of a server outside of Gantry's care. */
  readonly external?: string;
}

export interface SmokeCheck {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON body, or text. */
  readonly body?: unknown;
  readonly expect: SmokeExpectation;
}

export interface SmokeExpectation {
  readonly status: number;
  /** Subset that the JSON answer must contain. */
  readonly json?: unknown;
  /** Text that the answer must contain. */
  readonly contains?: string;
}

export interface ReleaseSettings {
  readonly strategy: 'blue-green' | 'rolling' | 'recreate';
  /** Share of requests (percent) and how long; share 0 switches the canary off. Without a duration the target's own is taken. */
  readonly canary: { readonly share: number; readonly durationMs?: number };
  /** How long the old set stays warm; without it the target's own time. */
  readonly bakeMs?: number;
  readonly drainMs: number;
  readonly graceMs: number;
  /** How many failed requests a release may cause before it is taken back. */
  readonly budget: number;
  /** How many releases stay runnable. */
  readonly keep: number;
  readonly gates: { readonly errorRate: number; readonly latencyFactor: number };
}

/** A named place: a target, its options, and what differs there. Overrides are already merged into `App` by `withEnvironment`. */
export interface Environment {
  readonly name: string;
  readonly target: string;
  /** Checked by the target's own strict schema. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly domain?: string;
  readonly registry?: string;
  readonly size?: 'small' | 'standard';
  readonly egress?: 'none' | 'internet';
  readonly monitoring?: Readonly<Record<string, unknown>>;
  readonly alerts?: Readonly<Record<string, unknown>>;
  readonly patches: readonly Patch[];
}

/** An ordered edit of a generated file. */
export interface Patch {
  readonly file: string;
  readonly path: string;
  readonly value: unknown;
  readonly reason: string;
}
