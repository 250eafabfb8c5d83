/** A problem as the API tells it. */
import type { GantryError } from '../errors.ts';
import type { Problem } from './api/index.ts';

export function problemOf(error: GantryError): Problem {
  const { lines, ...rest } = error.toJSON();
  return { ...rest, lines: [...lines] };
}
