/** The pages know nothing of Gantry but the types of its API, and never make markup of text that came from an app. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModules } from './modules.ts';

const modules = readModules(join(import.meta.dirname, '..', '..', 'dashboard', 'src'));
const api = '../../src/server/api/index.ts';

it('imports types of the API, and nothing else of Gantry', () => {
  const outside = modules.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, kind }) => target.startsWith('..') && !(target === api && kind === 'type'))
      .map(({ target, kind }) => `${path} imports ${target} (${kind})`),
  );
  expect(outside).toEqual([]);
  expect(modules.flatMap(({ imports }) => imports.map(({ target }) => target))).toContain(api);
});

it('uses nothing of Node', () => {
  const found = modules.flatMap(({ path, imports }) => imports.filter(({ target }) => target.startsWith('node:')).map(() => path));
  expect(found).toEqual([]);
});

it('makes no markup, no code and no cookies', () => {
  const forbidden = /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.(?:write|cookie)|\beval\(|new Function\(/;
  expect(modules.filter(({ source }) => forbidden.test(source)).map(({ path }) => path)).toEqual([]);
});
