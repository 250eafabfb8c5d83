/**
 * The fast reader: values only. It declines (undefined) whenever the text is not plainly safe, and the exact reader in
 * yaml-exact.ts, which knows positions, judges instead. A differential test holds both to the same values.
 */
import { CORE_SCHEMA, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { maxDepth } from './limits.ts';

/** Whitespace that is no space, and lines that could begin or end a document. */
const doubtfulText = /[\t\r\u0085\u2028\u2029]|^ *(---|\.\.\.|%)/m;

export function readFast(text: string): { readonly value: unknown } | undefined {
  if (doubtfulText.test(text) || text.includes('__proto__')) return undefined;
  try {
    const cursor = { text, events: parseEvents(text, { maxDepth }), next: 1, known: new Map<string, unknown>() };
    const value = compose(cursor);
    return cursor.next === cursor.events.length - 1 && typeof value === 'object' ? { value } : undefined;
  } catch {
    return undefined;
  }
}

interface Cursor {
  readonly text: string;
  readonly events: readonly Event[];
  next: number;
  /** Values of plain scalars by their text: a file has few different ones. */
  readonly known: Map<string, unknown>;
}

/** Why the fast reader declines is never shown; the exact reader finds it again. */
class Doubt extends Error {}

/** The value that begins at the cursor, in one pass over the events: without anchors, aliases, tags, and what could be read in two ways. */
function compose(cursor: Cursor): unknown {
  const event = cursor.events[cursor.next++];
  if (event === undefined || event.type === EVENT_ID.ALIAS || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT)
    throw new Doubt();
  if (event.anchorStart >= 0 || event.tagStart >= 0) throw new Doubt();
  if (event.type === EVENT_ID.SCALAR) return scalarValue(event, cursor);
  return event.type === EVENT_ID.MAPPING ? composeMapping(cursor) : composeSequence(cursor);
}

function composeMapping(cursor: Cursor): Record<string, unknown> {
  const mapping: Record<string, unknown> = {};
  while (!atEnd(cursor)) {
    const key = compose(cursor);
    if (typeof key === 'object' || Object.hasOwn(mapping, String(key))) throw new Doubt();
    mapping[String(key)] = compose(cursor);
  }
  return mapping;
}

function composeSequence(cursor: Cursor): unknown[] {
  const items: unknown[] = [];
  while (!atEnd(cursor)) items.push(compose(cursor));
  return items;
}

function atEnd(cursor: Cursor): boolean {
  if (cursor.events[cursor.next]?.type !== EVENT_ID.POP) return false;
  cursor.next++;
  return true;
}

function scalarValue(event: ScalarEvent, { text, known }: Cursor): unknown {
  const value = getScalarValue(text, event);
  if (event.style === SCALAR_STYLE.PLAIN) return plainValue(event.fast ? value : sourceOf(event, text), known);
  if (!event.fast && !isPlainlyQuoted(event, text)) throw new Doubt();
  return value;
}

function sourceOf({ valueStart, valueEnd }: ScalarEvent, text: string): string {
  return text.slice(valueStart, valueEnd);
}

/** Text over several lines has rules of its own, and escapes could spell a forbidden key. */
function isPlainlyQuoted(event: ScalarEvent, text: string): boolean {
  if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) return false;
  return !/\n|\\[xuU]/.test(sourceOf(event, text));
}

/** What stands for null could be a key. */
function plainValue(source: string, known: Map<string, unknown>): unknown {
  const before = known.get(source);
  if (before !== undefined) return before;
  if (source === '<<' || source.includes('\n') || isOddNumber(source)) throw new Doubt();
  const { value } = CORE_SCHEMA.resolveImplicitScalarTag(source);
  if (value === null) throw new Doubt();
  known.set(source, value);
  return value;
}

/** Digits, signs and the point all come before letters. */
const nine = '9'.charCodeAt(0);
const numeric = /^[-+]?(\.?[0-9]|\.inf$|\.nan$)/i;
const yamlNumber = /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;

/** A number whose text would change if it were written back: `010`, `1.10`, `1e3`, `0x1F`, more digits than a number holds. */
export function isOddNumber(source: string): boolean {
  return source.charCodeAt(0) <= nine && String(Number(source)) !== source && numeric.test(source) && yamlNumber.test(source);
}
