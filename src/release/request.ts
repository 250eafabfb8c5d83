/** What somebody asks of an environment, whoever carries it out: this process, or the supervisor of the local target. */
import type { App, Environment } from '../app/model.ts';
import type { MeterResult } from './meter.ts';
import type { PlanFile } from './plan.ts';

/** A guardrail that a person lets pass, and why; it is recorded in the release. */
export interface Allowance {
  /** `G25` */
  readonly id: string;
  readonly reason: string;
}

/** Questions about data that would be gone: no general yes covers them. */
export const losesData: ReadonlySet<string> = new Set(['G22', 'G23', 'irreversible']);

export interface ReleaseRequest {
  /** `up` and `watch` are a deploy without canary and bake that nobody has to confirm. */
  readonly operation: 'up' | 'watch' | 'deploy' | 'rollback';
  readonly app: App;
  readonly env: Environment;
  readonly allow: readonly Allowance[];
  /** Ids of the questions that a person has said yes to; `yes` for all that lose no data. */
  readonly confirmed: readonly string[];
  readonly allowSchemaMismatch: boolean;
  /** Rollback: where to; without it the release promoted before the one that serves. */
  readonly release?: string;
  /** The commit of the app's folder, hex; absent without git. */
  readonly commit?: string;
  /** Deploy exactly what this plan says, or nothing. */
  readonly plan?: PlanFile;
}

export interface ScaleRequest {
  readonly operation: 'scale';
  readonly app: App;
  readonly env: Environment;
  readonly service: string;
  readonly count: number | 'auto';
}

export interface RestartRequest {
  readonly operation: 'restart';
  readonly app: App;
  readonly env: Environment;
  /** All services without it. */
  readonly service?: string;
}

export interface DestroyRequest {
  readonly operation: 'destroy';
  readonly app: App;
  readonly env: Environment;
}

export type OperationRequest = ReleaseRequest | ScaleRequest | RestartRequest | DestroyRequest;

export interface OperationResult {
  /** The release that serves now; null when nothing does. */
  readonly release: string | null;
  /** Counts the releases of the environment from 1; 0 when there was none. */
  readonly number: number;
  readonly changed: boolean;
  readonly durationMs: number;
  /** Undefined when nothing served before, or nothing was changed. */
  readonly meter?: MeterResult;
}
