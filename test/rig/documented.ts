/** The documents that docs/json.md shows, so that what it says is what is printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../docs/json.md');

/** The first document below the heading. */
export function documented(heading: string): object {
  const text = readFileSync(page, 'utf8');
  const [, example] = new RegExp(`\n## ${heading}\n[^]*?\`\`\`json\n([^]*?)\`\`\``).exec(text) ?? [];
  if (example === undefined) throw new Error(`docs/json.md shows no document for ${heading}`);
  return JSON.parse(example) as object;
}

/** Field names all the way down; values and their number do not count. Of a list the first element is looked at. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return 'value';
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
