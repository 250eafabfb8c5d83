/** Helpers over typed parts: JSON documents with parts as leaves, and their canonical text. */
import type { Part } from './stack.ts';

/** JSON in which a typed part may stand wherever a value may. */
export type JsonWithParts =
  | null
  | boolean
  | number
  | string
  | PartLeaf
  | readonly JsonWithParts[]
  | { readonly [key: string]: JsonWithParts | undefined };

export class PartLeaf {
  readonly part: Exclude<Part, string>;

  constructor(part: Exclude<Part, string>) {
    this.part = part;
  }
}

export function output(stack: string, name: string): PartLeaf {
  return new PartLeaf({ output: [stack, name] });
}

export function secret(name: string, set?: 'live' | 'next'): PartLeaf {
  return new PartLeaf(set === undefined ? { secret: name } : { secret: name, set });
}

export function image(service: string, set: 'live' | 'next'): PartLeaf {
  return new PartLeaf({ image: service, set });
}

/** A JSON document as file parts: two-space indentation, keys in the given order, a newline at the end. */
export function jsonFile(document: JsonWithParts): Part[] {
  const parts: Part[] = [];
  write(document, '', (part) => push(parts, part));
  push(parts, '\n');
  return parts;
}

function push(parts: Part[], part: Part): void {
  const last = parts.length - 1;
  const before = parts[last];
  if (typeof part === 'string' && typeof before === 'string') parts[last] = before + part;
  else parts.push(part);
}

function write(value: JsonWithParts, indent: string, emit: (part: Part) => void): void {
  if (value instanceof PartLeaf) emit(value.part);
  else if (isList(value))
    writeAll(
      value.map((item) => [undefined, item] as const),
      '[]',
      indent,
      emit,
    );
  else if (typeof value === 'object' && value !== null) writeAll(Object.entries(value).filter(isPresent), '{}', indent, emit);
  else emit(JSON.stringify(value));
}

function isList(value: JsonWithParts): value is readonly JsonWithParts[] {
  return Array.isArray(value);
}

function isPresent(entry: [string, JsonWithParts | undefined]): entry is [string, JsonWithParts] {
  return entry[1] !== undefined;
}

function writeAll(
  entries: readonly (readonly [string | undefined, JsonWithParts])[],
  brackets: string,
  indent: string,
  emit: (part: Part) => void,
): void {
  if (entries.length === 0) return emit(brackets);
  const inner = `${indent}  `;
  entries.forEach(([key, value], index) => {
    emit(`${index === 0 ? brackets.charAt(0) : ','}\n${inner}${key === undefined ? '' : `${JSON.stringify(key)}: `}`);
    write(value, inner, emit);
  });
  emit(`\n${indent}${brackets.charAt(1)}`);
}
