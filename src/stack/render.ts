/** Filling typed parts: the same walk for every engine, which only says how it writes a part. */
import type { Part, Stack } from './stack.ts';

export type Fill = (part: Exclude<Part, string>) => string;

/** The stack's files as text. Literal text is copied byte for byte. */
export function renderFiles(stack: Stack, fill: Fill): Record<string, string> {
  return Object.fromEntries(Object.entries(stack.files).map(([path, parts]) => [path, renderParts(parts, fill)]));
}

function renderParts(parts: readonly Part[], fill: Fill): string {
  return parts.map((part) => (typeof part === 'string' ? part : fill(part))).join('');
}

/** Stacks in an order in which each follows what it needs; equal ranks keep their order. Throws on a cycle or an unknown id: a bug in a target. */
export function ordered(stacks: readonly Stack[]): Stack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const done: Stack[] = [];
  const visit = (stack: Stack, path: readonly string[]): void => {
    if (done.includes(stack)) return;
    if (path.includes(stack.id)) throw new Error(`stacks need each other: ${[...path, stack.id].join(' -> ')}`);
    for (const need of stack.needs) visit(known(byId, need, stack.id), [...path, stack.id]);
    done.push(stack);
  };
  for (const stack of stacks) visit(stack, []);
  return done;
}

function known(stacks: ReadonlyMap<string, Stack>, id: string, from: string): Stack {
  const stack = stacks.get(id);
  if (stack === undefined) throw new Error(`stack ${from} needs ${id}, which is not there`);
  return stack;
}
