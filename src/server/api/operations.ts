/** Changing an environment. Everything goes the way of the commands: the same lock, the same record, the same questions. */
import { z } from 'zod';
import { problem, releaseId } from './common.ts';
import { meter } from './releases.ts';

const answers = {
  /** Ids of the questions that a person has said yes to. */
  confirmed: z.array(z.string().max(100)).max(50).default([]),
  allow: z
    .array(z.strictObject({ id: z.string().max(20), reason: z.string().min(1).max(500) }))
    .max(50)
    .default([]),
  allowSchemaMismatch: z.boolean().default(false),
};

export const operationInput = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('deploy'), ...answers }),
  z.strictObject({
    operation: z.literal('rollback'),
    /** To the one promoted before without it. */
    release: z.string().max(100).optional(),
    /** The environment's name, typed. */
    confirm: z.string().max(200),
    ...answers,
  }),
  z.strictObject({
    operation: z.literal('scale'),
    service: z.string().max(200),
    count: z.union([z.number().int().min(0).max(1000), z.literal('auto')]),
  }),
  z.strictObject({ operation: z.literal('restart'), service: z.string().max(200).optional() }),
]);
export type OperationInput = z.infer<typeof operationInput>;

export const question = z.strictObject({
  id: z.string(),
  text: z.string(),
  /** The environment's name has to be typed. */
  losesData: z.boolean(),
});
export type Question = z.infer<typeof question>;

export const operation = z.strictObject({
  id: z.string(),
  environment: z.string(),
  operation: z.string(),
  /** asks: nothing was changed; the same again with every id in `confirmed` goes on. */
  state: z.enum(['running', 'changed', 'unchanged', 'asks', 'failed']),
  questions: z.array(question),
  error: problem.nullable(),
  /** What serves now, once it has ended well. */
  result: z.strictObject({ release: releaseId.nullable(), number: z.number(), durationMs: z.number(), meter: meter.nullable() }).nullable(),
});
export type Operation = z.infer<typeof operation>;

export const interrupted = z.strictObject({ interrupted: z.boolean() });
export type Interrupted = z.infer<typeof interrupted>;

export const tryInput = z.discriminatedUnion('kind', [
  /** The process ends at once, without a chance to clean up. */
  z.strictObject({ kind: z.literal('kill'), replica: z.string().max(200) }),
  /** It stands still, with its connections open, until it is replaced. */
  z.strictObject({ kind: z.literal('freeze'), replica: z.string().max(200) }),
  /** It gets a fraction of its time for a while. */
  z.strictObject({ kind: z.literal('slow'), replica: z.string().max(200) }),
  /** A release that differs in one harmless variable. */
  z.strictObject({ kind: z.literal('good release') }),
  /** A release that cannot work, and says why in its log. */
  z.strictObject({ kind: z.literal('bad release') }),
]);
export type TryInput = z.infer<typeof tryInput>;

/** What was done, in words; a release is an operation, to be watched. */
export const tried = z.strictObject({ text: z.string(), operation: operation.nullable() });
export type Tried = z.infer<typeof tried>;

/** What can be tried here. */
export const tries = z.strictObject({
  /** Why nothing can; null where it can. */
  unsupported: z.string().nullable(),
  /** What the good and the bad release differ in: `TRY_IT = 3 in backend`. Null when the app has nothing to break that way. */
  good: z.string().nullable(),
  bad: z.string().nullable(),
});
export type Tries = z.infer<typeof tries>;
