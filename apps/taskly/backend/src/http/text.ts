import * as z from 'zod';

// PostgreSQL stores neither NUL nor half a surrogate pair; other control characters have no business in a line of text.
const CONTROL_LINE = /\p{Cc}/u;
const CONTROL_TEXT = /[^\P{Cc}\t\n\r]/u;
const length = (text: string): number => [...text].length;

function text(max: number, min: number, control: RegExp): z.ZodType<string, string> {
  return z
    .string()
    .max(max * 2)
    .refine((value) => value.isWellFormed() && !control.test(value), 'Contains characters that cannot be stored.')
    .trim()
    .refine((value) => length(value) >= min, 'Must not be empty.')
    .refine((value) => length(value) <= max, `Must have at most ${max} characters.`);
}

/** One line without control characters; counted in code points, after trimming. */
export const line = (max: number, min = 1): z.ZodType<string, string> => text(max, min, CONTROL_LINE);

/** Text that may have lines and tabs. */
export const lines = (max: number): z.ZodType<string, string> => text(max, 0, CONTROL_TEXT);
