import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placesOf, type Places } from './places.ts';
import { cacheRecord, ensureStateDir, isCopy } from './state-dir.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'gantry-state-'));
  await mkdir(join(base, 'app'));
});
afterEach(async () => rm(base, { recursive: true, force: true }));

function places(name: string, uid = process.getuid?.() ?? 0, cache = 'cache'): Places {
  return placesOf(join(base, name), { env: { GANTRY_CACHE: join(base, cache), XDG_RUNTIME_DIR: '/tmp' }, uid });
}

describe('the state folder', () => {
  it('is private, ignores itself in git and records its cache folder, whatever the umask', async () => {
    const before = process.umask(0o777);
    try {
      await ensureStateDir(places('app'));
    } finally {
      process.umask(before);
    }
    const { stateDir, cacheDir, logDir } = places('app');
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(stateDir, '.gitignore'), 'utf8')).toBe('*\n');
    expect(await readFile(cacheRecord(places('app')), 'utf8')).toBe(`${cacheDir}\n`);
    expect((await stat(cacheDir)).isDirectory() && (await stat(logDir)).isDirectory()).toBe(true);
  });

  it('changes nothing the second time', async () => {
    await ensureStateDir(places('app'));
    const before = await stat(cacheRecord(places('app')));
    await ensureStateDir(places('app'));
    expect((await stat(cacheRecord(places('app')))).ino).toBe(before.ino);
  });

  it('is not made behind a link', async () => {
    await mkdir(join(base, 'elsewhere'));
    await symlink(join(base, 'elsewhere'), join(base, 'app', '.gantry'));
    await expect(ensureStateDir(places('app'))).rejects.toMatchObject({ code: 'GL4005' });
  });

  it('takes the data along when the app was moved', async () => {
    await ensureStateDir(places('app', 0));
    const old = places('app', 0);
    await mkdir(old.dataDir);
    await writeFile(join(old.dataDir, 'row'), '1');
    await rename(join(base, 'app'), join(base, 'moved'));
    await ensureStateDir(places('moved', 0));
    expect(await readFile(join(places('moved', 0).dataDir, 'row'), 'utf8')).toBe('1');
    expect(existsSync(old.cacheDir)).toBe(false);
  });

  it('leaves the data with the original when the app was copied', async () => {
    await ensureStateDir(places('app', 0));
    await mkdir(places('app', 0).dataDir);
    await cp(join(base, 'app'), join(base, 'copy'), { recursive: true });
    await ensureStateDir(places('copy', 0));
    expect(existsSync(places('app', 0).dataDir)).toBe(true);
    expect(existsSync(places('copy', 0).dataDir)).toBe(false);
  });

  it('leaves the processes to the original when the app was copied, also with a cache elsewhere', async () => {
    await ensureStateDir(places('app'));
    await writeFile(places('app').runtimeFile, '{}');
    await cp(join(base, 'app'), join(base, 'copy'), { recursive: true });
    expect([await isCopy(places('app')), await isCopy(places('copy')), await isCopy(places('app', 0, 'other'))]).toEqual([
      false,
      true,
      false,
    ]);
    await ensureStateDir(places('copy'));
    expect([existsSync(places('app').runtimeFile), existsSync(places('copy').runtimeFile)]).toEqual([true, false]);
    expect(await isCopy(places('copy'))).toBe(false);
  });
});
