import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { event, storeContract } from '../../test/contracts/store.ts';
import { identifySelf } from '../exec/identity.ts';
import { folderStore } from './folder-store.ts';
import { copyNames } from './journal-copies.ts';
import { encodeRecord } from './journal-file.ts';
import type { Holder, Store } from './store.ts';

let tools: string;
let racer: string;
let folder: string;
let notices: string[];
let store: Store;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'gantry-racer-'));
  racer = join(tools, 'racer.mjs');
  await build({ input: 'test/fixtures/lock-racer.ts', platform: 'node', output: { file: racer, format: 'esm' }, logLevel: 'silent' });
});
afterAll(async () => rm(tools, { recursive: true, force: true }));

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'gantry-store-')), 'store');
  notices = [];
  store = client();
});
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child);
  await rm(join(folder, '..'), { recursive: true, force: true });
});

function client(): Store {
  return folderStore(folder, { notice: (text) => void notices.push(text) });
}

async function holder(who: string): Promise<Holder> {
  return { who, operation: 'deploy', since: 'now', host: 'here', ...(await identifySelf()) };
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

interface Racer {
  readonly child: ChildProcessWithoutNullStreams;
  /** Lets it try; gives a line for each attempt. */
  go(): Promise<string[]>;
}

async function startRacer(attempts: number): Promise<Racer> {
  const child = spawn(process.execPath, [racer, folder, String(attempts)]);
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const until = async (line: string): Promise<void> => {
    await expect.poll(() => text.includes(`${line}\n`), { timeout: 20_000, interval: 10 }).toBe(true);
  };
  await until('ready');
  return {
    child,
    async go() {
      child.stdin.write('go\n');
      await until('done');
      return text.split('\n').slice(1, -2);
    },
  };
}

async function abandonLock(): Promise<number> {
  const { child, go } = await startRacer(1);
  const [line = ''] = await go();
  await ended(child);
  return Number(line.replace('won ', ''));
}

storeContract('folder', async () => ({ store, other: client(), holder, abandonLock, close: async () => undefined }));

async function filled(events = 3): Promise<void> {
  const lease = await store.lock(await holder('ana'));
  for (let index = 0; index < events; index++) await store.append(lease, index, event(`e${index}`, { text: 'x'.repeat(index) }));
  await lease.release();
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ mask, at);
  return copy;
}

describe('the lock of a folder store', { timeout: 60_000 }, () => {
  it('goes to one of a hundred attempts in twenty processes; the others learn who holds it within a second', async () => {
    const racers = await Promise.all(Array.from({ length: 20 }, async () => startRacer(5)));
    const results = (await Promise.all(racers.map(async ({ go }) => go()))).flat();
    const winners = results.filter((line) => line.startsWith('won'));
    expect(winners).toHaveLength(1);
    const losers = results.filter((line) => line.startsWith('GR1001'));
    expect(losers).toHaveLength(99);
    for (const line of losers) {
      expect(line).toMatch(/is at work here: race/);
      expect(Number(line.split(' ')[1])).toBeLessThan(1000);
    }
  });

  it('is taken over at once from a holder that was killed', async () => {
    const token = await abandonLock();
    expect(await store.holder()).toBeUndefined();
    expect((await store.lock(await holder('bob'))).token).toBeGreaterThan(token);
  });

  it('stays with a holder that is stopped', async () => {
    const { child, go } = await startRacer(1);
    await go();
    child.kill('SIGSTOP');
    await expect(store.lock(await holder('bob'))).rejects.toMatchObject({ code: 'GR1001' });
    child.kill('SIGCONT');
  });

  it('is held by who answers on the socket, even if the process table does not show it', async () => {
    const hidden = { ...(await holder('ana')), bootId: 'another' };
    const lease = await store.lock(hidden);
    await expect(client().lock(await holder('bob'))).rejects.toMatchObject({ code: 'GR1001', message: expect.stringContaining('ana') });
    await lease.release();
    expect((await readdir(join(folder, 'locks'))).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  it('is free for the process that gave it back, even if the disk did not take that', async () => {
    const lease = await store.lock(await holder('ana'));
    const locks = join(folder, 'locks');
    const file = join(locks, `${lease.token}.held`);
    const text = await readFile(file, 'utf8');
    await lease.release();
    await rename(join(locks, `${lease.token}.free`), file);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await store.holder()).toBeUndefined();
    expect((await client().lock(await holder('bob'))).token).toBeGreaterThan(lease.token);
  });

  it('continues with higher tokens when its folder is lost', async () => {
    await filled();
    const before = await store.lock(await holder('ana'));
    await store.append(before, 3, event('more'));
    await rm(join(folder, 'locks'), { recursive: true });
    const after = await client().lock(await holder('bob'));
    expect(after.token).toBeGreaterThan(before.token);
    await expect(store.append(before, 4, event('late'))).rejects.toMatchObject({ code: 'GL4011' });
    expect(before.lost.aborted).toBe(true);
  });

  it('works in a folder whose path is too long for a socket', async () => {
    folder = join(folder, 'x'.repeat(60), 'y'.repeat(60));
    const lease = await client().lock(await holder('ana'));
    expect(await client().holder()).toMatchObject({ who: 'ana' });
    const [lock = ''] = await readdir(join(folder, 'locks'));
    const { socket } = JSON.parse(await readFile(join(folder, 'locks', lock), 'utf8')) as { socket: string };
    expect(socket.length).toBeLessThanOrEqual(100);
    await lease.release();
    await rmdir(dirname(socket));
  });
});

describe('an append', () => {
  it('notices that somebody else has written, whatever he did, and never writes on top of it', async () => {
    const lease = await store.lock(await holder('ana'));
    await store.append(lease, 0, event('e0'));
    const [first, second] = copyNames(folder);
    for (const file of [first, second]) await appendFile(file, encodeRecord({ token: lease.token, event: event('stranger') }));
    await expect(store.append(lease, 1, event('e1'))).rejects.toMatchObject({ code: 'GL4012' });
    const bytes = await readFile(second);
    await writeFile(second, flipped(bytes, 20, 1));
    expect(await store.append(lease, 2, event('e2'))).toBe(3);
    expect(notices).toEqual([expect.stringContaining('is damaged from byte')]);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
    await rm(first);
    expect(await store.append(lease, 3, event('e3'))).toBe(4);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('reads no more when the journal is long', async () => {
    const lease = await store.lock(await holder('ana'));
    await store.append(lease, 0, event('e0', { text: 'x'.repeat(2_000_000) }));
    await store.append(lease, 1, event('e1'));
    const before = await bytesRead();
    for (let index = 2; index <= 40; index++) await store.append(lease, index, event('e'));
    expect((await bytesRead()) - before).toBeLessThan(2_000_000);
    expect((await store.read()).sequence).toBe(41);
  });

  async function bytesRead(): Promise<number> {
    return Number(/rchar: (\d+)/.exec(await readFile('/proc/self/io', 'utf8'))?.[1]);
  }
});

describe('something else in place of the store', () => {
  it.each(['folder', 'link', 'pipe'])('is refused: a %s where the journal should be', async (kind) => {
    await filled();
    const [file] = copyNames(folder);
    await rename(file, `${file}.away`);
    if (kind === 'folder') await mkdir(file);
    if (kind === 'link') await symlink(`${file}.away`, file);
    if (kind === 'pipe') await once(spawn('mkfifo', [file]), 'exit');
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4016' });
  });

  it('is refused: a link where the folder should be', async () => {
    await mkdir(join(folder, '..', 'elsewhere'));
    await symlink('elsewhere', folder);
    await expect(store.lock(await holder('ana'))).rejects.toMatchObject({ code: 'GL4016' });
    expect(await readdir(join(folder, '..', 'elsewhere'))).toEqual([]);
  });

  it.each(['the folder', 'the journal'])('is refused, with the command that helps: others may write to %s', async (what) => {
    await filled();
    const path = what === 'the folder' ? folder : copyNames(folder)[1];
    const { mode } = await lstat(path);
    await chmod(path, mode | 0o020);
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4016', where: path, fix: `Run: chmod -R go-w '${folder}'` });
    await chmod(path, mode);
    expect((await store.read()).sequence).toBe(3);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused: a store of another user', async () => {
    await filled();
    await chown(folder, 65534, 65534);
    await expect(store.lock(await holder('bob'))).rejects.toMatchObject({
      code: 'GL4016',
      message: expect.stringContaining('65534') as string,
    });
  });

  it.skipIf(process.getuid?.() !== 0)('is refused: a journal of another user', async () => {
    await filled();
    await chown(copyNames(folder)[0], 65534, 65534);
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4016' });
  });
});

describe('files of a folder store', () => {
  it('are private', async () => {
    await filled();
    const digest = await store.put(Buffer.from('x'));
    const files = [...copyNames(folder), join(folder, 'blobs', digest.slice(0, 2), digest)];
    for (const file of files) expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
  });

  it('that hold a damaged blob are told from whole ones, and mended by the same blob', async () => {
    const digest = await store.put(Buffer.from('content'));
    const file = join(folder, 'blobs', digest.slice(0, 2), digest);
    await chmod(file, 0o600);
    await writeFile(file, 'contemt');
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'GL4015' });
    await store.put(Buffer.from('content'));
    expect(Buffer.from(await store.get(digest)).toString()).toBe('content');
  });
});
