import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../../test/contracts/target.ts';
import type { App } from '../../app/model.ts';
import { engines } from '../../engines/index.ts';
import { newRelease } from '../../release/plan.ts';
import type { ReleaseRef } from '../../stack/stack.ts';
import { local } from '../../targets/local/target.ts';
import { comparison, type DiffLine, type FileDiff } from '../api/index.ts';
import { differencesOf, type Differences } from './differences.ts';

const env = environmentFor(local);
const rendering = { target: local, engines };

interface Variant {
  readonly variables?: string;
  readonly more?: string;
  readonly release?: string;
}

async function appOf({ variables = 'LEVEL: info', more = '', release = 'bake: 1m' }: Variant = {}): Promise<App> {
  const text = `gantry: 1
app: shop
services:
  backend: { build: ./backend, run: node main.js, port: 3000, route: /api, scale: { min: 2, max: 4 }, variables: { ${variables} }, secrets: [API_KEY]${more} }
resources:
  db: { type: postgres, version: 17 }
smoke:
  - { get: /api/health }
release: { ${release} }
`;
  return fixtureApp({ name: 'shop', text });
}

function releaseOf(app: App, more: Partial<Parameters<typeof newRelease>[0]> = {}, counts: Record<string, number> = {}): ReleaseRef {
  return newRelease({ app, env, content: { backend: { kind: 'folder', address: 'a1' } }, secrets: { API_KEY: 1 }, ...more }, counts);
}

async function between(one: Variant, other: Variant): Promise<Differences> {
  return differencesOf(releaseOf(await appOf(one)), releaseOf(await appOf(other)), rendering);
}

const nothing = { content: [], variables: [], secrets: [], settings: [], files: [] };

describe('the differences of two releases', () => {
  it('are none where both are the same, however many replicas ran then', async () => {
    const app = await appOf();
    expect(differencesOf(releaseOf(app), releaseOf(app, {}, { backend: 4 }), rendering)).toEqual(nothing);
  });

  it('are content, versions of secrets, variables and settings by name', async () => {
    const before = releaseOf(await appOf());
    const app = await appOf({ variables: 'LEVEL: debug, EXTRA: "1"', more: ', limits: { cpu: 1, memory: 512Mi }', release: 'bake: 2m' });
    const after = releaseOf(app, { content: { backend: { kind: 'folder', address: 'b2' } }, secrets: { API_KEY: 2, OTHER: 1 } });
    const found = differencesOf(before, after, rendering);
    expect(found.content).toEqual([{ name: 'backend', before: 'a1', after: 'b2' }]);
    expect(found.secrets).toEqual([
      { name: 'API_KEY', before: 'version 1', after: 'version 2' },
      { name: 'OTHER', before: null, after: 'version 1' },
    ]);
    expect(found.variables).toEqual([
      { name: 'backend.EXTRA', before: null, after: '1' },
      { name: 'backend.LEVEL', before: 'info', after: 'debug' },
    ]);
    expect(found.settings.map(({ name }) => name)).toEqual(['backend.limits.cpu', 'backend.limits.memory', 'release.bakeMs']);
    comparison.pick({ content: true, variables: true, secrets: true, settings: true, files: true }).strict().parse(found);
  });

  it('show commands as one would type them, and lists of things by their place', async () => {
    const one = await appOf();
    const [check] = one.smoke;
    const other = { ...one, smoke: [check, { ...check, path: '/api/tasks' }] } as App;
    const backend = { ...one.services['backend'], run: ['node', 'main.js', '--name', 'two words'] };
    const changed = { ...other, services: { backend } } as unknown as App;
    const { settings } = differencesOf(releaseOf(one), releaseOf(changed), rendering);
    expect(settings).toContainEqual({ name: 'backend.run', before: 'node main.js', after: '["node","main.js","--name","two words"]' });
    expect(settings).toContainEqual({ name: 'smoke[1].path', before: null, after: '/api/tasks' });
  });

  it.each([
    ['a URL of a resource', 'DATABASE_URL: "${db.url}"', 'DATABASE_URL: "${db.url}?sslmode=hidden-part"'],
    ['a password of a resource', 'DSN: "user=${db.user} password=${db.password}"', 'DSN: "hidden-part=${db.password}"'],
  ])('never show the value of what contains %s, also not of its other parts', async (_, one, other) => {
    const [name = ''] = one.split(':');
    const found = await between({ variables: one }, { variables: other });
    expect(found.variables).toEqual([{ name: `backend.${name}`, before: 'secret', after: 'secret' }]);
    const added = await between({ variables: 'LEVEL: info' }, { variables: other });
    expect(added.variables).toContainEqual({ name: `backend.${name}`, before: null, after: 'secret' });
    expect(JSON.stringify([found, added])).not.toContain('hidden-part');
  });

  it('show a variable that became a secret as one', async () => {
    const before = await appOf({ variables: 'REGION: plain' });
    const service = { ...before.services['backend'], variables: {}, secrets: ['API_KEY', 'REGION'] };
    const after = { ...before, services: { backend: service } } as unknown as App;
    const { variables } = differencesOf(releaseOf(before), releaseOf(after), rendering);
    expect(variables).toEqual([{ name: 'backend.REGION', before: 'plain', after: 'secret' }]);
  });

  it('of the files are those that an engine writes, with three lines around each change', async () => {
    const { files } = await between({ variables: 'LEVEL: info' }, { variables: 'LEVEL: debug' });
    expect(files.map(({ path, kind }) => `${kind} ${path}`)).toEqual(['changed services/sets/live.json']);
    const lines = files.flatMap(({ hunks }) => hunks.flat());
    expect(lines.filter(({ sign }) => sign !== ' ').map(({ sign, text }) => `${sign} ${text.trim()}`)).toEqual(
      expect.arrayContaining(['- "LEVEL": "info"', '+ "LEVEL": "debug"'].map((text) => expect.stringContaining(text) as string)),
    );
    for (const hunk of files.flatMap(({ hunks }) => hunks)) expect(around(hunk)).toBeLessThanOrEqual(3);
  });

  it('with nothing before are everything', async () => {
    const { files, variables } = differencesOf(undefined, releaseOf(await appOf()), rendering);
    expect(new Set(files.map(({ kind }) => kind))).toEqual(new Set(['added']));
    expect(files.flatMap(({ hunks }) => hunks.flat()).every(({ sign, before }) => sign === '+' && before === null)).toBe(true);
    expect(variables).toContainEqual({ name: 'backend.API_KEY', before: null, after: 'secret' });
  });

  /** The most lines that are equal before the first change. */
  function around(hunk: readonly DiffLine[]): number {
    return hunk.findIndex(({ sign }) => sign !== ' ');
  }
});

describe('the hunks of a file', () => {
  /** A target of one file, which says what the app's name says. */
  const files = (text: string): ReleaseRef => ({
    ...releaseOf({ name: text, services: {}, resources: {}, smoke: [], release: {} } as unknown as App),
  });
  const target = {
    ...local,
    compile: ({ live }: { readonly live?: ReleaseRef }) => [
      { id: 's', engine: 'process' as const, phase: 'release' as const, needs: [], files: { f: [live?.app.name ?? ''] }, outputs: {} },
    ],
  };
  const diff = (before: string, after: string): FileDiff | undefined =>
    differencesOf(files(before), files(after), { target, engines }).files.at(0);

  it('make the one text of the other', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', '-x', '+y', ' z');
    const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const found = diff(before, after);
        expect(found === undefined).toBe(before === after);
        const [old, young] = [before.split('\n'), after.split('\n')];
        for (const { sign, text: shown, before: at, after: to } of found?.hunks.flat() ?? []) {
          if (sign !== '+') expect(old[(at ?? 0) - 1]).toBe(shown);
          if (sign !== '-') expect(young[(to ?? 0) - 1]).toBe(shown);
        }
        const count = (sign: string): number => found?.hunks.flat().filter((one) => one.sign === sign).length ?? 0;
        expect(count('+') - count('-')).toBe(linesIn(after) - linesIn(before));
      }),
    );
  });

  const linesIn = (text: string): number => (text === '' ? 0 : text.replace(/\n$/, '').split('\n').length);

  it('of two long files that have nothing in common come soon', () => {
    const text = (word: string): string => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}`).join('\n');
    const startedAt = performance.now();
    const found = diff(text('one'), text('other'));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(found?.hunks.flat().length).toBe(40_000);
  });

  it('cut a line that is too long to be read', () => {
    const [line] = diff('', 'x'.repeat(1_000_000))?.hunks.flat() ?? [];
    expect(line?.text.length).toBeLessThan(2_100);
  });
});
