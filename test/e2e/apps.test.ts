/** The small example apps on the local target, as a person runs them: `gantry up --detach` in a copy, use, `gantry down`. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { copyOf, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { until } from '../rig/until.ts';
import { requires } from '../tools/requires.ts';

interface Up {
  readonly url: string;
  readonly release: string;
}

interface Status {
  readonly url: string;
  readonly release: string;
  readonly services: readonly { readonly name: string; readonly replicas: readonly Replica[] }[];
  readonly resources: readonly { readonly name: string; readonly type: string; readonly state: string }[];
}

interface Replica {
  readonly id: string;
  readonly pid: number;
  readonly port: number;
  readonly state: string;
  readonly restarts: number;
}

let app: AppFolder | undefined;

afterEach(async () => {
  await app?.remove();
  app = undefined;
});

async function up(name: string): Promise<{ readonly folder: AppFolder; readonly url: string; readonly status: Status }> {
  const folder = (app = copyOf(name));
  const { url } = await folder.json<Up>(['up', '--detach']);
  return { folder, url, status: await folder.json<Status>(['status', 'local']) };
}

const ready = ({ services }: Status): Record<string, number> =>
  Object.fromEntries(services.map(({ name, replicas }) => [name, replicas.filter(({ state }) => state === 'ready').length]));

async function json(url: string, method = 'GET', body?: unknown): Promise<unknown> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(response.status).toBeLessThan(300);
  return response.json();
}

const page = async (url: string): Promise<string> => (await fetch(url)).text();

/** What so many answers of an address say, each once. */
async function seen<T>(times: number, ask: () => Promise<T>): Promise<Set<T>> {
  return new Set(await Promise.all(Array.from({ length: times }, ask)));
}

describe.skipIf(!isBuilt())('the example apps', () => {
  test('todo runs as one replica', async () => {
    const { folder, url, status } = await up('todo');
    expect(ready(status)).toEqual({ web: 1 });
    expect(await page(url)).toContain('What is to be done');
    await json(`${url}/api/todos`, 'POST', { title: 'Water the plants' });
    expect(await seen(20, async () => ((await json(`${url}/api/todos`)) as unknown[]).length)).toEqual(new Set([1]));
    expect((await folder.run(['down'])).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('todo with two replicas would show two lists, which is why it is refused', async () => {
    app = copyOf('todo');
    copyFileSync(join(app.folder, 'gantry.two-replicas.yaml'), join(app.folder, 'gantry.yaml'));
    for (const command of [
      ['up', '--detach'],
      ['deploy', 'local'],
    ]) {
      const { code, stderr } = await app.run(command);
      expect(code).toBe(1);
      expect(stderr).toContain('G01  web runs 2 replicas but keeps its data in memory  list.js:5');
    }
    expect(await app.run(['check'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('blocks  G01  web runs 2 replicas') as string,
    });
  });

  test('sys-stats runs two backends that both want port 5000', async () => {
    const { url, status } = await up('sys-stats');
    expect(ready(status)).toEqual({ frontend: 2, backend: 2 });
    expect(await page(url)).toContain('System stats');
    const answering = await seen(40, async () => ((await json(`${url}/stats`)) as { process: number }).process);
    expect(answering.size).toBe(2);
    const ports = status.services.flatMap(({ replicas }) => replicas.map(({ port }) => port));
    expect(new Set(ports).size).toBe(4);
  });

  test('ping gets its database, its table and its variables', async () => {
    const { folder, url, status } = await up('ping');
    expect(ready(status)).toEqual({ web: 2 });
    expect(status.resources).toEqual([expect.objectContaining({ name: 'db', type: 'postgres', state: 'ready' })]);
    expect(await page(`${url}/health`)).toBe('UP');
    for (let count = 0; count < 5; count++) await json(`${url}/api/pings`, 'POST');
    expect(await json(`${url}/api/pings`)).toMatchObject({ count: 5 });

    expect((await folder.run(['down'])).code).toBe(0);
    const again = await folder.json<Up>(['up', '--detach']);
    expect(await json(`${again.url}/api/pings`)).toMatchObject({ count: 5 });
  });

  test('a killed replica comes back, and nobody reads an error for long', async () => {
    const { folder, url, status } = await up('sys-stats');
    const victim = status.services[0]?.replicas[0];
    expect(victim).toBeDefined();
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await until('both replicas are ready again', async () => {
      const now = await folder.json<Status>(['status', 'local']);
      return ready(now)['frontend'] === 2 && now.services[0]?.replicas.every(({ pid }) => pid !== victim?.pid) === true;
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

requires('redis')('the example app with Redis', () => {
  test.skipIf(!isBuilt())('counter counts as one, beside a site of plain files', async () => {
    const { url, status } = await up('counter');
    expect(ready(status)).toMatchObject({ api: 2 });
    expect(status.resources).toEqual([expect.objectContaining({ name: 'cache', type: 'redis', state: 'ready' })]);
    expect(await page(url)).toContain('counter.js');
    expect((await fetch(`${url}/counter.css`)).headers.get('content-type')).toContain('text/css');
    const counts = await seen(30, async () => ((await json(`${url}/api/count`, 'POST')) as { count: number }).count);
    expect(counts.size).toBe(30);
    expect(await json(`${url}/api/count`)).toEqual({ count: 30 });
  });
});
