/** The position of a key in a file that is known to be right: cheap enough to be asked for a few places of a large file. */
import { EVENT_ID, getScalarValue, parseEvents, type Event } from 'js-yaml';
import type { Position } from './issue.ts';
import { maxDepth } from './limits.ts';

export interface Located extends Position {
  /** False when the path ends above: the key itself does not stand in the file. */
  readonly exact: boolean;
}

/** Keys, and indexes of lists as digits: `['services', 'web', 'health']`. */
export type Locate = (path: readonly string[]) => Located | undefined;

/** The text is read once, and each mapping is looked through once. Nothing is found in a text that cannot be read. */
export function positionsIn(text: string): Locate {
  try {
    const cursor: Cursor = { text, events: parseEvents(text, { maxDepth }), known: new Map() };
    return (path) => {
      const { offset, depth } = descend(cursor, path);
      return depth === 0 ? undefined : { ...lineAndColumn(text, offset), exact: depth === path.length };
    };
  } catch {
    return () => undefined;
  }
}

interface Cursor {
  readonly text: string;
  readonly events: readonly Event[];
  /** What is in the mappings and lists that were looked through, by the event at which they begin. */
  readonly known: Map<number, ReadonlyMap<string, Child>>;
}

interface Child {
  readonly offset: number;
  /** Event at which its value begins. */
  readonly value: number;
}

interface Descent {
  readonly offset: number;
  /** How many keys of the path were found. */
  readonly depth: number;
}

function descend(cursor: Cursor, path: readonly string[]): Descent {
  let found: Descent = { offset: 0, depth: 0 };
  let at = 1;
  for (const [index, key] of path.entries()) {
    const child = childrenOf(cursor, target(cursor, at)).get(key);
    if (child === undefined) return found;
    found = { offset: child.offset, depth: index + 1 };
    at = child.value;
  }
  return found;
}

function childrenOf(cursor: Cursor, at: number): ReadonlyMap<string, Child> {
  const known = cursor.known.get(at);
  if (known !== undefined) return known;
  const { type } = cursor.events[at] ?? {};
  const found = type === EVENT_ID.MAPPING ? entries(cursor, at) : type === EVENT_ID.SEQUENCE ? items(cursor, at) : new Map<string, Child>();
  cursor.known.set(at, found);
  return found;
}

function entries(cursor: Cursor, start: number): ReadonlyMap<string, Child> {
  const found = new Map<string, Child>();
  for (let at = start + 1; !isEnd(cursor, at);) {
    const event = cursor.events[at];
    const value = after(cursor, at);
    if (event?.type === EVENT_ID.SCALAR) found.set(getScalarValue(cursor.text, event), { offset: event.valueStart, value });
    at = after(cursor, value);
  }
  return found;
}

function items(cursor: Cursor, start: number): ReadonlyMap<string, Child> {
  const found = new Map<string, Child>();
  for (let at = start + 1; !isEnd(cursor, at); at = after(cursor, at))
    found.set(String(found.size), { offset: startOf(cursor.events[at]), value: at });
  return found;
}

function isEnd({ events }: Cursor, at: number): boolean {
  const type = events[at]?.type;
  return type === undefined || type === EVENT_ID.POP;
}

/** The event after the value that begins at one. */
function after({ events }: Cursor, start: number): number {
  let open = 0;
  for (let at = start; at < events.length; at += 1) {
    const type = events[at]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) open += 1;
    if (type === EVENT_ID.POP) open -= 1;
    if (open === 0) return at + 1;
  }
  return events.length;
}

/** What an alias stands for is shown where it is written. */
function target({ text, events }: Cursor, at: number): number {
  const alias = events[at];
  if (alias?.type !== EVENT_ID.ALIAS) return at;
  const name = text.slice(alias.anchorStart, alias.anchorEnd);
  const index = events.findLastIndex(
    (event, other) =>
      other < at && 'anchorStart' in event && event.type !== EVENT_ID.ALIAS && text.slice(event.anchorStart, event.anchorEnd) === name,
  );
  return index < 0 ? at : index;
}

function startOf(event: Event | undefined): number {
  if (event === undefined) return 0;
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return 'start' in event ? event.start : 0;
}

function lineAndColumn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
