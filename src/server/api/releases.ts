/** What was released, what is being released, and what would be. */
import { z } from 'zod';
import { epochMs, moment, problem, releaseId } from './common.ts';

/** What users noticed, by the downtime meter's own requests. */
export const meter = z.strictObject({
  requests: z.number(),
  failed: z.number(),
  failures: z.record(z.string(), z.number()),
  /** Null when there was too little to compare with. */
  p99DeltaMs: z.number().nullable(),
  longestGapMs: z.number(),
});
export type Meter = z.infer<typeof meter>;

export const outcome = z.enum(['running', 'promoted', 'rolled back', 'failed', 'unchanged']);
export type Outcome = z.infer<typeof outcome>;

export const releaseSummary = z.strictObject({
  /** Names the attempt in addresses: one release may be promoted several times. */
  key: z.string(),
  /** 0 for an attempt that did not become a release. */
  number: z.number(),
  release: releaseId.nullable(),
  operation: z.string(),
  outcome,
  /** Serves now. */
  live: z.boolean(),
  /** A rollback can go there. */
  runnable: z.boolean(),
  who: z.string(),
  begun: moment,
  ended: moment.nullable(),
  durationMs: z.number().nullable(),
  commit: z.string().nullable(),
  meter: meter.nullable(),
  failed: z.strictObject({ step: z.string(), code: z.string(), message: z.string() }).nullable(),
});
export type ReleaseSummary = z.infer<typeof releaseSummary>;

export const walkStep = z.strictObject({
  /** `lock`, `build`, `canary`, ... in the order of the walk. */
  step: z.string(),
  /** One line for people who have never seen it. */
  about: z.string(),
  /** waiting: not begun, or never reached. skipped: there was nothing to do. taken back: it was done, and is undone. */
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped', 'taken back']),
  startedAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  /** The newest that was said of it: `backend 2/2 ready`. Empty when nothing was. */
  message: z.string(),
});
export type WalkStep = z.infer<typeof walkStep>;

/** One set's requests while it was judged. */
export const gateFigures = z.strictObject({
  requests: z.number(),
  failed: z.number(),
  /** Percent. */
  errorRate: z.number(),
  /** Null when it is not known. */
  p95Ms: z.number().nullable(),
});
export type GateFigures = z.infer<typeof gateFigures>;

export const gate = z.strictObject({
  step: z.string(),
  /** Percent of the requests. */
  share: z.number(),
  /** Null while it is judged. */
  verdict: z.enum(['go', 'stop']).nullable(),
  reason: z.string().nullable(),
  judgedOn: z.enum(['users', 'smoke only']).nullable(),
  live: gateFigures,
  next: gateFigures,
  /** The most that the next set may have, by what the old one did; absent where nobody has noted it. */
  limits: z.strictObject({ errorRate: z.number(), p95Ms: z.number().nullable() }).exactOptional(),
  /** How long it judges, and how long it has. */
  durationMs: z.number(),
  elapsedMs: z.number(),
});
export type Gate = z.infer<typeof gate>;

export const change = z.strictObject({
  kind: z.enum(['create', 'update', 'replace', 'delete', 'unchanged', 'unknown']),
  subject: z.string(),
  detail: z.string(),
  downtime: z.boolean(),
  dataLoss: z.boolean(),
});
export type Change = z.infer<typeof change>;

/** What a guardrail says; `gantry explain G11` says more. */
export const finding = z.strictObject({
  id: z.string(),
  severity: z.string(),
  message: z.string(),
  where: z.string().nullable(),
  why: z.string(),
  fix: z.string(),
});
export type Finding = z.infer<typeof finding>;

export const releaseDetail = releaseSummary.extend({
  walk: z.array(walkStep),
  gates: z.array(gate),
  changes: z.array(change),
  /** What guardrails said, and what somebody let pass and why. */
  findings: z.array(finding),
  allowed: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
  /** From the decision to go back until no user was on the next set, ms; null without one. */
  backMs: z.number().nullable(),
  /** Last log lines of what failed, and the fix; null when nothing did. */
  evidence: problem.nullable(),
});
export type ReleaseDetail = z.infer<typeof releaseDetail>;

/** What the release under way says beyond its journal. Null figures are not known (yet). */
export const progress = z.strictObject({
  /** Of the attempt. */
  key: z.string(),
  operation: z.string(),
  /** All steps in the order of the walk; while it is taken back, `revert` comes last. */
  walk: z.array(walkStep),
  gate: gate.nullable(),
  meter: meter.nullable(),
});
export type Progress = z.infer<typeof progress>;

export const diffLine = z.strictObject({
  sign: z.enum([' ', '+', '-']),
  text: z.string(),
  /** Line numbers on both sides; null where the line is not there. */
  before: z.number().nullable(),
  after: z.number().nullable(),
});
export type DiffLine = z.infer<typeof diffLine>;

export const fileDiff = z.strictObject({
  path: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  /** With three lines around each change; secrets are never in it. */
  hunks: z.array(z.array(diffLine)),
});
export type FileDiff = z.infer<typeof fileDiff>;

/** Null: there is none on that side. */
export const valueDiff = z.strictObject({ name: z.string(), before: z.string().nullable(), after: z.string().nullable() });
export type ValueDiff = z.infer<typeof valueDiff>;

/** What differs between two releases; equal things are left out. */
export const comparison = z.strictObject({
  from: z.strictObject({ release: releaseId, number: z.number() }),
  to: z.strictObject({ release: releaseId, number: z.number() }),
  /** Content addresses by service. */
  content: z.array(valueDiff),
  /** `backend.LOG_LEVEL`; one that contains a secret shows `secret`, never its value, also on both sides when it differs. */
  variables: z.array(valueDiff),
  /** Versions by name. */
  secrets: z.array(valueDiff),
  /** Everything else that the app file says: `backend.scale.max`. */
  settings: z.array(valueDiff),
  /** As the engines write them, but for the release's id. */
  files: z.array(fileDiff),
});
export type Comparison = z.infer<typeof comparison>;

/** What a deploy of the folder as it is now would change. */
export const plan = z.strictObject({
  live: z.strictObject({ release: releaseId, number: z.number() }).nullable(),
  running: z.boolean(),
  downtime: z.boolean(),
  dataLoss: z.boolean(),
  changes: z.array(change),
  files: z.array(fileDiff),
  variables: z.array(valueDiff),
  settings: z.array(valueDiff),
  /** Migrations that take something from the version which serves. */
  schema: z.array(z.strictObject({ name: z.string(), effect: z.string(), reasons: z.array(z.string()) })),
});
export type Plan = z.infer<typeof plan>;
