import { chmod, chown, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../exec/secret.ts';
import { localSecrets, type LocalSecrets } from './secrets.ts';

let folder: string;
let secretsFile: string;
let secrets: LocalSecrets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-secrets-'));
  secretsFile = join(folder, 'secrets.json');
  secrets = localSecrets({ secretsFile });
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('local secrets', () => {
  it('keeps versions and gives them back as Secret', async () => {
    expect(await secrets.read('KEY')).toBeUndefined();
    expect(await secrets.put('KEY', 'one', 'user')).toBe(1);
    expect(await secrets.put('KEY', 'two', 'generated')).toBe(2);
    expect((await secrets.read('KEY'))?.reveal()).toBe('two');
    expect((await secrets.read('KEY', 1))?.reveal()).toBe('one');
    expect(await secrets.read('KEY', 3)).toBeUndefined();
    expect(await secrets.read('KEY')).toBeInstanceOf(Secret);
    expect(inspect(await secrets.read('KEY'))).toBe('[redacted]');
    expect(await secrets.versions('KEY')).toEqual([1, 2]);
  });

  it('lists names without values, sorted', async () => {
    await secrets.put('B', 'hidden-b', 'user');
    await secrets.put('A', 'hidden-a', 'derived');
    const list = await secrets.list();
    expect(list.map(({ name, version, origin }) => [name, version, origin])).toEqual([
      ['A', 1, 'derived'],
      ['B', 1, 'user'],
    ]);
    expect(JSON.stringify(list)).not.toContain('hidden');
  });

  it('makes no new version of an equal value', async () => {
    expect(await secrets.put('KEY', 'same', 'user')).toBe(1);
    expect(await secrets.put('KEY', 'same', 'user')).toBe(1);
    expect(await secrets.versions('KEY')).toEqual([1]);
  });

  it('keeps the last ten versions', async () => {
    for (let version = 1; version <= 12; version++) await secrets.put('KEY', `value ${version}`, 'user');
    expect(await secrets.versions('KEY')).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(await secrets.read('KEY', 2)).toBeUndefined();
  });

  it('never gives a number twice, even after removal', async () => {
    await secrets.put('KEY', 'one', 'user');
    expect(await secrets.remove('KEY')).toBe(true);
    expect(await secrets.remove('KEY')).toBe(false);
    expect(await secrets.list()).toEqual([]);
    expect(await secrets.put('KEY', 'one', 'user')).toBe(2);
  });

  it('is private from the start, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await secrets.put('KEY', 'v', 'user');
    } finally {
      process.umask(before);
    }
    expect((await stat(secretsFile)).mode & 0o777).toBe(0o600);
  });

  it('loses nothing under many writers', async () => {
    const others = [secrets, localSecrets({ secretsFile }), localSecrets({ secretsFile })];
    const writes = Array.from({ length: 24 }, async (_, index) => others[index % 3]?.put(`KEY_${index}`, `v${index}`, 'user'));
    await Promise.all(writes);
    expect(await secrets.list()).toHaveLength(24);
    expect((await secrets.read('KEY_17'))?.reveal()).toBe('v17');
  });

  it.each(['__proto__', 'constructor'])('takes %s as an ordinary name', async (name) => {
    await secrets.put(name, 'v', 'user');
    expect((await secrets.read(name))?.reveal()).toBe('v');
    expect(await secrets.read('toString')).toBeUndefined();
  });

  it.each([
    ['1X', 'v'],
    ['', 'v'],
    ['A B', 'v'],
    ['A', 'x\0y'],
    ['A', 'x'.repeat(65 * 1024)],
  ])('refuses the name or the value of %j', async (name, value) => {
    await expect(secrets.put(name, value, 'user')).rejects.toMatchObject({ code: 'GL4003' });
    expect(await secrets.list()).toEqual([]);
  });
});

describe('a secrets file that cannot be trusted', () => {
  beforeEach(async () => {
    await secrets.put('KEY', 'v', 'user');
  });

  it('is refused when others may read it, and the stated fix works', async () => {
    await chmod(secretsFile, 0o640);
    await expect(secrets.read('KEY')).rejects.toMatchObject({ code: 'GL4001', fix: expect.stringContaining(`chmod 600 '${secretsFile}'`) });
    await expect(secrets.put('KEY', 'w', 'user')).rejects.toMatchObject({ code: 'GL4001' });
    await chmod(secretsFile, 0o600);
    expect((await secrets.read('KEY'))?.reveal()).toBe('v');
  });

  it.skipIf(process.getuid?.() !== 0)('is refused when it belongs to another user', async () => {
    await chown(secretsFile, 65534, 65534);
    await expect(secrets.read('KEY')).rejects.toMatchObject({ code: 'GL4001', fix: expect.stringContaining('chown 0') });
  });

  it('is refused when it is a link', async () => {
    const target = join(folder, 'elsewhere.json');
    await writeFile(target, await readFile(secretsFile), { mode: 0o600 });
    await rm(secretsFile);
    await symlink(target, secretsFile);
    await expect(secrets.read('KEY')).rejects.toMatchObject({ code: 'GL4001' });
  });

  it.each(['', '{', '{}', '{"format":1,"secrets":{"A":{"last":"x","versions":[]}}}'])('is never taken for empty: %j', async (text) => {
    await writeFile(secretsFile, text);
    await expect(secrets.list()).rejects.toMatchObject({ code: 'GL4002' });
    await expect(secrets.put('B', 'v', 'user')).rejects.toMatchObject({ code: 'GL4002' });
    expect(await readFile(secretsFile, 'utf8')).toBe(text);
  });

  it('of a newer version says so', async () => {
    await writeFile(secretsFile, '{"format":2,"secrets":{}}');
    await expect(secrets.list()).rejects.toMatchObject({ code: 'GL4014' });
  });
});
