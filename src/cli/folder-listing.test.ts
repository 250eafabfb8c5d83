import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { largestText } from '../app/init.ts';
import { listFolder } from './folder-listing.ts';
import { ignoreRules } from './ignore-rules.ts';

let top: string;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'gantry-listing-'));
});

afterEach(async () => rm(top, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), content);
  }
}

const paths = async (limits?: Parameters<typeof listFolder>[1]): Promise<readonly string[]> =>
  (await listFolder(top, limits)).files.map(({ path }) => path);

describe('a listing', () => {
  test('has sizes of all files and texts of those that tell something', async () => {
    await write({ 'package.json': '{}', 'src/index.js': 'listen()', 'logo.png': Buffer.alloc(3000) });
    const listing = await listFolder(top);
    expect(listing.files).toEqual([
      { path: 'logo.png', size: 3000 },
      { path: 'package.json', size: 2 },
      { path: 'src/index.js', size: 8 },
    ]);
    expect(listing.texts).toEqual({ 'package.json': '{}', 'src/index.js': 'listen()' });
    expect([listing.folder, listing.truncated]).toEqual([top, false]);
  });

  test('leaves out packages, version control, virtual environments, builds and what .gitignore names', async () => {
    await write({ '.gitignore': 'secret\n*.log\n!keep.log\n', 'api/.gitignore': '/out\n' });
    await write({
      'node_modules/a/package.json': '{}',
      '.git/config': '',
      'api/.venv/x.py': '',
      'dist/index.js': '',
      'secret/package.json': '{}',
    });
    await write({ 'a.log': '', 'keep.log': '', 'api/out/x.js': '', 'api/src/out/y.js': '' });
    expect(await paths()).toEqual(['.gitignore', 'api/.gitignore', 'api/src/out/y.js', 'keep.log']);
  });

  test('follows no links and reads nothing that is not a file', async () => {
    await write({ 'real/index.js': 'x' });
    await symlink(top, join(top, 'loop'));
    await symlink('/etc/passwd', join(top, 'package.json'));
    expect(await paths()).toEqual(['real/index.js']);
  });

  test('never reads .env, binary files or huge files', async () => {
    await write({
      '.env': 'KEY=1',
      'bin.js': Buffer.from([1, 0, 2]),
      'huge.js': Buffer.alloc(largestText + 1, 'x'),
      '.env.example': 'KEY=',
    });
    expect((await listFolder(top)).texts).toEqual({ '.env.example': 'KEY=' });
  });

  test('stops at its limits, says so, and prefers manifests', async () => {
    await write({ 'a/b/c/deep.js': 'x', 'one.js': 'x'.repeat(90), 'package.json': '{}', 'two.js': 'x' });
    expect(await paths({ files: 2, depth: 8, bytes: 1000 })).toHaveLength(2);
    expect(await listFolder(top, { files: 99, depth: 1, bytes: 1000 })).toMatchObject({ truncated: true });
    const tight = await listFolder(top, { files: 99, depth: 8, bytes: 50 });
    expect(tight.truncated).toBe(true);
    expect(Object.keys(tight.texts).toSorted()).toEqual(['a/b/c/deep.js', 'package.json', 'two.js']);
  });

  test('fails for a folder that is not there', async () => {
    await expect(listFolder(join(top, 'nowhere'))).rejects.toThrow('ENOENT');
  });
});

describe('rules of .gitignore', () => {
  test.each([
    ['*.log', 'a/b.log', false, true],
    ['build/', 'build', true, true],
    ['build/', 'build', false, undefined],
    ['/build', 'a/build', true, undefined],
    ['a/**/z', 'a/b/c/z', false, true],
    ['a/**/z', 'a/z', false, true],
    ['**/tmp', 'x/tmp', true, true],
    ['logs/**', 'logs/a/b', false, true],
    ['file?.[ch]', 'file1.c', false, true],
    ['file?.[!ch]', 'file1.c', false, undefined],
    ['\\#name', '#name', false, true],
    ['# comment', '# comment', false, undefined],
    ['!kept', 'kept', false, false],
    ['[z-a]', 'm', false, undefined],
    ['[abc', '[abc', false, true],
    ['a.b', 'axb', false, undefined],
  ])('%s on %s (folder: %s): %s', (rule, path, folder, expected) => {
    expect(ignoreRules(rule, '').judge(path, folder)).toBe(expected);
  });

  test('rules of a folder below count only there', () => {
    const rules = ignoreRules('x', 'api');
    expect([rules.judge('api/x', false), rules.judge('x', false)]).toEqual([true, undefined]);
  });

  test('a hostile pattern takes no long time', () => {
    const started = performance.now();
    ignoreRules(`${'*a'.repeat(100)}b\n${'**/'.repeat(90)}x\n*a*a*a*a*a*b`, '').judge('a'.repeat(400), false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
