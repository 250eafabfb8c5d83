/** Whatever stands in a file: loading never crashes, both paths agree, and every problem has a place, a reason and a fix. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentSchema } from '../../src/app/environment.ts';
import { loadApp, loadEnvironment } from '../../src/app/load.ts';
import { withoutNotes } from '../../src/app/notes.ts';
import { judgeApp } from '../../src/app/judge-file.ts';
import { formatIssues, type Issue } from '../../src/app/issue.ts';
import { appSchema } from '../../src/app/schema.ts';
import { decode } from '../../src/app/text.ts';
import { validateApp, validateEnvironment } from '../../src/app/validator.generated.js';
import { readFast } from '../../src/app/yaml.ts';
import { catalogue } from '../../src/errors.ts';
import { targets } from '../../src/targets/index.ts';
import { appTexts } from '../fixtures/app-texts.ts';
import { edited } from '../fixtures/edits.ts';
import { environmentTexts } from '../fixtures/environment-texts.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 400);

const odd = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  65_535,
  65_536,
  70_000,
  1e21,
  '',
  ' ',
  'a',
  'A b',
  '/',
  'api',
  '/api',
  '8080',
  '10s',
  '10',
  '128Mi',
  '1gb',
  '5m',
  [],
  {},
  ['a'],
  [1],
  [[]],
  { a: 1 },
  { run: 'x' },
  { dir: 'x' },
  { path: '/' },
  { get: '/' },
  'x'.repeat(41),
  Number.MAX_SAFE_INTEGER,
  ['a', ['b']],
  { min: 1 },
);

type Step = readonly [seed: number, change: 'set' | 'delete' | 'add', value: unknown];

/** Changes one value somewhere inside, chosen by the seed. */
function change(root: unknown, [seed, kind, value]: Step): unknown {
  const copy: unknown = structuredClone(root);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  const place = places[seed % Math.max(1, places.length)];
  if (place === undefined) return value;
  if (kind === 'delete') delete place.holder[place.key];
  else place.holder[kind === 'add' ? `${place.key}x` : place.key] = value;
  return copy;
}

const steps = fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.constantFrom('set' as const, 'delete' as const, 'add' as const), odd), {
  minLength: 1,
  maxLength: 3,
});

function sound(issues: readonly Issue[], text: string): void {
  expect(issues.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  for (const { code, line, column, message, fix } of issues) {
    expect(catalogue[code].title).not.toBe('');
    expect(line >= 1 && line <= lines + 1 && column >= 1).toBe(true);
    expect(
      message.length > 4 && fix.length > 4 && !message.includes('undefined') && !fix.includes('undefined'),
      `${message} / ${fix}`,
    ).toBe(true);
  }
  expect(formatIssues(issues)).toContain('`gantry explain G');
}

describe('the compiled validator', () => {
  const values = appTexts.map((text) => withoutNotes(readFast(text)?.value));

  it('accepts every fixture', () => {
    for (const value of values) expect(validateApp(value)).toBe(true);
  });

  it('judges app files as the schema does', () => {
    fc.assert(
      fc.property(fc.constantFrom(...values), steps, (value, list) => {
        const changed = list.reduce<unknown>(change, value);
        expect(validateApp(changed)).toBe(appSchema.safeParse(changed).success);
      }),
      { numRuns: runs * 2 },
    );
  });

  it('judges environments as the schema does', () => {
    fc.assert(
      fc.property(fc.constantFrom(...environmentTexts.map((text) => readFast(text)?.value)), steps, (value, list) => {
        const changed = list.reduce<unknown>(change, value);
        expect(validateEnvironment(changed)).toBe(environmentSchema.safeParse(changed).success);
      }),
      { numRuns: runs },
    );
  });
});

describe('the compiled validators of options', () => {
  it.each(Object.values(targets))('of $name judges as its schema does', async ({ accepts, options }) => {
    if (accepts === undefined) throw new Error('run `npm run generate` and name the function in the target');
    const schema = await options();
    fc.assert(
      fc.property(fc.constantFrom({}, { port: 8080 }, { port: 8080, body: '1Mi' }), steps, (value, list) => {
        const changed = list.reduce<unknown>(change, value);
        expect(accepts(changed)).toBe(schema.safeParse(changed).success);
      }),
      { numRuns: runs },
    );
  });
});

describe('loading', () => {
  it('gives the same answer on both paths, for any edit of a valid file', async () => {
    await fc.assert(
      fc.asyncProperty(edited(appTexts), async (text) => {
        const loaded = await loadApp({ path: 'gantry.yaml', text });
        if ('issues' in loaded) return sound(loaded.issues, text);
        const decoded = decode(text);
        expect('text' in decoded && judgeApp('gantry.yaml', decoded.text)).toEqual(loaded);
      }),
      { numRuns: runs },
    );
  });

  it('answers for any edit of an environment', async () => {
    const loaded = await loadApp({ path: 'gantry.yaml', text: appTexts[1] ?? '' });
    if ('issues' in loaded) throw new Error(formatIssues(loaded.issues));
    await fc.assert(
      fc.asyncProperty(edited(environmentTexts), async (text) => {
        const environment = await loadEnvironment({ path: 'environments/x.yaml', text }, loaded.app, targets);
        if ('issues' in environment) sound(environment.issues, text);
        else expect(environment.env.name).toBe('x');
      }),
      { numRuns: runs / 2 },
    );
  });

  it('answers for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const loaded = await loadApp({ path: 'gantry.yaml', text: bytes });
        expect('issues' in loaded && loaded.issues.length > 0).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  it('pollutes no prototype', async () => {
    const attacks = [
      '__proto__: { polluted: 1 }',
      'services: { __proto__: { polluted: 1 } }',
      '"\\u005f_proto__": { polluted: 1 }',
      'constructor: { prototype: { polluted: 1 } }',
      'x-a: { __proto__: { polluted: 1 } }',
      'a: &a { __proto__: { polluted: 1 } }\nb: { <<: *a }',
    ];
    for (const text of attacks) expect(await loadApp({ path: 'gantry.yaml', text })).toHaveProperty('issues');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
