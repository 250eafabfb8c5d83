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

/** Of the one document that is made into text at this moment. A function that JSON calls for every value would take most of the time. */
let marking: { readonly mark: string; readonly parts: Part[] } = { mark: '', parts: [] };

export class PartLeaf {
  readonly part: Exclude<Part, string>;

  constructor(part: Exclude<Part, string>) {
    this.part = part;
  }

  /** The mark that stands for the part in the text which is being made. */
  toJSON(): string {
    marking.parts.push(this.part);
    return marking.mark;
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
  for (let attempt = 0; ; attempt += 1) {
    const { text, parts } = withMarks(document, `part ${attempt}`);
    const pieces = text.split(JSON.stringify(`part ${attempt}`));
    if (pieces.length === parts.length + 1) return interleave(pieces, parts);
  }
}

/** The text with the mark in the place of every part. A string of the document that equals the mark makes one mark too many. */
function withMarks(document: JsonWithParts, mark: string): { readonly text: string; readonly parts: readonly Part[] } {
  marking = { mark, parts: [] };
  return { text: `${JSON.stringify(document, undefined, 2)}\n`, parts: marking.parts };
}

function interleave(pieces: readonly string[], parts: readonly Part[]): Part[] {
  return pieces.flatMap((piece, index) => [piece, parts[index] ?? '']).filter((part) => part !== '');
}
