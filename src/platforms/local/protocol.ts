/**
 * What is said over the supervisor's Unix socket: one JSON object a line. A request `{ v, id, op, params }` is answered by any number of
 * `{ id, event }` and then one `{ id, result }` or `{ id, error }`. A connection may carry several requests at once; closing it, or
 * sending `{ v, id, cancel: true }`, cancels what was asked for where that is safe (waits, streams), and never what must be finished
 * (a release). Events for a peer that does not read them are dropped.
 */
import type { WireError } from '../../errors.ts';
import type { EntrySpec, JobsSpec, ResourcesSpec, SetSpec } from '../../stack/process.ts';
import type { Disturbance, Drift, JobRun, Metrics, Status, StepEvent } from '../platform.ts';

export type { StepEvent } from '../platform.ts';

/** Raised whenever a message changes in a way that an older peer would misread. */
export const protocolVersion = 1;

export interface Hello {
  readonly protocol: number;
  /** Version of Gantry that the supervisor runs. */
  readonly version: string;
  /** Digest of the program that it runs, so that another build of the same version can be told apart. */
  readonly build: string;
  readonly pid: number;
  readonly app: string;
  readonly folder: string;
  readonly url: string;
}

/** What should be true. The supervisor keeps it on disk and works towards it until told otherwise. */
export interface Desired {
  readonly resources: ResourcesSpec;
  readonly entry: EntrySpec;
  readonly live: SetSpec | null;
  readonly next: SetSpec | null;
  /** Percent of requests to `next`. */
  readonly share: number;
}

/** A change of the environment: a release, a rollback, a scaling. `request` is checked and normalised by the sender. */
export interface OperateRequest {
  readonly operation: 'up' | 'deploy' | 'watch' | 'rollback' | 'scale' | 'restart' | 'destroy';
  /** JSON of an OperationRequest (src/release/request.ts), opaque to this layer. */
  readonly request: unknown;
  readonly who: string;
  /** PATH of the sender. */
  readonly path: string;
}

export interface OperateResult {
  /** What serves now; null when nothing does. */
  readonly release: string | null;
  /** Counts the releases of the environment from 1. */
  readonly number: number;
  readonly url: string;
  readonly changed: boolean;
  readonly durationMs: number;
  /** JSON of a MeterResult (src/release/meter.ts): what users noticed. */
  readonly meter?: unknown;
}

export interface Operations {
  hello: { params: Record<string, never>; event: never; result: Hello };
  status: { params: Record<string, never>; event: never; result: Status };
  /** Replaces the given fields of the desired state; returns when it is durable, before it is true. */
  want: { params: { readonly desired: Partial<Desired> }; event: never; result: { readonly accepted: true } };
  /** The desired state as it is on disk. */
  desired: { params: Record<string, never>; event: never; result: Desired };
  /** Ends when every resource answers; fails with what it says if one cannot start. Outputs are by `db.port`, without those that are secret. */
  awaitResources: {
    params: Record<string, never>;
    event: StepEvent;
    result: { readonly outputs: Readonly<Record<string, string | number>> };
  };
  /** Ends when every replica of the set is ready; fails on a crash loop or when startup takes too long, with the last log lines. */
  awaitSet: { params: { readonly set: 'live' | 'next' }; event: StepEvent; result: { readonly ready: number } };
  /** Ends when the share is in force at the ingress. */
  shift: { params: { readonly share: number }; event: never; result: { readonly share: number } };
  /** Ends when nothing that is not in the desired state runs any more. */
  awaitRetired: { params: Record<string, never>; event: StepEvent; result: { readonly stopped: number } };
  run: { params: { readonly jobs: JobsSpec; readonly name: string }; event: { readonly line: string }; result: JobRun };
  /** Working folder and environment of a service's next process, for `exec` and one-off `run`. Contains secrets; the socket is 0700. */
  environment: {
    params: { readonly service: string };
    event: never;
    result: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  };
  /** Part of an operation: changes the number of replicas. People ask for `operate`, which takes the lock and keeps a record. */
  scale: { params: { readonly service: string; readonly count: number | 'auto' }; event: StepEvent; result: { readonly count: number } };
  /** Part of an operation: replaces replicas one by one, each new one ready before an old one drains. */
  restart: { params: { readonly service?: string }; event: StepEvent; result: { readonly restarted: number } };
  /** Fails with GR1001 while another operation runs. Survives the connection. */
  operate: { params: OperateRequest; event: StepEvent; result: OperateResult };
  /**
   * Does something to one ready replica on purpose, and records who did. Ends when it has begun, with what to expect, in words. Fails with
   * GC2008 when there is no such replica, or it is not ready.
   */
  disturb: { params: Disturbance; event: never; result: { readonly text: string } };
  /** Numbers as they are now. Without `usage` nobody looks at processes: that takes a while where there are many. */
  measure: { params: { readonly usage?: boolean }; event: never; result: Metrics };
  drift: { params: Record<string, never>; event: never; result: { readonly drift: readonly Drift[] } };
  /**
   * This supervisor makes way for the one that `argv` starts, which replaces the ingress by its own; users notice nothing. Ends when the
   * successor has taken over; it answers at the same socket. Fails with GR1001 while an operation runs, with GL1034 when the successor did not
   * come up: then this one, or one like it, goes on.
   */
  upgrade: {
    params: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
    event: StepEvent;
    result: { readonly pid: number };
  };
  /** Said by the successor of an upgrade when it is ready, or why it cannot be. Ends when the socket is free for it. */
  relieve: {
    params: { readonly pid: number; readonly problem?: WireError };
    event: never;
    result: { readonly released: true };
  };
  /** Replaces the ingress by a new process of the same build, without a lost request. Ends when the new one serves. */
  renewIngress: { params: Record<string, never>; event: never; result: { readonly pid: number } };
  /**
   * Asks the operation under way to end: a release is taken back until its bake has ended. Ends with it, or after 15 s.
   * `by` is who takes back what may be somebody else's; without it, whoever began the operation has changed their mind.
   */
  interrupt: { params: { readonly by?: string }; event: never; result: { readonly interrupted: boolean } };
  /** Follows the operation under way: what it has said so far, what it says from now on, and how it ends. Null when none is. */
  attach: { params: Record<string, never>; event: StepEvent; result: OperateResult | null };
  /** Address by which smoke checks reach one set: the ingress with a header only the supervisor knows. */
  entry: {
    params: { readonly set: 'public' | 'live' | 'next' };
    event: never;
    result: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  };
  metrics: { params: Record<string, never>; event: never; result: { readonly text: string } };
  /** Everything that happens, until the request is cancelled or the connection closes; first up to `recent` events that have happened already. */
  events: { params: { readonly recent?: number }; event: SupervisorEvent; result: never };
  /** Drains and stops everything, then the supervisor itself. Data stays. */
  stop: { params: Record<string, never>; event: StepEvent; result: { readonly stopped: number } };
}

export type Operation = keyof Operations;

export interface SupervisorEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly kind: 'replica' | 'resource' | 'release' | 'ingress' | 'scale' | 'supervisor';
  readonly subject: string;
  readonly message: string;
  readonly level: 'info' | 'warn' | 'error';
}
