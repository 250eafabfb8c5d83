/**
 * The fast reader: values only. It declines (undefined) whenever the text is not plainly safe, and the exact reader in
 * yaml-exact.ts, which knows positions, judges instead. A differential test holds both to the same values.
 */
import { constructFromEvents, CORE_SCHEMA, EVENT_ID, parseEvents, SCALAR_STYLE, type Event } from 'js-yaml';
import { maxDepth } from './limits.ts';

/** Whitespace that is no space, and lines that could begin or end a document. */
const doubtfulText = /[\t\r\u0085\u2028\u2029]|^ *(---|\.\.\.|%)/m;

export function readFast(text: string): { readonly value: unknown } | undefined {
  if (doubtfulText.test(text)) return undefined;
  try {
    const events = parseEvents(text, { maxDepth });
    if (!isPlain(events, text)) return undefined;
    const [value] = constructFromEvents(events, { source: text, schema: CORE_SCHEMA, maxAliases: 0 });
    return typeof value === 'object' && value !== null ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** Without anchors, aliases, tags, and keys or numbers that could be read in two ways. */
function isPlain(events: readonly Event[], text: string): boolean {
  return events.every((event) => isPlainEvent(event, text));
}

function isPlainEvent(event: Event, text: string): boolean {
  if (event.type === EVENT_ID.ALIAS) return false;
  if (event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return true;
  if (event.anchorStart >= 0 || event.tagStart >= 0) return false;
  return event.type !== EVENT_ID.SCALAR || isPlainScalar(event.style, text.slice(event.valueStart, event.valueEnd));
}

/** Escapes could spell a forbidden key, what stands for null could be a key, and text over several lines has rules of its own. */
function isPlainScalar(style: number, source: string): boolean {
  if (source.includes('__proto__')) return false;
  if (source.includes('\n') || style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK) return false;
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) return !/\\[xuU]/.test(source);
  return style !== SCALAR_STYLE.PLAIN || (source !== '<<' && !/^(~|null|Null|NULL)?$/.test(source) && !isOddNumber(source));
}

const numeric = /^[-+]?(\.?[0-9]|\.inf$|\.nan$)/i;
const yamlNumber = /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;

/** A number whose text would change if it were written back: `010`, `1.10`, `1e3`, `0x1F`, more digits than a number holds. */
export function isOddNumber(source: string): boolean {
  return numeric.test(source) && yamlNumber.test(source) && String(Number(source)) !== source;
}
