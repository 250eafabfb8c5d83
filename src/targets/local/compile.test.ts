import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp, releaseOf, targetContract } from '../../../test/contracts/target.ts';
import { fill } from '../../engines/process/args.ts';
import { renderFiles } from '../../stack/render.ts';
import { local } from './target.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/apps');
const examples = join(import.meta.dirname, '../../../apps');
const fixtures = [
  ...yamlFiles(),
  ...readdirSync(examples).map((name) => ({ name, text: readFileSync(join(examples, name, 'gantry.yaml'), 'utf8') })),
];

function yamlFiles(): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name: basename(name, '.yaml'), text: readFileSync(join(folder, name), 'utf8') }));
}

targetContract(local, fixtures);

describe('local target', () => {
  it.each(fixtures)('writes the golden files of $name', async (fixture) => {
    const app = await fixtureApp(fixture);
    const env = environmentFor(local);
    const sets = { live: releaseOf('aaaa', app, env), next: releaseOf('bbbb', app, env) };
    const content = { live: sets.live.content, next: sets.next.content };
    for (const stack of local.compile(sets)) {
      for (const [path, text] of Object.entries(renderFiles(stack, (part) => fill(part, content)))) {
        await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', fixture.name, stack.id, path));
      }
    }
  });

  it('compiles nothing before the first release', () => {
    expect(local.compile({})).toEqual([]);
  });

  it('keeps the count that runs now, and one replica for a program with a fixed port that is not Node', async () => {
    const app = await fixtureApp({
      name: 'counts',
      text: 'gantry: 1\napp: counts\nservices:\n  web: { build: ., run: node s.js, port: 3000, route: /, scale: { min: 2, max: 8 } }\n  old: { build: ., run: ./server, port: { number: 5000, fixed: true }, route: /old, scale: { min: 2, max: 4 } }\n',
    });
    const release = { ...releaseOf('aaaa', app, environmentFor(local)), counts: { web: 5 } };
    const services = local.compile({ live: release }).find(({ id }) => id === 'services');
    if (services === undefined) throw new Error('no services stack');
    const set = JSON.parse(renderFiles(services, (part) => JSON.stringify(part))['sets/live.json'] ?? '') as {
      services: { name: string; replicas: number; scale: { max: number } }[];
    };
    expect(set.services.map(({ name, replicas, scale }) => [name, replicas, scale.max])).toEqual([
      ['web', 5, 8],
      ['old', 1, 1],
    ]);
    expect(local.supports(app, environmentFor(local))['port.fixed']).toMatchObject({
      level: 'approximated',
      reason: expect.stringContaining('old') as string,
    });
  });
});
