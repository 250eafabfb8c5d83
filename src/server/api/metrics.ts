/** Numbers over time. The platform counts; the server keeps what it saw and makes rates of it. */
import { z } from 'zod';
import { epochMs, releaseId, setName, unsupported } from './common.ts';
import { scalingDecision } from './status.ts';

/** Requests that were answered between two looks. Latencies are null when there were none. */
export const traffic = z.strictObject({
  perSecond: z.number(),
  /** 5xx and cut answers, each second. */
  errors: z.number(),
  /** 4xx, each second; null where they are not told apart. */
  refused: z.number().nullable(),
  /** ms; from buckets, so within the width of one. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});
export type Traffic = z.infer<typeof traffic>;

export const serviceSample = z.strictObject({
  service: z.string(),
  set: setName,
  release: releaseId,
  inFlight: z.number(),
  traffic,
});
export type ServiceSample = z.infer<typeof serviceSample>;

export const replicaSample = z.strictObject({
  id: z.string(),
  service: z.string(),
  release: releaseId,
  set: z.enum(['live', 'next', 'retired']),
  ready: z.boolean(),
  restarts: z.number(),
  perSecond: z.number(),
  failures: z.number(),
  inFlight: z.number(),
  /** Cores in use; null when it cannot be measured. */
  cpu: z.number().nullable(),
  cpuLimit: z.number(),
  /** Bytes; null when it cannot be measured. */
  memory: z.number().nullable(),
  memoryLimit: z.number(),
});
export type ReplicaSample = z.infer<typeof replicaSample>;

export const measured = z.strictObject({
  at: epochMs,
  /** Milliseconds since the look before. */
  overMs: z.number(),
  /** Of all services and sets together. */
  total: traffic,
  services: z.array(serviceSample),
  replicas: z.array(replicaSample),
});
export type Measured = z.infer<typeof measured>;

export const sample = z.union([measured, unsupported]);
export type Sample = z.infer<typeof sample>;

const column = z.array(z.number().nullable());

/** One service over time, column by column; `times` of the history is the other axis. null: not measured then. */
export const serviceHistory = z.strictObject({
  service: z.string(),
  perSecond: column,
  errors: column,
  p50: column,
  p95: column,
  p99: column,
  inFlight: column,
  /** Cores in use of all its replicas, and what their limits add up to. */
  cpu: column,
  cpuLimit: column,
  /** Bytes of all its replicas, and what their limits add up to. */
  memory: column,
  memoryLimit: column,
  /** The fewest between two points. */
  ready: column,
  /** Since the point before. */
  restarts: column,
});
export type ServiceHistory = z.infer<typeof serviceHistory>;

/** Something that explains a bend in a curve. */
export const marker = z.strictObject({
  at: epochMs,
  kind: z.enum(['promoted', 'rolled back', 'failed', 'restart', 'scale']),
  /** `release 42`, `backend 2 -> 4` */
  text: z.string(),
});
export type Marker = z.infer<typeof marker>;

export const history = z.strictObject({
  /** Between two points, ms. */
  stepMs: z.number(),
  times: z.array(epochMs),
  services: z.array(serviceHistory),
  markers: z.array(marker),
  decisions: z.array(scalingDecision),
  /** Why there is nothing; null where it is measured. */
  unsupported: z.string().nullable(),
});
export type History = z.infer<typeof history>;

/** How far back a history can go. */
export const historyMinutes = [15, 60, 360] as const;
