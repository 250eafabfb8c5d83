/** What a journal keeps of an error, so that whoever comes later sees what its first reader saw. */
import { catalogue, isGantryError, type ErrorCode, type WireError } from '../errors.ts';
import type { StoredEvent } from './journal.ts';

/** As `WireError`; the code is `bug` for what is no problem of the user's. */
export type Evidence = Omit<WireError, 'code'> & { readonly code: string };

const mostLines = 40;
const mostBytes = 16 * 1024;
const longestText = 2_000;
const bugFix = 'This is a bug in Gantry, not in your app. Please report it with the lines above and what you did.';

/** The last lines are the ones that tell. */
export function evidenceOf(error: unknown): Evidence {
  const { message, fix, where, lines, ...rest } = isGantryError(error) ? error.toJSON() : bug(error);
  return {
    ...rest,
    message: shortText(message),
    fix: shortText(fix),
    ...(where === undefined ? {} : { where: shortText(where) }),
    lines: fitting(lines.slice(-mostLines)),
  };
}

function bug(error: unknown): Evidence {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { code: 'bug', message, fix: bugFix, lines: stack.split('\n').slice(1), exitCode: 1 };
}

/** What a step said; a plan of many services is shortened. */
export function shortText(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)} ...`;
}

/** As many from the end as there is room for; of a line that alone is too long, its beginning. */
function fitting(lines: readonly string[]): string[] {
  let left = mostBytes;
  const kept: string[] = [];
  for (const line of lines.toReversed()) {
    const bytes = Buffer.byteLength(line);
    if (bytes > left && kept.length > 0) break;
    kept.unshift(bytes > left ? Buffer.from(line).toString('utf8', 0, left) : line);
    left -= bytes;
  }
  return kept;
}

/** Of an attempt that failed; what an earlier version has not kept is made up for by the catalogue. @param events of that attempt alone */
export function keptEvidence(events: readonly StoredEvent[]): Evidence | null {
  const failed = events.findLast((event) => event.type === 'failed');
  if (failed?.type !== 'failed') return null;
  const { code, message } = failed;
  const fix = code in catalogue ? catalogue[code as ErrorCode].fix : bugFix;
  const kept = (failed['error'] ?? { code, message, fix, lines: [], exitCode: 1 }) as Evidence;
  const state = events.findLast((event) => event.type === 'reverted')?.['state'];
  return typeof state === 'string' ? { ...kept, state } : kept;
}
