/** What the README shows is what the code takes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadApp } from '../../src/app/load.ts';
import { commands } from '../../src/cli/commands.ts';
import { targets } from '../../src/targets/index.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

it('shows an app file that passes the check', async () => {
  const [, file = ''] = /```yaml\n([^`]+)```/.exec(readme) ?? [];
  const loaded = await loadApp({ path: 'gantry.yaml', text: Buffer.from(file) });
  expect(loaded).not.toHaveProperty('issues');
  expect(loaded).toMatchObject({ app: { name: 'taskly' } });
});

it('names every command of the help, and no other', () => {
  const shown = commands.filter(({ group }) => group !== 'hidden').map(({ name }) => name);
  const table = readme.slice(readme.indexOf('## Commands'), readme.indexOf('## How it works'));
  const named = [...table.matchAll(/`([a-z]+)(?: [A-Z]+)?`/g)].map(([, name]) => name);
  expect(named.filter((name) => name !== 'explain').toSorted()).toEqual(shown.toSorted());
});

it('has a row for every target', () => {
  for (const name of Object.keys(targets)) expect(readme).toContain(`| \`${name}\` |`);
});

it('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});
