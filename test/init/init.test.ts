/** What `init` writes for folders of many kinds, as goldens; every one of them is a valid app file. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { init, type InitResult, type Listing } from '../../src/app/init.ts';
import { loadApp } from '../../src/app/load.ts';
import { folder, json } from './folder.ts';
import { nodeCases } from './node-cases.ts';
import { otherCases } from './other-cases.ts';

const cases: Readonly<Record<string, Listing>> = { ...nodeCases, ...otherCases };

const golden = (name: string): string => join(import.meta.dirname, 'golden', `${name}.txt`);

function report({ text, guesses, questions }: InitResult): string {
  const said = guesses.filter(({ sure }) => !sure).map(({ what, why }) => `- ${what}\n    ${why}`);
  const asked = questions.map(({ id, ask, suggestion }) => `- ${id}: ${ask} [${suggestion}]`);
  return [text, '== guesses', ...said, '== questions', ...asked, ''].join('\n');
}

describe.each(Object.entries(cases))('%s', (name, listing) => {
  test('is as it was', async () => {
    await expect(report(init(listing))).toMatchFileSnapshot(golden(name));
  });

  test('is a valid app file', async () => {
    expect(await loadApp({ path: 'gantry.yaml', text: init(listing).text })).not.toHaveProperty('issues');
  });
});

test('there are at least forty kinds of folders', () => {
  expect(Object.keys(cases).length).toBeGreaterThanOrEqual(40);
});

test('the same folder gives the same text, in whatever order its files are listed', () => {
  for (const listing of Object.values(cases)) {
    const turned = { ...listing, files: listing.files.toReversed(), texts: Object.fromEntries(Object.entries(listing.texts).toReversed()) };
    expect(init(turned).text).toBe(init(listing).text);
  }
});

test('values of .env never reach the file', () => {
  expect(JSON.stringify(init(cases['env-example'] as Listing))).not.toContain('do-not-read-me');
});

test('an answer replaces a guess and ends its question', () => {
  const listing = folder({ 'package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }), 's.js': 'run(app)' });
  expect(init(listing).questions.map(({ id }) => id)).toEqual(['web.port', 'web.health']);
  const answered = init(listing, { 'web.port': '4711', 'web.health': '/alive' });
  expect(answered.text).toContain('port: 4711 # as answered');
  expect(answered.text).toContain('health: /alive # as answered');
  expect(answered.questions).toEqual([]);
});

test.each([
  ['an empty folder', {}],
  ['a library', { 'package.json': json({ name: 'lib', main: 'index.js' }), 'index.js': 'module.exports = 1' }],
  ['unreadable JSON', { 'package.json': '{"name": ' }],
  ['documents', { 'README.md': '# hello', 'notes.txt': 'x' }],
])('%s is refused with GA3001', (_, files) => {
  expect(() => init(folder(files))).toThrow(expect.objectContaining({ code: 'GA3001', exitCode: 2 }));
});

test('long lines and long files take no long time', () => {
  const evil = [
    'process.env.'.repeat(20_000),
    `${'a/'.repeat(100_000)}health`,
    'const {'.repeat(30_000),
    "path('".repeat(40_000),
    ' '.repeat(250_000),
    `FROM x\nENV ${'A='.repeat(60_000)}`,
  ];
  const started = performance.now();
  for (const text of evil)
    init(
      folder({
        'package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
        's.js': text,
        'x.py': text,
        Dockerfile: text,
        '.env.example': text,
        'compose.yaml': text,
      }),
    );
  expect(performance.now() - started).toBeLessThan(5000);
});
