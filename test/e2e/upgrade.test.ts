/** Another build of Gantry takes over a running app. */
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/platforms/local/client.ts';
import { placesOf, type Places } from '../../src/platforms/local/places.ts';
import type { Hello } from '../../src/platforms/local/protocol.ts';
import type { Status } from '../../src/platforms/platform.ts';
import { emptyFolder, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { until } from '../rig/until.ts';

const root = join(import.meta.dirname, '../..');
const appFile = `gantry: 1
app: upgraded
services:
  web:
    build: ./web
    run: node main.js
    port: 8080
    route: /
    health: /
    replicas: 2
    variables: { DATABASE_URL: "\${db.url}" }
resources:
  db: { type: postgres, version: 17 }
`;
const program = `require('node:http').createServer((request, response) => response.end('version ' + VERSION)).listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

describe.skipIf(!isBuilt())('another build of Gantry', () => {
  let builds: string;
  let app: AppFolder;
  let places: Places;
  let terminal: ChildProcess | undefined;

  beforeAll(() => {
    builds = mkdtempSync(join(tmpdir(), 'gantry-builds-'));
    for (const name of ['a', 'b']) {
      const folder = join(builds, name);
      mkdirSync(folder);
      for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      appendFileSync(join(folder, 'dist/supervisor.cjs'), `// build ${name}\n`);
    }
  });
  afterAll(() => rmSync(builds, { recursive: true, force: true }));
  beforeEach(() => {
    app = emptyFolder('upgraded');
    mkdirSync(join(app.folder, 'web'), { recursive: true });
    writeFileSync(join(app.folder, 'gantry.yaml'), appFile);
    edit(1);
    places = placesOf(app.folder, { env: {}, uid: process.getuid?.() ?? 0 });
  });
  afterEach(async () => {
    terminal?.kill('SIGKILL');
    await app.remove();
  });

  const edit = (version: number): void => writeFileSync(join(app.folder, 'web/main.js'), program.replace('VERSION', String(version)));
  const status = async (): Promise<Status> => app.json<Status>(['status', 'local']);
  const hello = async (): Promise<Hello> => {
    const client = await connect(places.supervisorSocket);
    return client.request('hello', {}).finally(() => client.close());
  };
  const pids = ({ services, resources }: Status): unknown => ({
    replicas: services.flatMap(({ replicas }) => replicas.map(({ pid, restarts }) => [pid, restarts])),
    resources: resources.map(({ pid }) => pid),
  });

  it('takes it over with the pids of replicas and database, and no request fails', async () => {
    terminal = app.start(['up'], { build: join(builds, 'a') });
    await until('the app runs', async () => (await status()).state === 'running', 60_000);
    const before = await status();
    const old = await hello();
    const traffic = load(before.url);
    const { code, stdout, stderr } = await app.run(['up'], { build: join(builds, 'b') });
    expect(`${stderr}${code}`).toBe('0');
    const young = await hello();
    expect(young.build).not.toBe(old.build);
    expect(stdout).toContain(`took over the running app from ${old.version} (${old.build.slice(0, 7)})`);
    expect(stdout).toContain('Nothing changed');
    const after = await status();
    expect(pids(after)).toEqual(pids(before));
    expect(terminal.exitCode).toBeNull();
    const again = await app.run(['up'], { build: join(builds, 'b') });
    expect(again.stdout).not.toContain('took over');
    expect((await hello()).pid).toBe(young.pid);
    edit(2);
    expect((await app.run(['up'], { build: join(builds, 'a') })).code).toBe(0);
    expect(await (await fetch(before.url)).text()).toBe('version 2');
    const { answered, failed } = await traffic.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  }, 120_000);
});

/** Requests on four lines until told to stop. */
function load(url: string): { stop(): Promise<{ answered: number; failed: string[] }> } {
  const failed: string[] = [];
  let answered = 0;
  let isOn = true;
  const line = async (): Promise<void> => {
    while (isOn) {
      await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
        async (response) => {
          const text = await response.text();
          if (response.status === 200 && text.startsWith('version')) answered += 1;
          else failed.push(`${response.status} ${text}`);
        },
        (error: unknown) => failed.push(String((error as Error).cause ?? error)),
      );
    }
  };
  const lines = Array.from({ length: 4 }, line);
  return {
    stop: async () => {
      isOn = false;
      await Promise.all(lines);
      return { answered, failed };
    },
  };
}
