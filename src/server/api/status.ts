/** What runs. The fields are those of the platform's own status, which `gantry status --json` prints too. */
import { z } from 'zod';
import type { Status as PlatformStatus } from '../../platforms/platform.ts';
import { epochMs, moment, problem, releaseId, setName } from './common.ts';

export const replica = z.strictObject({
  /** `backend-3f9a-1`: service, release, ordinal. */
  id: z.string(),
  /** 0 while it has no process. */
  pid: z.number(),
  port: z.number(),
  state: z.enum(['starting', 'ready', 'unready', 'stopping', 'waiting', 'failed']),
  restarts: z.number(),
  set: setName,
  release: releaseId,
  since: moment,
  readyMs: z.number().exactOptional(),
  /** Why it is not ready, or how the last process ended. */
  detail: z.string().exactOptional(),
  inFlight: z.number(),
});
export type Replica = z.infer<typeof replica>;

export const service = z.strictObject({
  name: z.string(),
  kind: z.enum(['web', 'worker', 'static']),
  route: z.string().exactOptional(),
  desired: z.number(),
  pinned: z.boolean(),
  ready: z.number(),
  degraded: z.boolean(),
  ignoredStop: z.boolean().exactOptional(),
  replicas: z.array(replica).readonly(),
});
export type Service = z.infer<typeof service>;

export const resource = z.strictObject({
  name: z.string(),
  type: z.string(),
  state: z.enum(['starting', 'ready', 'failed', 'stopped', 'external']),
  version: z.string().exactOptional(),
  pid: z.number().exactOptional(),
  port: z.number().exactOptional(),
  connection: z.string().exactOptional(),
  detail: z.string().exactOptional(),
});
export type Resource = z.infer<typeof resource>;

export const scalingDecision = z.strictObject({ at: moment, service: z.string(), from: z.number(), to: z.number(), reason: z.string() });
export type ScalingDecision = z.infer<typeof scalingDecision>;

export const placeStatus = z.strictObject({
  app: z.string(),
  environment: z.string(),
  url: z.string(),
  release: releaseId.nullable(),
  state: z.enum(['running', 'starting', 'degraded', 'stopped']),
  services: z.array(service).readonly(),
  resources: z.array(resource).readonly(),
  scaling: z.array(scalingDecision).readonly(),
  operation: z.strictObject({ name: z.string(), who: z.string(), since: moment, step: z.string() }).nullable(),
  /** Percent of requests that go to the next set. */
  share: z.number(),
  next: z
    .strictObject({ release: releaseId, services: z.array(service).readonly() })
    .nullable()
    .exactOptional(),
  problems: z
    .array(z.strictObject({ subject: z.enum(['recovery', 'state']), since: moment, message: z.string() }))
    .readonly()
    .exactOptional(),
});
export type PlaceStatus = z.infer<typeof placeStatus>;

export const status = z.strictObject({
  /** When the place was asked. */
  at: epochMs,
  /** As it was when it could last be asked; null before that. */
  place: placeStatus.nullable(),
  /** Why it cannot be asked now; null while it can. Then `place` is old. */
  problem: problem.nullable(),
  /** Numbers of the releases that `place` names. */
  numbers: z.record(releaseId, z.number()),
});
export type Status = z.infer<typeof status>;

/** The schema says what the platform says; whoever changes one has to change the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const same: Same<PlaceStatus, PlatformStatus> = true;
void same;
