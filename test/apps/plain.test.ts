/** The example apps as ordinary programs: what they answer when nothing but Node runs them. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { programFor, requires } from '../tools/requires.ts';
import { appFolder, freePort, start, type Program, type Running } from './start.ts';

const running: Running[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const program of running.splice(0).toReversed()) await program.stop();
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function run(program: Program): Promise<string> {
  const started = await start(program);
  running.push(started);
  return started.url;
}

const json = async (url: string, method = 'GET', body?: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

describe('todo', () => {
  const open = async (): Promise<string> => run({ argv: ['node', 'server.js'], folder: appFolder('todo'), port: await freePort() });

  test('keeps, changes and removes entries', async () => {
    const url = await open();
    expect(await json(`${url}/api/todos`, 'POST', { title: '  Water the plants ' })).toEqual({
      status: 201,
      body: { id: 1, title: 'Water the plants', done: false },
    });
    expect((await json(`${url}/api/todos/1`, 'PATCH', { done: true })).body).toMatchObject({ done: true });
    expect((await json(`${url}/api/todos`)).body).toHaveLength(1);
    expect((await json(`${url}/api/todos/1`, 'DELETE')).status).toBe(204);
    expect((await json(`${url}/health`)).body).toEqual({ status: 'healthy', entries: 0 });
  });

  test.each([['{'], ['null'], ['{"title":" "}'], [JSON.stringify({ title: 'x'.repeat(201) })]])('refuses %.20s', async (body) => {
    const response = await fetch(`${await open()}/api/todos`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('error');
  });

  test('refuses a huge body and unknown paths', async () => {
    const url = await open();
    expect((await json(`${url}/api/todos`, 'POST', { title: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await json(`${url}/api/todos/7`, 'DELETE')).status).toBe(404);
    expect((await json(`${url}//elsewhere`)).status).toBe(404);
  });
});

describe('sys-stats', () => {
  test('the backend listens on 5000 whatever PORT says', async (context) => {
    context.skip(
      await fetch('http://127.0.0.1:5000').then(
        () => true,
        () => false,
      ),
      'port 5000 is in use on this machine',
    );
    const argv = ['node', 'server.js'] as const;
    const program = { argv, folder: appFolder('sys-stats/backend'), port: 5000, env: { PORT: String(await freePort()) } };
    const { status, body } = await json(`${await run(program)}/stats`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ cpu: expect.any(Number), memory: { percent: expect.any(Number) }, process: expect.any(Number) });
  });

  test('the frontend starts through npm and serves its files', async () => {
    const url = await run({ argv: ['npm', 'run', 'start'], folder: appFolder('sys-stats/frontend'), port: await freePort() });
    expect(await (await fetch(url)).text()).toContain('System stats');
    expect((await fetch(`${url}/stats.js`)).headers.get('content-type')).toBe('text/javascript');
    expect((await fetch(`${url}/package.json`)).status).toBe(404);
  });
});

/** A copy with its packages installed; undefined when there is no registry to install them from. */
function installed(app: string): string | undefined {
  const folder = join(mkdtempSync(join(tmpdir(), 'gantry-app-')), 'app');
  folders.push(folder);
  cpSync(appFolder(app), folder, { recursive: true, filter: (file) => !file.includes('node_modules') });
  const done = spawnSync('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, timeout: 20_000 });
  return done.status === 0 ? folder : undefined;
}

requires('redis')('counter', () => {
  test('counts in Redis, with a password, and says when Redis is away', async (context) => {
    const folder = installed('counter/api') ?? context.skip('the packages cannot be installed here');
    const redisPort = await freePort();
    const password = 'a-password';
    const argv = [programFor('redis') ?? '', '--port', String(redisPort), '--save', '', '--requirepass', password] as const;
    const redis = await start({ argv, folder, port: redisPort });
    running.push(redis);
    const env = { REDISHOST: '127.0.0.1', REDISPORT: String(redisPort), REDISPASSWORD: password };
    const url = await run({ argv: ['node', 'server.js'], folder, port: await freePort(), env });
    await json(`${url}/api/count`, 'DELETE');
    await json(`${url}/api/count`, 'POST');
    expect((await json(`${url}/api/count`, 'POST')).body).toEqual({ count: 2 });
    expect((await json(`${url}/api/health`)).body).toEqual({ status: 'healthy', redis: 'PONG' });
    await redis.stop();
    expect(await json(`${url}/api/health`)).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
  });
});

describe('ping', () => {
  test('answers DOWN with 503 while there is no database, and goes on serving its page', async (context) => {
    const folder = installed('ping') ?? context.skip('the packages cannot be installed here');
    const env = { POSTGRESQL_HOST: '127.0.0.1', POSTGRESQL_PORT: String(await freePort()), POSTGRESQL_USER: 'nobody' };
    const url = await run({ argv: ['node', 'server.js'], folder, port: await freePort(), env });
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.text()]).toEqual([503, 'DOWN']);
    expect((await json(`${url}/api/pings`, 'POST')).status).toBe(503);
    expect(await (await fetch(url)).text()).toContain('The database is');
  });
});
