/** Text with references: `postgres://${db.host}:${db.port}`. */
import type { Template, TemplatePart } from './model.ts';

export type ParsedTemplate = { readonly template: Template } | { readonly problem: string };

const shape = /^[a-z][a-z0-9-]*\.[a-z]+$/;

/** Splits text at its references; `$${` stands for a plain `${`. Empty text is an empty template. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = [];
  let position = 0;
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', position)) {
    if (text[start - 1] === '$' && start > position) {
      push(parts, `${text.slice(position, start - 1)}\${`);
      position = start + 2;
      continue;
    }
    const end = text.indexOf('}', start);
    const inner = text.slice(start + 2, end < 0 ? undefined : end);
    if (end < 0 || !shape.test(inner)) return { problem: end < 0 ? text.slice(start, start + 40) : `\${${inner}}` };
    push(parts, text.slice(position, start));
    const dot = inner.indexOf('.');
    parts.push({ name: inner.slice(0, dot), attribute: inner.slice(dot + 1) });
    position = end + 1;
  }
  push(parts, text.slice(position));
  return { template: parts };
}

function push(parts: TemplatePart[], text: string): void {
  const before = parts.at(-1);
  if (text === '') return;
  if (typeof before === 'string') parts[parts.length - 1] = before + text;
  else parts.push(text);
}
