import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { positionsIn, type Located } from './locate.ts';
import { readExact } from './yaml-exact.ts';

const apps = join(import.meta.dirname, '../../apps');
const texts = readdirSync(apps).map((name) => readFileSync(join(apps, name, 'gantry.yaml'), 'utf8'));
const odd = 'a: &one\n  b: [x, { c: 1 }]\n"d": *one\nlist:\n  - first\n  - key: 2\n';

const positionOf = (text: string, path: readonly string[]): Located | undefined => positionsIn(text)(path);

/** All paths of a value, as keys. */
function pathsOf(value: unknown, base: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...base, key], ...pathsOf(inner, [...base, key])]);
}

it('agrees with the exact reader on every key of the example apps', () => {
  for (const text of texts) {
    const exact = readExact(text);
    if ('problems' in exact) throw new Error('not readable');
    const locate = positionsIn(text);
    for (const path of pathsOf(exact.value).filter((keys) => keys.every((key) => !/^\d+$/.test(key)))) {
      expect({ path, ...locate(path) }).toEqual({ path, ...exact.locate(path, 'key'), exact: true });
    }
  }
});

it('finds list items, quoted keys and what an alias stands for', () => {
  expect(positionOf(odd, ['list', '1', 'key'])).toEqual({ line: 6, column: 5, exact: true });
  expect(positionOf(odd, ['list', '0'])).toEqual({ line: 5, column: 5, exact: true });
  expect(positionOf(odd, ['d', 'b', '1', 'c'])).toEqual({ line: 2, column: 12, exact: true });
});

it('gives the place above a key that is not there, and nothing for what it cannot read', () => {
  expect(positionOf(odd, ['list', '7'])).toEqual({ line: 4, column: 1, exact: false });
  expect(positionOf(odd, ['nothing'])).toBeUndefined();
  expect(positionOf('a: [', ['a'])).toBeUndefined();
});
