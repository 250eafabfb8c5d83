/** What several parts of the API are made of. These schemas are the API: types, checks and OpenAPI come from them. */
import { z } from 'zod';

/** ISO 8601, UTC. */
export const moment = z.string();

/** Milliseconds since 1970 by the server's clock. */
export const epochMs = z.number();

/** 12 hex digits in general; opaque. */
export const releaseId = z.string();

export const setName = z.enum(['live', 'next']);

/** A platform cannot tell, and why. Shown as "not measured", never as 0. */
export const unsupported = z.strictObject({ unsupported: z.string() });
export type Unsupported = z.infer<typeof unsupported>;

/** A GantryError: the same words as on the terminal. */
export const problem = z.strictObject({
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  lines: z.array(z.string()),
  exitCode: z.number(),
  where: z.string().exactOptional(),
  state: z.string().exactOptional(),
});
export type Problem = z.infer<typeof problem>;

/** The body of every answer that is no success. */
export const refusal = z.strictObject({ error: problem });
export type Refusal = z.infer<typeof refusal>;
