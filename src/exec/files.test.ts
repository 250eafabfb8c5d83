import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GantryError } from '../errors.ts';
import { asDiskError, makeFolders, mountOf, writeDurably } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-files-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('writeDurably', () => {
  it('replaces the content and sets the mode, whatever the umask', async () => {
    const file = join(folder, 'a.json');
    await writeFile(file, 'old', { mode: 0o644 });
    await writeDurably(file, 'new', { mode: 0o640 });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('leaves no temporary file and the old content when it fails', async () => {
    const target = join(folder, 'a');
    await mkdir(join(target, 'full'), { recursive: true });
    await expect(writeDurably(target, 'x')).rejects.toThrow('EISDIR');
    expect(await readdir(folder)).toEqual(['a']);
  });
});

describe('makeFolders', () => {
  it('makes all that is missing, and nothing twice', async () => {
    await makeFolders(join(folder, 'a/b/c'), 0o700);
    await makeFolders(join(folder, 'a/b/c'), 0o700);
    expect((await stat(join(folder, 'a/b/c'))).isDirectory()).toBe(true);
  });

  it('says that something else is in the way', async () => {
    await writeFile(join(folder, 'a'), '');
    await expect(makeFolders(join(folder, 'a/b/c'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('disk errors', () => {
  const cases = [
    ['ENOSPC', 'GX2001', /no space left on \S+: \d+ MB free/],
    ['EDQUOT', 'GX2001', /no space left/],
    ['EROFS', 'GX2002', /mounted read-only/],
    ['EACCES', 'GX2003', /may not write or read/],
    ['EIO', 'GX2004', /reports an error/],
  ] as const;

  it.each(cases)('puts %s in words', async (system, code, words) => {
    const error = await asDiskError(Object.assign(new Error(system), { code: system }), folder);
    expect(error).toBeInstanceOf(GantryError);
    expect((error as GantryError).code).toBe(code);
    expect((error as GantryError).message).toMatch(words);
    expect((error as GantryError).where).toBe(folder);
  });

  it('passes other errors on', async () => {
    const error = new Error('other');
    expect(await asDiskError(error, folder)).toBe(error);
  });

  it('finds the mount of a path that does not exist', async () => {
    expect(await mountOf('/proc/1/no/such/file')).toBe('/proc');
    expect(await mountOf('/no/such/file')).toBe('/');
  });
});
