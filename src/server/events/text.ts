/** Events as JSON. Each is made into text once, however many streams it goes to. */
import type { ServerEvent } from '../api/index.ts';

const texts = new WeakMap<ServerEvent, string>();

/** The event must not change any more. */
export function textOf(event: ServerEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify(event);
  texts.set(event, text);
  return text;
}
