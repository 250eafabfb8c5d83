/** Looking things up in a schema: the part that belongs to a path, its keys, its description and an example. */
import { z } from 'zod';
import type { Path } from './issue.ts';

type Schema = z.core.$ZodType;

/** The schema of the value at a path; in a union the branch that has the next key. */
export function schemaAt(schema: Schema, path: Path, root: unknown): Schema | undefined {
  let current: Schema | undefined = schema;
  let value = root;
  for (const key of path) {
    current = current === undefined ? undefined : child(current, key);
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  return current;
}

function child(schema: Schema, key: string | number): Schema | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, key) ? (inner.shape as Record<string, Schema>)[key] : undefined;
  if (inner instanceof z.ZodRecord) return inner.valueType;
  if (inner instanceof z.ZodArray) return typeof key === 'number' ? inner.element : undefined;
  if (!(inner instanceof z.ZodUnion)) return undefined;
  for (const option of inner.options) {
    const hit = child(option, key);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function unwrap(schema: Schema): Schema {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}

/** The keys of a mapping; of a union, those of its mapping. */
export function childKeys(schema: Schema | undefined): string[] {
  if (schema === undefined) return [];
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  return inner instanceof z.ZodUnion ? inner.options.flatMap((option) => childKeys(option)) : [];
}

export interface Description {
  readonly description?: string;
  /** As it would stand in the file, in one line. */
  readonly example?: string;
}

export function describe(schema: Schema | undefined): Description {
  const meta = { ...metaOf(schema), ...(schema === undefined ? undefined : metaOf(unwrap(schema))) };
  const [example] = Array.isArray(meta['examples']) ? meta['examples'] : [];
  return {
    ...(typeof meta['description'] === 'string' ? { description: meta['description'] } : {}),
    ...(example === undefined ? {} : { example: flow(example) }),
  };
}

function metaOf(schema: Schema | undefined): Record<string, unknown> {
  return (schema === undefined ? undefined : z.globalRegistry.get(schema)) ?? {};
}

/** A value as YAML in one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${flow(inner)}`)
      .join(', ')} }`;
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
}

function scalar(text: string): string {
  return /^[A-Za-z./][A-Za-z0-9 ._/@-]*$/.test(text) && !/^(true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}
