/**
 * The one stream of everything that changes: `text/event-stream`, read by fetch because an EventSource cannot carry the token's header.
 * Every event has an `id`; a stream that ended goes on with `after`. State (status, sample, releases, progress) is told as it is now, so
 * what was missed in between does not matter; log lines and operations are told one by one, from a ring. What the ring has no more is
 * told by `lost`.
 */
import { z } from 'zod';
import { environmentSummary } from './environments.ts';
import { logEntry } from './logs.ts';
import { sample } from './metrics.ts';
import { operation } from './operations.ts';
import { progress, releaseSummary } from './releases.ts';
import { status } from './status.ts';

export const topics = ['status', 'sample', 'releases', 'progress', 'logs'] as const;
export type Topic = (typeof topics)[number];

export const eventsQuery = z.strictObject({
  /** `local/status`: environment and topic; once for each. */
  topic: z.union([z.string().max(300), z.array(z.string().max(300)).max(100)]).optional(),
  /** The id of the last event that arrived. */
  after: z.string().max(100).optional(),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

const environment = z.string();

export const serverEvent = z.discriminatedUnion('type', [
  /** First of every stream. Another `server` than before: it was started anew, and ids begin again. */
  z.strictObject({ type: z.literal('hello'), server: z.string(), version: z.string() }),
  z.strictObject({ type: z.literal('environments'), environments: z.array(environmentSummary) }),
  z.strictObject({ type: z.literal('status'), environment, status }),
  z.strictObject({ type: z.literal('sample'), environment, sample }),
  /** The newest 50, newest first. */
  z.strictObject({ type: z.literal('releases'), environment, releases: z.array(releaseSummary) }),
  /** Null: no release is under way. */
  z.strictObject({ type: z.literal('progress'), environment, progress: progress.nullable() }),
  /** `skipped`: so many lines before these were left out, because they came faster than they could be told. */
  z.strictObject({ type: z.literal('logs'), environment, lines: z.array(logEntry), skipped: z.number() }),
  z.strictObject({ type: z.literal('operation'), operation }),
  /** Events between `after` and here are gone: what was built from single events has to be fetched anew. */
  z.strictObject({ type: z.literal('lost'), environment: environment.nullable() }),
]);
export type ServerEvent = z.infer<typeof serverEvent>;
