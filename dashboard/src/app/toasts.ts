/** What is said of an operation while somebody looks at something else; pure. */
import type { Operation } from '../../../src/server/api/index.ts';
import { duration } from '../ui/format.ts';
import { meterText } from '../ui/words.ts';

/** One line: what is done where, or how it ended. */
export function operationText({ operation, environment, state, error, result }: Operation): string {
  if (state === 'running') return `${operation} in ${environment} is under way`;
  if (state === 'failed') return error?.message ?? `${operation} in ${environment} failed`;
  if (state === 'asks') return `${operation} in ${environment} needs an answer; nothing was changed`;
  if (state === 'unchanged') return `${operation} in ${environment}: nothing has changed`;
  const took = result === null ? '' : ` in ${duration(result.durationMs)}`;
  const measured = result?.meter == null ? '' : `. ${meterText(result.meter)}`;
  return `${done(operation, result?.number)}${took}${measured}`;
}

function done(operation: string, release: number | undefined): string {
  if (operation === 'deploy' && release !== undefined) return `release ${release} promoted`;
  if (operation === 'rollback' && release !== undefined) return `rolled back to release ${release}`;
  return `${operation} done`;
}

export const symbols: Readonly<Record<Operation['state'], string>> = { running: '~', changed: '✓', unchanged: '✓', asks: '~', failed: '✗' };
