import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requires } from '../../../../test/tools/requires.ts';
import { isAlive } from '../../../exec/identity.ts';
import { Secret } from '../../../exec/secret.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { Places } from '../places.ts';
import type { RunningResource } from '../supervisor/resources.ts';
import { connect } from './conversation.ts';
import { ping } from './redis-protocol.ts';
import { configuration, fileNames, findRedis, redisDriver } from './redis.ts';
import { bench, password, type Bench } from './resources-fixture.ts';
import { processesIn } from '../../../exec/processes.ts';

const found = (await findRedis({ PATH: process.env['PATH'] ?? '' }))[0];
const spec: ResourceSpec = {
  name: 'cache',
  type: 'redis',
  version: Number.parseInt(found?.version ?? '7', 10),
  user: 'app',
  password: { $secret: 'cache.password' },
};

let here: Bench;
let apps = 0;
let places: Places;
let folder: string;

beforeAll(async () => {
  here = await bench();
});
afterAll(async () => here.close());
beforeEach(async () => {
  places = await here.app(`app-${++apps}`);
  folder = join(places.dataDir, 'cache');
});

async function start(more: Parameters<Bench['context']>[1] = {}): Promise<RunningResource> {
  return here.start(redisDriver, spec, here.context(places, more));
}

async function say({ record }: RunningResource, line: string): Promise<string> {
  const server = await connect('127.0.0.1', record.port, 5000);
  try {
    server.write(`AUTH ${password.reveal()}\r\n${line}\r\n`);
    await server.readThrough(10);
    const first = (await server.readThrough(10)).toString().trim();
    return first.startsWith('$') ? (await server.readThrough(10)).toString().trim() : first;
  } finally {
    server.close();
  }
}

requires('redis')('Redis', () => {
  it('starts, lets nobody in without the password, and stops', async () => {
    const running = await start();
    expect(running.version).toBe(found?.version);
    expect((running.outputs['url'] as Secret).reveal()).toBe(`redis://:${password.reveal()}@127.0.0.1:${running.record.port}`);
    expect(await redisDriver.check(running)).toBe(true);
    expect(await processesIn(folder, fileNames)).toEqual([running.record.identity]);
    expect(await ping('127.0.0.1', running.record.port, undefined, 2000)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('NOAUTH'),
    });
    await redisDriver.stop(running);
    expect(await redisDriver.check(running)).toBe(false);
    expect(await processesIn(folder, fileNames)).toEqual([]);
  });

  it('shows its password in no argument and keeps it in no file', async () => {
    const running = await start();
    expect(await readFile(`/proc/${running.record.identity?.pid}/cmdline`, 'utf8').catch(() => '')).not.toContain(password.reveal());
    const entries = await readdir(here.base, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      entries.filter((entry) => entry.isFile()).map(async (entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    );
    expect(texts.some((text) => text.includes(password.reveal()))).toBe(false);
  });

  it('keeps data and port over stop and start', async () => {
    const first = await start();
    expect(await say(first, 'SET visits 41')).toBe('+OK');
    await redisDriver.stop(first);
    const second = await start({ port: first.record.port });
    expect(second.record.port).toBe(first.record.port);
    expect(await say(second, 'GET visits')).toBe('41');
  });

  it('recovers after kill -9', async () => {
    const first = await start();
    const identity = first.record.identity;
    process.kill(identity?.pid ?? 0, 'SIGKILL');
    const second = await start({ port: first.record.port });
    expect(second.record.identity).not.toEqual(identity);
    expect(await say(second, 'PING')).toBe('+PONG');
  });

  it('is adopted without a restart', async () => {
    const first = await start();
    const adopted = await redisDriver.adopt(spec, first.record, here.context(places));
    expect(adopted?.record).toEqual(first.record);
    expect(first.record.identity && (await isAlive(first.record.identity))).toBe(true);
    expect(await redisDriver.adopt({ ...spec, version: 99 }, first.record, here.context(places))).toBeUndefined();
  });

  it('never touches data of another major version', async () => {
    await redisDriver.stop(await start());
    await writeFile(join(folder, 'gantry.json'), '{"type":"redis","version":5}');
    await expect(start()).rejects.toMatchObject({ code: 'GL3002' });
  });

  it('does not write into a folder of something else', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'photo.jpg'), '');
    await expect(start()).rejects.toMatchObject({ code: expect.stringMatching(/GL3005/) });
  });

  it('says what is there when the version is not', async () => {
    await expect(redisDriver.start({ ...spec, version: 3 }, here.context(places))).rejects.toMatchObject({
      code: 'GL3001',
      message: expect.stringContaining(found?.version ?? ''),
    });
  });

  it('outside of Gantry is only looked at', async () => {
    const running = await start();
    const url = running.outputs['url'] as Secret;
    const other = await redisDriver.start({ ...spec, external: { $secret: 'CACHE' } }, here.context(places, { external: url }));
    expect(other.outputs).toMatchObject({ host: '127.0.0.1', port: running.record.port });
    expect(await redisDriver.check(other)).toBe(true);
    await redisDriver.stop(other);
    expect(await redisDriver.check(running)).toBe(true);
  });
});

describe('Redis in data', () => {
  it('says how to install it when there is none', async () => {
    const context = here.context(places, { env: { PATH: '/nonexistent' } });
    await expect(redisDriver.start(spec, context)).rejects.toMatchObject({
      code: 'GL3001',
      message: expect.stringContaining('neither valkey-server nor redis-server'),
      fix: expect.stringContaining('apt-get install'),
    });
  });

  it('is durable and on loopback', () => {
    const text = configuration('/a "b"', 5, new Secret('p'));
    expect(text).toContain('bind 127.0.0.1\nport 5\n');
    expect(text).toContain('appendonly yes');
    expect(text).toContain(String.raw`dir "/a \"b\""`);
  });
});
