/** Taking away what the schema refuses, so that the rules can still judge the rest of the file. */
import type { z } from 'zod';
import type { Path, Problem } from './issue.ts';
import { judge, valueAt } from './judge.ts';

export interface Pruned {
  /** Undefined if nothing usable is left. */
  readonly value: unknown;
  readonly lost: readonly Path[];
}

/** Each round may make a key go that its mapping needs, so that the mapping goes in the next one. */
const rounds = 8;

/** @param standIns what the root gets for a key that it needs and has not, or has lost */
export function prune(
  schema: z.ZodType,
  value: unknown,
  problems: readonly Problem[],
  standIns: Readonly<Record<string, unknown>>,
): Pruned {
  const copy: unknown = structuredClone(value);
  const lost: Path[] = problems.flatMap((problem) => problem.absent ?? []);
  let open = problems;
  for (let round = 0; round < rounds && open.length > 0; round++) {
    for (const { path, code, message, absent } of open) {
      const key = path.length === 0 ? absent?.[0]?.[0] : undefined;
      if (path.length === 0 && !standIn(copy, key, standIns)) return { value: undefined, lost };
      if (path.length > 0) lost.push(takeAway(copy, path), ...intended(path, code, message));
    }
    open = judge(schema, copy);
  }
  return { value: open.length === 0 ? copy : undefined, lost };
}

function standIn(root: unknown, key: string | number | undefined, standIns: Readonly<Record<string, unknown>>): boolean {
  if (key === undefined || !Object.hasOwn(standIns, key) || typeof root !== 'object' || root === null) return false;
  (root as Record<string, unknown>)[key] = structuredClone(standIns[key]);
  return true;
}

/** The key that an unknown one was probably meant to be is lost as well. */
function intended(path: Path, code: Problem['code'], message: string): Path[] {
  const meant = code === 'GA1003' ? /did you mean "([^"]+)"/.exec(message)?.[1] : undefined;
  return meant === undefined ? [] : [[...path.slice(0, -1), meant]];
}

/** Deletes a key. An item of a list cannot go without moving the others: a smoke check is emptied, any other list goes as a whole. */
function takeAway(root: unknown, path: Path): Path {
  const key = path.at(-1);
  const parent = valueAt(root, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (path[0] !== 'smoke' || path.length !== 2) return takeAway(root, path.slice(0, -1));
    parent[Number(key)] = {};
  } else if (typeof parent === 'object' && parent !== null && key !== undefined) delete (parent as Record<string | number, unknown>)[key];
  return path;
}
