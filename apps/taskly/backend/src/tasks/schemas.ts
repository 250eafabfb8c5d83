import * as z from 'zod';
import { line, lines } from '../http/text.ts';

const due = z.iso
  .date('Must be a date like 2026-05-31.')
  .refine((date) => date >= '1900-01-01' && date <= '2999-12-31', 'Must lie between 1900 and 2999.')
  .nullable();
const neighbour = z.uuid('Must be the id of a task, or null.').nullable();

const fields = { title: line(500), notes: lines(10_000), due };
const spot = { after: neighbour.optional(), before: neighbour.optional() };
const oneSpot = (body: { after?: unknown; before?: unknown }): boolean => body.after === undefined || body.before === undefined;
const ONE_SPOT = { path: ['before'], error: 'Give either after or before, not both.' };

export const createBody = z
  .strictObject({ title: fields.title, notes: fields.notes.default(''), due: fields.due.default(null), ...spot })
  .refine(oneSpot, ONE_SPOT);

export const changeBody = z
  .strictObject({
    version: z.int().min(1),
    title: fields.title.optional(),
    notes: fields.notes.optional(),
    due: fields.due.optional(),
    done: z.boolean().optional(),
    ...spot,
  })
  .refine(oneSpot, ONE_SPOT)
  .refine((body) => Object.values(body).filter((value) => value !== undefined).length > 1, { error: 'Give at least one field to change.' });

export const listQuery = z.strictObject({
  filter: z.enum(['all', 'open', 'done', 'due']).default('all'),
  q: line(200, 0).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().min(1).max(1000).optional(),
});

export const deleteQuery = z.strictObject({ version: z.coerce.number().int().min(1).max(2_147_483_647).optional() });
export const idParams = z.object({ id: z.string().max(200) });
// Other headers are none of our business; this one is.
export const createHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'Must be 1 to 255 printable ASCII characters.')
    .optional(),
});

export const taskSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    notes: z.string(),
    due: z.string().nullable(),
    done: z.boolean(),
    doneAt: z.string().nullable(),
    position: z.string(),
    version: z.number().int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Task' });

export const pageSchema = z.object({ items: z.array(taskSchema), next: z.string().nullable() });

export const conflictSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }), task: taskSchema.optional() })
  .meta({ id: 'Conflict' });

export type Task = z.infer<typeof taskSchema>;
export type CreateBody = z.infer<typeof createBody>;
export type ChangeBody = z.infer<typeof changeBody>;
export type ListQuery = z.infer<typeof listQuery>;
