/** Log lines of all replicas, jobs, resources and of Gantry itself. */
import { z } from 'zod';
import { moment } from './common.ts';

/** A longer line is cut; `characters` says how long it was. */
export const longestLine = 16_384;

export const logEntry = z.strictObject({
  /** Rises in the order in which the server came to know the lines. */
  id: z.number(),
  /** To a second where the program's own output does not say it; absent when nobody knows. */
  at: moment.exactOptional(),
  /** `backend-3f9a-1`, `job-backend-3f9a`, `db`, `supervisor`. */
  source: z.string(),
  /** Null for what is no service's: resources, Gantry itself. */
  service: z.string().nullable(),
  /** The replica's id; null for jobs, resources and Gantry itself. */
  replica: z.string().nullable(),
  stream: z.enum(['stdout', 'stderr', 'gantry']),
  text: z.string(),
  /** Of the whole line, when `text` is only its beginning. */
  characters: z.number().exactOptional(),
  /** About so many lines of the source before this one are nowhere: they came faster than they were read. The stream's own `skipped` has them too. */
  skipped: z.number().exactOptional(),
});
export type LogEntry = z.infer<typeof logEntry>;

export const logPage = z.strictObject({
  /** Oldest first. */
  lines: z.array(logEntry),
  /** There are older ones, which the same request with `before` gives. */
  more: z.boolean(),
  /** Where the event stream takes over without a gap. */
  cursor: z.number(),
  /** Sources that have lines, also those without any in this page. */
  sources: z.array(z.string()),
});
export type LogPage = z.infer<typeof logPage>;

export const logQuery = z.strictObject({
  /** Newest lines that are wanted. */
  tail: z.coerce.number().int().min(1).max(100_000).default(2000),
  /** Only lines with a smaller id. */
  before: z.coerce.number().int().min(0).exactOptional(),
  service: z.string().max(200).exactOptional(),
  replica: z.string().max(200).exactOptional(),
  /** Text that the line contains, whatever its case. */
  contains: z.string().max(500).exactOptional(),
});
export type LogQuery = z.infer<typeof logQuery>;
