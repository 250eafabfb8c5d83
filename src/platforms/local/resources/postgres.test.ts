import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/rig/until.ts';
import { background } from '../../../exec/exec.ts';
import { isAlive } from '../../../exec/identity.ts';
import { processesIn } from '../../../exec/processes.ts';
import { Secret } from '../../../exec/secret.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { Places } from '../places.ts';
import type { RunningResource } from '../supervisor/resources.ts';
import { initdbArgs, sanitise, serverArgs, singleUser } from './postgres-cluster.ts';
import { findEmbedded, findPostgres, requirePostgres } from './postgres-programs.ts';
import { signIn } from './postgres-protocol.ts';
import { postgresDriver } from './postgres.ts';
import { bench, password, type Bench } from './resources-fixture.ts';
import { serverUser } from './server.ts';

const spec: ResourceSpec = { name: 'db', type: 'postgres', version: 17, user: 'my-app', password: { $secret: 'db.password' } };
const embedded = await findEmbedded();
const needed = embedded === undefined ? { skip: true, meta: { reason: 'needs the embedded PostgreSQL of this platform' } } : {};

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
  folder = join(places.dataDir, 'db');
});

async function start(more: Parameters<Bench['context']>[1] = {}): Promise<RunningResource> {
  return here.start(postgresDriver, spec, here.context(places, more));
}

async function canSignIn({ record, outputs }: RunningResource, secret: Secret = password): Promise<string> {
  const answer = await signIn(
    { host: '127.0.0.1', port: record.port, user: String(outputs['user']), database: String(outputs['name']), password: secret },
    5000,
  );
  return answer.kind === 'refused' ? answer.state : answer.kind;
}

/** A process that has ended under a parent that does not ask for its exit code, of the user that the server runs as. */
async function makeZombie(): Promise<{ readonly pid: number; bury(): void }> {
  const argv = ['/bin/sh', '-c', 'sleep 0 & exec sleep 60'];
  const parent = await background({ argv, cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'ignore'], ...(await serverUser()) });
  let pid = 0;
  await until('a zombie', async () => {
    pid = Number((await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')).trim());
    return pid > 0 && (await readFile(`/proc/${pid}/stat`, 'latin1')).includes(') Z ');
  });
  return { pid, bury: () => process.kill(parent.pid, 'SIGKILL') };
}

/** Rows outlive what a test does to the server: written and read without a client, while no server runs. */
async function sql(...statements: string[]): Promise<void> {
  const context = here.context(places);
  const programs = await requirePostgres(17, join(here.base, 'cache'), context.env, context.report);
  await singleUser(folder, programs, await serverUser(), context, statements);
}

describe('PostgreSQL', { ...needed, timeout: 60_000 }, () => {
  it('starts, answers only on loopback with the password, and stops', async () => {
    const running = await start();
    expect(running.version).toMatch(/^17\./);
    expect(running.outputs).toMatchObject({ host: '127.0.0.1', port: running.record.port, user: 'my_app', name: 'my_app' });
    expect(String(running.outputs['url'])).toBe('[redacted]');
    expect((running.outputs['url'] as Secret).reveal()).toBe(
      `postgres://my_app:${password.reveal()}@127.0.0.1:${running.record.port}/my_app`,
    );
    expect(running.connection).not.toContain(password.reveal());
    expect(await canSignIn(running)).toBe('welcome');
    expect(await canSignIn(running, new Secret('wrong'))).toBe('28P01');
    expect(await postgresDriver.check(running)).toBe(true);

    await postgresDriver.stop(running);
    expect(await postgresDriver.check(running)).toBe(false);
    expect(await processesIn(folder, ['postgres'])).toEqual([]);
    await postgresDriver.stop(running);
  });

  it('leaves no password behind and keeps its data private', async () => {
    const running = await start();
    await postgresDriver.stop(running);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('base'),
    );
    const texts = await Promise.all(files.map(async (entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
    expect(texts.some((text) => text.includes(password.reveal()))).toBe(false);
    expect(await readFile(join(places.logDir, 'resource.log'), 'utf8')).not.toContain(password.reveal());
    expect(await readdir(places.dataDir)).toEqual(['db']);
  });

  it('keeps data and port over a restart', async () => {
    const first = await start();
    await postgresDriver.stop(first);
    const second = await start({ port: first.record.port });
    expect(second.record.port).toBe(first.record.port);
    expect(second.record.identity).not.toEqual(first.record.identity);
    expect(await canSignIn(second)).toBe('welcome');
  });

  it('takes another port when somebody has the old one', async () => {
    const first = await start();
    await postgresDriver.stop(first);
    const blocker = createServer().listen(first.record.port, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const second = await start({ port: first.record.port });
    expect(second.record.port).not.toBe(first.record.port);
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('recovers after kill -9 of the server, on the same port, with nothing of the old one left', async () => {
    const first = await start();
    const children = await processesIn(folder, ['postgres']);
    expect(children.length).toBeGreaterThan(3);
    process.kill(first.record.identity?.pid ?? 0, 'SIGKILL');
    const second = await start({ port: first.record.port });
    expect(second.record.port).toBe(first.record.port);
    expect(await canSignIn(second)).toBe('welcome');
    for (const child of children) expect(await isAlive(child)).toBe(false);
  });

  it('is not fooled by a pid that now belongs to another program', async () => {
    const first = await start();
    await postgresDriver.stop(first);
    await writeFile(join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n1\n${first.record.port}\n\n127.0.0.1\n  1 1\nready\n`);
    expect(await canSignIn(await start())).toBe('welcome');
  });

  it.skipIf(process.platform !== 'linux')('starts though nobody has collected its killed predecessor from the process table', async () => {
    const first = await start();
    await postgresDriver.stop(first);
    const zombie = await makeZombie();
    await writeFile(join(folder, 'postmaster.pid'), `${zombie.pid}\n${folder}\n1\n${first.record.port}\n\n127.0.0.1\n  1 1\nready\n`);
    expect(await canSignIn(await start())).toBe('welcome');
    zombie.bury();
  });

  it('is adopted without a restart, and found again when its record was lost', async () => {
    const first = await start();
    const adopted = await postgresDriver.adopt(spec, first.record, here.context(places));
    expect(adopted?.record).toEqual(first.record);
    expect(adopted?.outputs['port']).toBe(first.record.port);
    const found = await start();
    expect(found.record.identity).toEqual(first.record.identity);
  });

  it('is not adopted when it is gone', async () => {
    const first = await start();
    await postgresDriver.stop(first);
    expect(await postgresDriver.adopt(spec, first.record, here.context(places))).toBeUndefined();
  });

  it('accepts a new password from the next start on', async () => {
    await postgresDriver.stop(await start());
    const changed = new Secret('NewNewNewNewNewNewNewNewNewNewNe');
    const running = await start({ password: changed });
    expect(await canSignIn(running, changed)).toBe('welcome');
    expect(await canSignIn(running)).toBe('28P01');
  });

  it('keeps its database when the app gets another name', async () => {
    await postgresDriver.stop(await start());
    const running = await here.start(postgresDriver, { ...spec, user: 'renamed' }, here.context(places));
    expect(running.outputs['name']).toBe('my_app');
    expect(await canSignIn(running)).toBe('welcome');
  });

  it('runs for two apps at once', async () => {
    const one = await start();
    places = await here.app(`app-${++apps}`);
    const two = await start();
    expect(one.record.port).not.toBe(two.record.port);
    expect([await canSignIn(one), await canSignIn(two)]).toEqual(['welcome', 'welcome']);
  });

  it('keeps rows over a crash', async () => {
    await postgresDriver.stop(await start());
    await sql('CREATE TABLE kept (n int)', 'INSERT INTO kept VALUES (42)');
    const running = await start();
    process.kill(running.record.identity?.pid ?? 0, 'SIGKILL');
    await postgresDriver.stop(await start());
    await sql(`COPY (SELECT n FROM kept) TO '${join(folder, 'kept.txt')}'`);
    expect(await readFile(join(folder, 'kept.txt'), 'utf8')).toBe('42\n');
  });

  it('never touches data of another major version', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toMatchObject({ code: 'GL3002', fix: expect.stringContaining('version: 15') });
    expect(await readdir(folder)).toEqual(['PG_VERSION']);
  });

  it('does not write into a folder of something else', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'photo.jpg'), '');
    await expect(start()).rejects.toMatchObject({ code: 'GL3005' });
    expect(await readdir(folder)).toEqual(['photo.jpg']);
  });

  it.skipIf(process.getuid?.() !== 0)('names the folder that keeps its user out, and the fix works', async () => {
    const locked = join(here.base, 'locked');
    await mkdir(locked);
    await chmod(locked, 0o700);
    places = { ...places, dataDir: join(locked, 'data') };
    await expect(start()).rejects.toMatchObject({ code: 'GL3005', fix: expect.stringContaining(`chmod o+x '${locked}'`) });
    await chmod(locked, 0o711);
    expect(await canSignIn(await start())).toBe('welcome');
  });

  it.skipIf(process.getuid?.() !== 0)('runs for root with an app under a private home', async () => {
    const home = join(here.base, 'home');
    await mkdir(home, { mode: 0o700 });
    places = await here.app('home/app');
    expect(await canSignIn(await start())).toBe('welcome');
  });

  it('shows the last lines of its log when it does not start, and the data is whole afterwards', async () => {
    await postgresDriver.stop(await start());
    const file = join(folder, 'postgresql.conf');
    const before = await readFile(file, 'utf8');
    await writeFile(file, `${before}\nno_such_setting = 1\n`);
    await expect(start()).rejects.toMatchObject({
      code: 'GL3003',
      lines: expect.arrayContaining([expect.stringContaining('no_such_setting')]),
    });
    await writeFile(file, before);
    expect(await canSignIn(await start())).toBe('welcome');
  });

  it('leaves nothing behind when its creation is interrupted', async () => {
    const controller = new AbortController();
    await expect(
      start({
        signal: controller.signal,
        report: (line) => (line.startsWith('creating') ? setTimeout(() => controller.abort(), 50) : undefined),
      }),
    ).rejects.toThrow(/interrupted|aborted/);
    expect(await readdir(places.dataDir)).toEqual([]);
    expect(await canSignIn(await start())).toBe('welcome');
  });

  it('says what is there when the version is not', async () => {
    await expect(here.start(postgresDriver, { ...spec, version: 11 }, here.context(places))).rejects.toMatchObject({
      code: 'GL3001',
      message: expect.stringContaining('17 (built in)'),
    });
    expect(await findPostgres(17, '')).toMatchObject({ version: expect.stringMatching(/^17\./) });
    expect(await findPostgres(11, '')).toMatchObject({ problem: expect.stringContaining('PostgreSQL 11 is not here') });
  });
});

describe('an external PostgreSQL', () => {
  const external = { ...spec, external: { $secret: 'DB' } };

  it.skipIf(embedded === undefined)('is only looked at', async () => {
    const running = await start();
    const url = running.outputs['url'] as Secret;
    const other = await postgresDriver.start(external, here.context(places, { external: url }));
    expect(other.record.identity).toBeUndefined();
    expect(other.outputs).toMatchObject({ host: '127.0.0.1', port: running.record.port, user: 'my_app', name: 'my_app' });
    expect((other.outputs['password'] as Secret).reveal()).toBe(password.reveal());
    expect(other.connection).not.toContain(password.reveal());
    expect(await postgresDriver.check(other)).toBe(true);
    await postgresDriver.stop(other);
    expect(await postgresDriver.check(running)).toBe(true);
    expect(await postgresDriver.adopt(external, other.record, here.context(places, { external: url }))).toMatchObject({
      record: other.record,
    });
  });

  it.each(['', 'nonsense', 'mysql://host/x'])('with the address %j is explained without showing it', async (address) => {
    await expect(postgresDriver.start(external, here.context(places, { external: new Secret(address) }))).rejects.toMatchObject({
      code: 'GL3008',
      message: expect.not.stringContaining('mysql'),
    });
  });

  it('that does not answer is named', async () => {
    const server = createServer((socket) => socket.resume().end('HTTP/1.1 400\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const address = new Secret(`postgres://u:hidden@127.0.0.1:${port}/x`);
    await expect(postgresDriver.start(external, here.context(places, { external: address }))).rejects.toMatchObject({
      code: 'GL3004',
      message: expect.not.stringContaining('hidden'),
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('PostgreSQL in data', () => {
  const programs = { postgres: '/p/postgres', initdb: '/p/initdb' };

  it('is told everything on the command line but the password', () => {
    expect(serverArgs(programs, '/d', 5)).toEqual(
      expect.arrayContaining(['listen_addresses=127.0.0.1', 'port=5', 'unix_socket_directories=']),
    );
    expect(serverArgs(programs, '/d', 5).join(' ')).not.toContain('fsync=off');
    expect(initdbArgs(programs, '/d', 17)).toContain('--builtin-locale=C.UTF-8');
    expect(initdbArgs(programs, '/d', 16).join(' ')).not.toContain('builtin');
  });

  it.each([
    ['taskly', 'taskly'],
    ['my-app', 'my_app'],
    ['9lives', 'app_9lives'],
    ['postgres', 'app_postgres'],
    ['pg_x', 'app_pg_x'],
    ['a"; DROP', 'a___drop'],
    ['x'.repeat(80), 'x'.repeat(63)],
  ])('names its database after the app %s: %s', (app, name) => {
    expect(sanitise(app)).toBe(name);
  });
});
