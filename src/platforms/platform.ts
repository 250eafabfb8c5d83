/** The contract of a platform: the running place, observed and steered. It knows what engines created, never the app's file. */
import type { Secret } from '../exec/secret.ts';
import type { SetName } from '../stack/stack.ts';
import type { Store } from './store.ts';

export interface PlatformContext {
  readonly app: string;
  readonly environment: string;
  /** Folder of the app file, absolute. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A member that a platform cannot offer throws nothing in silence: it is this, with the reason. */
export interface Unsupported {
  readonly unsupported: string;
}

export type ReplicaState = 'starting' | 'ready' | 'unready' | 'stopping' | 'waiting' | 'failed';

export interface ReplicaStatus {
  /** `backend-3f9a-1`: service, release, ordinal. */
  readonly id: string;
  /** 0 while it has no process. */
  readonly pid: number;
  readonly port: number;
  readonly state: ReplicaState;
  readonly restarts: number;
  readonly set: SetName;
  readonly release: string;
  /** ISO 8601 of the current process's start. */
  readonly since: string;
  /** From the start of the current process until it was ready, ms; absent before, and where nobody saw it. */
  readonly readyMs?: number;
  /** Why it is not ready, or how the last process ended: `exit 1`, `SIGKILL`, `out of memory`, `unknown`. */
  readonly detail?: string;
  readonly inFlight: number;
}

export interface ServiceStatus {
  readonly name: string;
  readonly kind: 'web' | 'worker' | 'static';
  readonly route?: string;
  /** Replicas that should run. */
  readonly desired: number;
  /** A person asked for exactly this many; the autoscaler leaves it alone. */
  readonly pinned: boolean;
  readonly ready: number;
  readonly degraded: boolean;
  /** Whether the replica that was stopped last had to be killed after its grace; absent before one was stopped. */
  readonly ignoredStop?: boolean;
  readonly replicas: readonly ReplicaStatus[];
}

export interface ResourceStatus {
  readonly name: string;
  readonly type: string;
  readonly state: 'starting' | 'ready' | 'failed' | 'stopped' | 'external';
  readonly version?: string;
  readonly pid?: number;
  readonly port?: number;
  /** How a person connects, without the password. */
  readonly connection?: string;
  readonly detail?: string;
}

export interface Status {
  readonly app: string;
  readonly environment: string;
  readonly url: string;
  /** Id of the live release, or null before the first. */
  readonly release: string | null;
  readonly state: 'running' | 'starting' | 'degraded' | 'stopped';
  readonly services: readonly ServiceStatus[];
  readonly resources: readonly ResourceStatus[];
  /** What the autoscaler did or would not do lately, newest first. */
  readonly scaling: readonly ScalingDecision[];
  /** The operation under way, if any. */
  readonly operation: { readonly name: string; readonly who: string; readonly since: string; readonly step: string } | null;
  /** Percent of requests that go to the next set. */
  readonly share: number;
  /** The next set while two stand side by side, by itself; `services` is about the live set, or about the next one before the first release. */
  readonly next?: NextStatus | null;
  /** What could not be done and is tried again, and is no service's or resource's own trouble. */
  readonly problems?: readonly Problem[];
}

export interface NextStatus {
  readonly release: string;
  /** Counts and replicas of this set alone. */
  readonly services: readonly ServiceStatus[];
}

export interface Problem {
  /** recovery: what an interrupted operation left is not finished or taken back yet. state: what should run is not saved yet. */
  readonly subject: 'recovery' | 'state';
  /** ISO 8601. */
  readonly since: string;
  readonly message: string;
}

/** Why a service has as many replicas as it has. */
export interface ScalingDecision {
  /** ISO 8601. */
  readonly at: string;
  readonly service: string;
  readonly from: number;
  readonly to: number;
  /** With its numbers: `cpu 93 % of the limit, target 70 %`, `held: machine full`. */
  readonly reason: string;
}

export interface LogSelector {
  readonly service?: string;
  readonly replica?: string;
  readonly release?: string;
  /** Gantry's own logs too, except for the one line per request. */
  readonly all?: boolean;
  readonly follow: boolean;
  /** Number of lines from the end of each log; all without it. */
  readonly tail?: number;
  /** Only lines written after this many milliseconds ago. */
  readonly sinceMs?: number;
  /**
   * For a reader who wants to see now: `tail` counts the lines of all logs together, and of lines that come faster than they are taken only the
   * newest are given (`skipped`).
   */
  readonly newest?: boolean;
  /** Called once, when everything that was there has been given; what follows is told as it comes. */
  readonly onCaughtUp?: () => void;
}

export interface LogLine {
  readonly source: string;
  readonly stream: 'stdout' | 'stderr' | 'gantry';
  /** ISO 8601 if known: when it was written, to about a second, or when it was seen. */
  readonly at?: string;
  readonly text: string;
  /** Of the whole line, in UTF-16 code units, when `text` is only its beginning. */
  readonly characters?: number;
  /** So many lines of this log were left out before this one; about so many, where they were too many to be counted, or gone. */
  readonly skipped?: number;
}

/** Counters only grow; whoever wants a rate keeps the numbers of before. */
export interface Traffic {
  readonly requests: number;
  /** Answers 5xx, and answers that were cut. */
  readonly errors: number;
  /** Answers 4xx; absent where they are not told apart. */
  readonly refused?: number;
  /** Requests by duration: how many took at most `bounds[i]`; the last number is for longer ones. */
  readonly buckets: readonly number[];
  readonly bytes: number;
  readonly retries: number;
}

export interface ServiceMetrics extends Traffic {
  readonly service: string;
  readonly set: SetName;
  readonly release: string;
  readonly inFlight: number;
  /** Of those: answers that have been owed for a second or longer; streams do not count. Absent where nobody knows. */
  readonly awaited?: number;
}

export interface ReplicaMetrics {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly set: SetName | 'retired';
  readonly ready: boolean;
  readonly restarts: number;
  readonly requests: number;
  readonly failures: number;
  readonly inFlight: number;
  /** User and system time since the process started; absent when it cannot be measured. */
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
  /** Cores. */
  readonly cpuLimit: number;
  /** Bytes. */
  readonly memoryLimit: number;
}

export interface Metrics {
  /** Milliseconds of a clock that never jumps; only differences mean something. */
  readonly atMs: number;
  /** Upper bounds of `buckets`, ms. */
  readonly bounds: readonly number[];
  readonly services: readonly ServiceMetrics[];
  readonly replicas: readonly ReplicaMetrics[];
}

/** A difference between what should be and what is. */
export interface Drift {
  /** `service/backend`, `resource/db` */
  readonly subject: string;
  readonly detail: string;
}

export interface JobRun {
  readonly name: string;
  readonly exitCode: number;
  /** Last lines of its output. */
  readonly lines: readonly string[];
}

export interface SecretInfo {
  readonly name: string;
  readonly version: number;
  readonly updated: string;
  /** user: set by a person. generated: a password that Gantry made. derived: a variable that contains one. */
  readonly origin: 'user' | 'generated' | 'derived';
}

export interface Secrets {
  put(name: string, value: string, origin: SecretInfo['origin']): Promise<number>;
  /** The newest version without a number; undefined when there is none. */
  read(name: string, version?: number): Promise<Secret | undefined>;
  list(): Promise<readonly SecretInfo[]>;
  remove(name: string): Promise<boolean>;
  versions(name: string): Promise<readonly number[]>;
}

export interface Entry {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface NeighbourApp {
  readonly app: string;
  readonly environment: string;
  readonly folder: string;
  /** Ports of the machine that it holds and that others could want. */
  readonly ports: readonly number[];
}

/** What an operation says while it is under way. With `measured` and without a message it is about figures alone: no line for a person. */
export interface StepEvent {
  /** A step of the walk, or what a step is about: `backend`, `db`. */
  readonly step: string;
  readonly state: 'running' | 'done' | 'failed' | 'skipped';
  readonly message: string;
  readonly elapsedMs: number;
  readonly measured?: Measured;
}

/** Figures as they are so far. */
export interface Measured {
  readonly meter?: MeterFigures;
  readonly gate?: GateFigures;
}

/** What users noticed, by the downtime meter's own requests. */
export interface MeterFigures {
  readonly requests: number;
  readonly failed: number;
  /** By kind: `502`, `ECONNRESET`, `timeout`, ... */
  readonly failures: Readonly<Record<string, number>>;
  /** How much slower than before, at the 99th percentile; null when there was too little to compare with. */
  readonly p99DeltaMs: number | null;
  /** Between two successive good answers; the pause between two probes (20 ms) is part of it. */
  readonly longestGapMs: number;
}

/** Both sets while they are compared. */
export interface GateFigures {
  readonly step: 'canary' | 'bake';
  /** Percent of the requests on the next set. */
  readonly share: number;
  readonly durationMs: number;
  readonly elapsedMs: number;
  readonly live: SetFigures;
  readonly next: SetFigures;
  /** The most that the next set may have. */
  readonly limits: GateLimits;
}

/** One set's requests while it is judged. */
export interface SetFigures {
  readonly requests: number;
  readonly failed: number;
  /** Percent. */
  readonly errorRate: number;
  /** null without requests, or when more than 5 % have no answer yet. */
  readonly p95Ms: number | null;
}

export interface GateLimits {
  /** Percent. */
  readonly errorRate: number;
  /** null where the old set says nothing about it. */
  readonly p95Ms: number | null;
}

/** What a person does to one replica, to see what becomes of it. */
export interface Disturbance {
  readonly replica: string;
  /** kill: it ends at once. freeze: it stands still until it is replaced. slow: it gets a tenth of its time for half a minute. */
  readonly how: 'kill' | 'freeze' | 'slow';
  /** `ana@build-7` */
  readonly who: string;
}

export interface Platform {
  readonly name: string;
  /** How users, the downtime meter and smoke checks reach a set. */
  entry(set: 'public' | SetName, context: PlatformContext): Promise<Entry>;
  status(context: PlatformContext): Promise<Status>;
  logs(selector: LogSelector, context: PlatformContext): AsyncIterable<LogLine>;
  /** @param wanted without `usage`, processor time and memory may be left out where looking them up is dear */
  metrics(context: PlatformContext, wanted?: { readonly usage: boolean }): Promise<Metrics | Unsupported>;
  run(
    job: { readonly stack: string; readonly name: string; readonly files: Readonly<Record<string, string>> },
    onLine: (line: string) => void,
    context: PlatformContext,
  ): Promise<JobRun>;
  exec(service: string, command: readonly string[], context: PlatformContext): Promise<number>;
  /** Ends when every replica of the set is ready; fails with the evidence when one cannot become so. */
  awaitReady(set: SetName, report: (message: string) => void, context: PlatformContext): Promise<number>;
  /** Percent of requests to `next`; all services together; idempotent. */
  shift(share: number, context: PlatformContext): Promise<void>;
  drain(set: SetName, context: PlatformContext): Promise<void>;
  scale(service: string, count: number | 'auto', context: PlatformContext): Promise<void>;
  restart(service: string | undefined, context: PlatformContext): Promise<void>;
  /**
   * What the operation under way has said so far and says from now on; absent where nobody but its asker hears it. Ends with it, however
   * that ends, and at once when none is under way or the place cannot be asked.
   */
  progress?(onEvent: (event: StepEvent) => void, context: PlatformContext): Promise<void>;
  /** What differs from what was released, whoever changed it. */
  drift(context: PlatformContext): Promise<readonly Drift[] | Unsupported>;
  /** Others that Gantry runs on the same machine; absent where apps cannot get in each other's way. */
  neighbours?(context: PlatformContext): Promise<readonly NeighbourApp[]>;
  /**
   * Only where what breaks is the person's own machine. Gives what to expect, in words.
   * @throws GantryError GC2008 when there is no such replica, or it is not ready
   */
  disturb?(disturbance: Disturbance, context: PlatformContext): Promise<string>;
  secrets(context: PlatformContext): Secrets;
  store(context: PlatformContext): Promise<Store>;
}
