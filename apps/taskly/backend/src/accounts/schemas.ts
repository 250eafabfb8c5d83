import * as z from 'zod';
import { line } from '../http/text.ts';

const email = z.string().trim().toLowerCase().max(254, 'Must have at most 254 characters.').pipe(z.email('Must be an e-mail address.'));

/** Nothing about its composition: length is what counts. Nothing is cut off. */
const newPassword = z
  .string()
  .max(512, 'Must have at most 256 characters.')
  .refine((value) => value.isWellFormed(), 'Contains characters that cannot be stored.')
  .refine((value) => [...value].length >= 8, 'Must have at least 8 characters.')
  .refine((value) => [...value].length <= 256, 'Must have at most 256 characters.');

export const signUpBody = z.strictObject({ email, password: newPassword, name: line(80).nullish() });
export const signInBody = z.strictObject({
  email,
  password: z.string().min(1, 'Must not be empty.').max(512, 'Must have at most 256 characters.'),
});

export const accountSchema = z
  .object({ id: z.string(), email: z.string(), name: z.string().nullable(), createdAt: z.string() })
  .meta({ id: 'Account' });

export type Account = z.infer<typeof accountSchema>;
