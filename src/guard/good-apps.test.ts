/** No false alarms: apps that are right are not blocked, neither ours nor those that people bring. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { appTexts } from '../../test/fixtures/app-texts.ts';
import { fixtureApp } from '../../test/contracts/target.ts';
import { nodeCases } from '../../test/init/node-cases.ts';
import { otherCases } from '../../test/init/other-cases.ts';
import { init } from '../app/init.ts';
import { local } from '../targets/local/target.ts';
import type { Finding, GuardContext } from './guard.ts';
import { judge } from './judge.ts';
import { locator } from './look/positions.ts';
import { plain, contextOf, webApp } from './testing/app-folder.ts';

const apps = join(import.meta.dirname, '../../apps');

async function judgeFolder(name: string, file: string): Promise<readonly Finding[]> {
  const folder = join(apps, name);
  const app = await fixtureApp({ name, text: readFileSync(join(folder, file), 'utf8') });
  const env = { name: 'local', target: 'local', options: {}, patches: [] };
  const base = await contextOf({ files: { 'gantry.yaml': webApp(...plain) } });
  const source: GuardContext['source'] = async () => ({ commit: 'a'.repeat(40), uncommitted: 0, unpushed: 0 });
  const context: GuardContext = {
    ...base,
    app,
    env,
    target: local,
    environments: [{ env, app }],
    folder,
    locate: locator(folder, 'local'),
    source,
  };
  return (await judge(context, [], ['files', 'built', 'plan'])).findings;
}

it.each(readdirSync(apps))('finds nothing in %s', async (name) => {
  expect(await judgeFolder(name, 'gantry.yaml')).toEqual([]);
});

it('finds the list of todo when it runs twice', async () => {
  expect(await judgeFolder('todo', 'gantry.two-replicas.yaml')).toEqual([
    expect.objectContaining({
      id: 'G01',
      severity: 'block',
      message: 'web runs 2 replicas but keeps its data in memory',
      where: 'list.js:5',
    }),
  ]);
});

/** Ids of the rules that block an app, on this machine. */
async function blocking(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { blocked } = await judge(await contextOf({ files }), [], ['files', 'built', 'plan']);
  return blocked.map(({ id, message }) => `${id} ${message}`);
}

it('blocks no app file of the fixtures, except the one with a service that nobody can ask how it is', async () => {
  const found = await Promise.all(appTexts.map(async (text) => blocking({ 'gantry.yaml': text })));
  expect(found.flat()).toEqual(['G07 nothing tells Gantry when api works']);
});

it('blocks what `init` makes of other apps only for want of a health check, and with two replicas for a database in a file', async () => {
  const cases = Object.entries({ ...nodeCases, ...otherCases }).map(([name, listing]) => ({
    name,
    texts: listing.texts,
    text: init(listing).text,
  }));
  for (const { name, texts, text } of cases) {
    const alone = await blocking({ ...texts, 'gantry.yaml': text });
    expect({ name, found: alone.filter((one) => !one.startsWith('G07')) }).toEqual({ name, found: [] });
    const twice = await blocking({ ...texts, 'gantry.yaml': text.replaceAll('replicas: 1', 'replicas: 2') });
    const kept = name === 'django-sqlite' ? ['G01 web runs 2 replicas but keeps its data in a database file of its own'] : [];
    expect({ name, found: twice.filter((one) => !one.startsWith('G07')) }).toEqual({ name, found: kept });
  }
}, 60_000);
