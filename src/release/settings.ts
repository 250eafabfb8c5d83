/** The release settings that are in force for one release on one target. */
import type { App } from '../app/model.ts';
import type { Target } from '../targets/target.ts';
import type { ReleaseRequest } from './request.ts';

export interface EffectiveSettings {
  readonly canary: { readonly share: number; readonly durationMs: number };
  readonly bakeMs: number;
  readonly budget: number;
  readonly keep: number;
  readonly gates: { readonly errorRate: number; readonly latencyFactor: number };
}

/** A rollback goes to what has served before, so it needs no canary; while a person edits, neither canary nor bake help. */
export function effectiveSettings(app: App, target: Target, operation: ReleaseRequest['operation']): EffectiveSettings {
  const { canary, bakeMs, budget, keep, gates } = app.release;
  const editing = operation === 'up' || operation === 'watch';
  const share = editing || operation === 'rollback' ? 0 : canary.share;
  return {
    canary: { share, durationMs: canary.durationMs ?? target.release.canaryMs },
    bakeMs: editing ? 0 : (bakeMs ?? target.release.bakeMs),
    budget,
    keep,
    gates,
  };
}
