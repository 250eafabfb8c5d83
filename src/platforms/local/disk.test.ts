/** A full or read-only disk under everything that the local platform keeps: a clear message, nothing lost, and work goes on afterwards. */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../../../test/contracts/store.ts';
import { mountSmallDisk, type SmallDisk } from '../../../test/fixtures/small-disk.ts';
import { folderBuilder } from '../../builders/folder/builder.ts';
import { identifySelf } from '../../exec/identity.ts';
import { Secret } from '../../exec/secret.ts';
import { folderStore } from '../folder-store.ts';
import { placesOf } from './places.ts';
import { postgresDriver } from './resources/postgres.ts';
import { localSecrets } from './secrets.ts';
import { ensureStateDir } from './state-dir.ts';

const probe = mountSmallDisk('size=1m');
probe?.remove();
const needed = probe === undefined ? { skip: true, meta: { reason: 'needs the right to mount' } } : {};

let disk: SmallDisk;
beforeEach(async () => {
  const mounted = mountSmallDisk('size=2m,mode=0755');
  if (mounted === undefined) throw new Error('mount failed');
  disk = mounted;
});
afterEach(() => disk.remove());

/** Leaves not a single block. */
async function fillDisk(): Promise<string> {
  const file = join(disk.folder, 'ballast');
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    for (let more = true; more;)
      more = await writeFile(file, Buffer.alloc(size), { flag: 'a' }).then(
        () => true,
        () => false,
      );
  }
  return file;
}

const full = { code: 'GX2001', message: expect.stringMatching(/^no space left on \/.*gantry-disk-\w+: \d MB free/) };
const readOnly = { code: 'GX2002', message: expect.stringMatching(/gantry-disk-\w+ is mounted read-only/) };

describe('a full disk', needed, () => {
  it('costs the journal nothing', async () => {
    const store = folderStore(join(disk.folder, 'store'));
    const holder = { who: 'ana', operation: 'up', since: '', host: '', ...(await identifySelf()) };
    const lease = await store.lock(holder);
    await store.append(lease, 0, event('before'));
    const ballast = await fillDisk();
    await expect(store.append(lease, 1, event('lost', { text: 'x'.repeat(10_000) }))).rejects.toMatchObject(full);
    await expect(store.put(Buffer.alloc(10_000))).rejects.toMatchObject(full);
    expect((await store.read()).events).toEqual([event('before')]);
    await rm(ballast);
    expect(await store.append(lease, 1, event('after'))).toBe(2);
    await lease.release();
  });

  it('lets a lock be released', async () => {
    const store = folderStore(join(disk.folder, 'store'));
    const lease = await store.lock({ who: 'ana', operation: 'up', since: '', host: '', ...(await identifySelf()) });
    await fillDisk();
    await lease.release();
    expect(await store.holder()).toBeUndefined();
  });

  it('costs no secret', async () => {
    const secrets = localSecrets({ secretsFile: join(disk.folder, 'secrets.json') });
    await secrets.put('KEY', 'old', 'user');
    const ballast = await fillDisk();
    await expect(secrets.put('KEY', 'new'.repeat(2000), 'user')).rejects.toMatchObject(full);
    expect((await secrets.read('KEY'))?.reveal()).toBe('old');
    await rm(ballast);
    expect(await secrets.put('KEY', 'new', 'user')).toBe(2);
    expect((await readdir(disk.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves no half-made content', async () => {
    const app = join(disk.folder, 'app');
    await mkdir(app);
    await writeFile(join(app, 'big'), Buffer.alloc(1_200_000));
    const context = { folder: app, cacheDir: join(disk.folder, 'cache'), signal: new AbortController().signal, report: () => undefined };
    const service = {
      name: 'a',
      kind: 'web' as const,
      prepare: [],
      limits: { cpu: 1, memory: 1 },
      scale: { min: 1, max: 1 },
      variables: {},
      secrets: [],
    };
    await expect(folderBuilder.build(service, context)).rejects.toMatchObject(full);
    expect((await readdir(join(context.cacheDir, 'content'))).filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

describe('a read-only disk', needed, () => {
  it('is named by whoever has to write', async () => {
    const app = join(disk.folder, 'app');
    await mkdir(app);
    await chmod(app, 0o755);
    const places = placesOf(app, {
      env: { GANTRY_CACHE: join(disk.folder, 'cache'), XDG_RUNTIME_DIR: '/tmp' },
      uid: process.getuid?.() ?? 0,
    });
    disk.setWritable(false);
    await expect(ensureStateDir(places)).rejects.toMatchObject(readOnly);
    await expect(localSecrets(places).put('KEY', 'v', 'user')).rejects.toMatchObject(readOnly);
    await expect(folderStore(places.storeDir).put(Buffer.from('x'))).rejects.toMatchObject(readOnly);
    const spec = { name: 'db', type: 'postgres' as const, version: 17, user: 'x', password: { $secret: 'p' } };
    const context = {
      places,
      password: new Secret('p'),
      env: {},
      logFile: '/dev/null',
      report: () => undefined,
      signal: new AbortController().signal,
    };
    await expect(postgresDriver.start(spec, context)).rejects.toMatchObject(readOnly);
  });

  it('can still be read', async () => {
    const store = folderStore(join(disk.folder, 'store'));
    const secrets = localSecrets({ secretsFile: join(disk.folder, 'secrets.json') });
    const lease = await store.lock({ who: 'ana', operation: 'up', since: '', host: '', ...(await identifySelf()) });
    await store.append(lease, 0, event('one'));
    await secrets.put('KEY', 'v', 'user');
    disk.setWritable(false);
    expect((await folderStore(join(disk.folder, 'store')).read()).sequence).toBe(1);
    expect((await secrets.read('KEY'))?.reveal()).toBe('v');
    await expect(store.append(lease, 1, event('two'))).rejects.toMatchObject(readOnly);
    disk.setWritable(true);
    await lease.release();
  });
});
