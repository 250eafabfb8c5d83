/** The rules of rules.ts over src/ as it is, and what must exist beside the code. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/errors.ts';
import { appErrors } from '../../src/errors/app.ts';
import { cliErrors } from '../../src/errors/cli.ts';
import { localErrors } from '../../src/errors/local.ts';
import { releaseErrors } from '../../src/errors/release.ts';
import { toolErrors } from '../../src/errors/tools.ts';
import { readModules } from './modules.ts';
import * as rules from './rules.ts';

const root = join(import.meta.dirname, '..', '..');
const src = join(root, 'src');
const modules = readModules(src);

describe('src/', () => {
  it.each(Object.entries(rules))('%s', (_name, rule) => {
    expect(rule(modules)).toEqual([]);
  });

  it('is read whole', () => {
    expect(modules.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['errors.ts', 'exec/exec.ts', 'app/model.ts', 'targets/target.ts']),
    );
  });
});

describe('targets', () => {
  const folders = readdirSync(join(src, 'targets'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('_'),
  );

  it.each(folders.map((folder) => folder.name))('%s is in the list and complete', (name) => {
    const list = modules.find(({ path }) => path === 'targets/index.ts');
    expect(list?.imports.map(({ target }) => target)).toContain(`targets/${name}/target.ts`);
    const files = ['target.ts', 'options.ts', 'compile.ts', 'compile.test.ts', 'golden', 'README.md'];
    expect(files.filter((file) => !existsSync(join(src, 'targets', name, file)))).toEqual([]);
    expect(readdirSync(join(src, 'targets', name, 'golden'))).not.toEqual([]);
  });
});

describe('error codes', () => {
  const families = { GA: appErrors, GE: appErrors, GC: cliErrors, GL: localErrors, GR: releaseErrors, GX: toolErrors, GB: toolErrors };
  const codes = Object.keys(catalogue);

  it('belong to one family each, so that none hides another', () => {
    const all = [appErrors, cliErrors, localErrors, releaseErrors, toolErrors].flatMap((family) => Object.keys(family));
    expect(all.toSorted()).toEqual(codes.toSorted());
    for (const code of codes) expect(families[code.slice(0, 2) as keyof typeof families]).toHaveProperty(code);
  });

  it('are four digits behind the letters of the family', () => {
    expect(codes.filter((code) => !/^G[A-Z]\d{4}$/.test(code))).toEqual([]);
  });

  it('have a row in docs/errors.md', () => {
    const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
    expect(codes.filter((code) => !page.includes(`## ${code}`))).toEqual([]);
  });

  it('are all used', () => {
    const text = modules
      .filter(({ path }) => !path.startsWith('errors'))
      .map(({ source }) => source)
      .join('\n');
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
