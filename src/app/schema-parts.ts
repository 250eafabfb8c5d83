/** The smallest pieces of the schemas. Each `error` text completes the sentence "expected ...". */
import { z } from 'zod';

const bounded = (low: number, high: number) => `from ${low} to ${high}`;

export const name = z.string({ error: 'a name' }).regex(/^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
  error: 'a name of at most 40 lower-case letters, digits and single dashes that begins with a letter',
});

export const text = z.string({ error: 'text' });

export const filledText = z.string({ error: 'text' }).regex(/\S/, { error: 'text that is not empty' });

/** Values that reach a program as text; numbers and booleans may be written without quotes. */
export const textual = z.union([z.string(), z.number(), z.boolean()], { error: 'text, a number or a boolean' });

export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'a variable name of letters, digits and underscores that does not begin with a digit' });

export const duration = z
  .string({ error: 'a duration such as 10s, 5m or 1h' })
  .regex(/^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$/, { error: 'a duration such as 10s, 5m or 1h' });

export const size = z
  .string({ error: 'a size such as 128Mi or 10Gi' })
  .regex(/^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$/, { error: 'a size such as 128Mi or 10Gi' });

export const path = z
  .string({ error: 'a path that begins with /' })
  .regex(/^\/[^\s#\\]{0,1023}$/, { error: 'a path that begins with / and has no spaces' });

export const route = z
  .string({ error: 'a path prefix such as / or /api' })
  .regex(/^(?=.{1,255}$)\/([A-Za-z0-9._~-]+\/)*([A-Za-z0-9._~-]+)?$/, {
    error: 'a path prefix such as / or /api, of letters, digits, dots, dashes, tildes and underscores',
  });

export function whole(low: number, high: number) {
  const error = `a whole number ${bounded(low, high)}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
}

export function number(low: number, high: number) {
  const error = `a number ${bounded(low, high)}`;
  return z.number({ error }).min(low, { error }).max(high, { error });
}

export const words = z.array(text, { error: 'a list of words' }).min(1, { error: 'a list with at least one word' });

export const command = z.union([filledText, words], { error: 'a command: text, or a list of words' });

/** A mapping whose keys are checked; `what` completes "expected ...". */
export function mapOf<Value extends z.ZodType>(key: z.ZodString, value: Value, what: string) {
  return z.record(key, value, { error: what });
}

export function listOf<Value extends z.ZodType>(value: Value, what: string) {
  return z.array(value, { error: what });
}

export function strict<Shape extends z.ZodRawShape>(shape: Shape, what: string) {
  return z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? what : undefined) });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: listed(values) });
}

function listed(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
