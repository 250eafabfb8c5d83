/** What the pages may know and do, read from their sources. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => ({ file, source: readFileSync(join(folder, file), 'utf8') }));

/** Lines of all sources in which the pattern is found. */
function found(pattern: RegExp): string[] {
  return files.flatMap(({ file, source }) => source.split('\n').flatMap((line) => (pattern.test(line) ? [`${file}: ${line.trim()}`] : [])));
}

it('finds the pages', () => {
  expect(files.length).toBeGreaterThan(50);
});

it('imports nothing of Gantry but the types of its API', () => {
  const outside = files.flatMap(({ file, source }) =>
    [...source.matchAll(/(import|export)\s([^;]*?)from '((?:\.\.\/)+src\/[^']+)'/g)].map(([, , what = '', path]) => ({ file, what, path })),
  );
  expect(outside.length).toBeGreaterThan(10);
  expect(outside.filter(({ what, path }) => !what.startsWith('type ') || !path?.endsWith('/src/server/api/index.ts'))).toEqual([]);
});

it('puts no text into the page as markup, and runs none', () => {
  expect(found(/dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)).toEqual([]);
});

it('asks no other place than its own server', () => {
  expect(found(/https?:\/\/(?!127\.0\.0\.1)[a-z0-9]/i).filter((line) => !line.includes('www.w3.org'))).toEqual([]);
});
