/**
 * The fast reader: values only. It declines (undefined) whenever the text is not plainly safe, and the exact reader in
 * yaml-exact.ts, which knows positions, judges instead. A differential test holds both to the same values.
 */
import { constructFromEvents, CORE_SCHEMA, EVENT_ID, parseEvents, SCALAR_STYLE, type Event } from 'js-yaml';
import { maxDepth } from './limits.ts';

const doubtfulText = /[\t\u0085\u2028\u2029]|\r(?!\n)/;

export function readFast(text: string): { readonly value: unknown } | undefined {
  if (doubtfulText.test(text)) return undefined;
  try {
    const events = parseEvents(text, { maxDepth });
    if (!isPlain(events, text)) return undefined;
    return { value: constructFromEvents(events, { source: text, schema: CORE_SCHEMA, maxAliases: 0 })[0] };
  } catch {
    return undefined;
  }
}

/** One document without directives, anchors, aliases, tags, and keys or numbers that could be read in two ways. */
function isPlain(events: readonly Event[], text: string): boolean {
  return events.filter((event) => event.type === EVENT_ID.DOCUMENT).length === 1 && events.every((event) => isPlainEvent(event, text));
}

function isPlainEvent(event: Event, text: string): boolean {
  if (event.type === EVENT_ID.ALIAS) return false;
  if (event.type === EVENT_ID.POP) return true;
  if (event.type === EVENT_ID.DOCUMENT) return event.directives.length === 0 && !event.explicitEnd;
  if (event.anchorStart >= 0 || event.tagStart >= 0) return false;
  return event.type !== EVENT_ID.SCALAR || isPlainScalar(event.style, text.slice(event.valueStart, event.valueEnd));
}

function isPlainScalar(style: number, source: string): boolean {
  if (source.includes('__proto__')) return false;
  return style !== SCALAR_STYLE.PLAIN || (source !== '<<' && !isOddNumber(source));
}

const numeric = /^[-+]?(\.?[0-9]|\.inf$|\.nan$)/i;
const yamlNumber = /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;

/** A number whose text would change if it were written back: `010`, `1.10`, `1e3`, `0x1F`, more digits than a number holds. */
export function isOddNumber(source: string): boolean {
  return numeric.test(source) && yamlNumber.test(source) && String(Number(source)) !== source;
}
