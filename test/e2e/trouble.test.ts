import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/platforms/platform.ts';
import { emptyFolder, isBuilt, type AppFolder, type Result } from '../rig/gantry.ts';
import { killTogether } from '../rig/kill.ts';
import { until } from '../rig/until.ts';

const good = "require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);\n";
const file = (web: string): string => `gantry: 1
app: trouble
services:
  web:
${web}    port: 8080
    route: /
    health: { path: /healthz, startup: 6s }
`;
const plain = file('    build: ./web\n    run: node main.js\n');

interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly fixed: Readonly<Record<string, string>>;
}

/** Each is wrong in one way; `fixed` is what a person does who has read only the message. */
const cases: readonly Case[] = [
  { name: 'folder missing', files: { 'gantry.yaml': plain.replace('./web', './wbe') }, fixed: { 'gantry.yaml': plain } },
  { name: 'folder is a file', files: { 'gantry.yaml': plain.replace('./web', './web/main.js') }, fixed: { 'gantry.yaml': plain } },
  {
    name: 'shell words in run',
    files: { 'gantry.yaml': plain.replace('node main.js', 'node --version && node main.js') },
    fixed: { 'gantry.yaml': plain.replace('    run:', '    prepare: node --version\n    run:') },
  },
  {
    name: 'program not on PATH',
    files: { 'gantry.yaml': plain.replace('node main.js', 'nodee main.js') },
    fixed: { 'gantry.yaml': plain },
  },
  {
    name: 'program not in the folder',
    files: { 'gantry.yaml': plain.replace('node main.js', './serve main.js') },
    fixed: { 'gantry.yaml': plain },
  },
  {
    name: 'prepare fails',
    files: {
      'gantry.yaml': plain.replace('    run:', '    prepare: node build.js\n    run:'),
      'web/build.js': "console.log('bundling'); throw new Error('no entry point');\n",
    },
    fixed: { 'web/build.js': "console.log('bundled');\n" },
  },
  { name: 'crash at start', files: { 'web/main.js': "throw new Error('CONFIG is not set');\n" }, fixed: { 'web/main.js': good } },
  { name: 'listens elsewhere', files: { 'web/main.js': good.replace('process.env.PORT', '5998') }, fixed: { 'web/main.js': good } },
  { name: 'never listens', files: { 'web/main.js': 'setInterval(() => {}, 1000);\n' }, fixed: { 'web/main.js': good } },
  {
    name: 'health answers 404',
    files: { 'web/main.js': good.replace("response.end('ok')", 'response.writeHead(404).end()') },
    fixed: { 'web/main.js': good },
  },
  {
    name: 'smoke fails',
    files: { 'gantry.yaml': `${plain}smoke:\n  - { get: /, expect: { status: 200, contains: Welcome } }\n` },
    fixed: { 'web/main.js': good.replace("'ok'", "'Welcome'") },
  },
  {
    name: 'secret without a value',
    files: { 'gantry.yaml': plain.replace('    run:', '    secrets: [SESSION_KEY]\n    run:') },
    fixed: { 'gantry.yaml': plain },
  },
  {
    name: 'image on this target',
    files: { 'gantry.yaml': file(`    image: shop@sha256:${'a'.repeat(64)}\n`) },
    fixed: { 'gantry.yaml': plain },
  },
];

describe.skipIf(!isBuilt())('what goes wrong with up', () => {
  let app: AppFolder;
  let blocker: Server | undefined;

  beforeEach(() => {
    app = emptyFolder('trouble');
    write({ 'gantry.yaml': plain, 'web/main.js': good });
  });
  afterEach(async () => {
    blocker?.close();
    await app.remove();
  });

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(app.folder, path, '..'), { recursive: true });
      writeFileSync(join(app.folder, path), text);
    }
  }

  async function expectNothingRuns(): Promise<void> {
    const status = await app.json<Status>(['status', 'local']);
    expect(status.state).toBe('stopped');
  }

  it.each(cases)('says what, where and the fix, leaves nothing running, and the fix works: $name', async ({ name, files = {}, fixed }) => {
    write(files);
    const result = await app.run(['up', '--detach']);
    expect([1, 2]).toContain(result.code);
    await expect(shown(result, app)).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name.replaceAll(' ', '-')}.txt`));
    write(fixed);
    await expectNothingRuns();
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
  });

  it('names the program that holds the port, and starts on another one', async () => {
    const server = createServer();
    blocker = server;
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    );
    const refused = await app.run(['up', '--detach'], { env: { PORT: String(port) } });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`port ${port} is in use by pid ${process.pid}`) as string });
    await expectNothingRuns();
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
  });

  it('keeps the running release when the next one fails', async () => {
    const { release } = await app.json<{ release: string }>(['up', '--detach']);
    write({ 'web/main.js': "throw new Error('bad edition');\n" });
    const failed = await app.run(['up']);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`Now: release ${release} serves everything`) as string });
    expect(await app.json<Status>(['status', 'local'])).toMatchObject({ release, state: 'running' });
  });

  it('tells the second of two who holds the lock', async () => {
    write({
      'gantry.yaml': plain.replace('    run:', '    prepare: node slow.js\n    run:'),
      'web/slow.js': 'setTimeout(() => {}, 4000);\n',
    });
    const first = app.run(['up', '--detach']);
    await until('the first one builds', async () => (await app.json<Status>(['status', 'local'])).operation?.step === 'build');
    const second = await app.run(['up', '--detach']);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/up, since .*step build/) as string });
    expect(await first).toMatchObject({ code: 0 });
  });

  it.each(['build', 'healthy'])('stops cleanly on Ctrl-C during %s, and starts again afterwards', async (step) => {
    const slow = {
      'gantry.yaml': plain.replace('    run:', '    prepare: node slow.js\n    run:'),
      'web/slow.js': 'setTimeout(() => {}, 60000);\n',
    };
    write(step === 'build' ? slow : { 'web/main.js': 'setInterval(() => {}, 1000);\n' });
    const child = app.start(['up']);
    await until(`the step ${step}`, async () => (await app.json<Status>(['status', 'local'])).operation?.step === step);
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    await expectNothingRuns();
    write({ 'gantry.yaml': plain, 'web/main.js': good });
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
  });

  it('stops everything when the foreground gets Ctrl-C, and keeps the data', async () => {
    const child = app.start(['up']);
    await until('it runs', async () => (await app.json<Status>(['status', 'local'])).state === 'running');
    const pids = (await app.json<Status>(['status', 'local'])).services.flatMap(({ replicas }) => replicas.map(({ pid }) => pid));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    await expectNothingRuns();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('starts again after everything was killed at once', async () => {
    await app.json(['up', '--detach']);
    const { release } = await app.json<Status>(['status', 'local']);
    const { supervisor, ingress, replicas } = await pids(app);
    await killTogether([supervisor, ingress, ...replicas]);
    const again = await app.json<{ release: string; url: string }>(['up', '--detach']);
    expect(again.release).toBe(release);
    expect(await app.json<Status>(['status', 'local'])).toMatchObject({ state: 'running', release });
  });

  it('serves the old release after a power cut even when the folder is broken by now', async () => {
    const { release } = await app.json<{ release: string }>(['up', '--detach']);
    const { supervisor, ingress, replicas } = await pids(app);
    await killTogether([supervisor, ingress, ...replicas]);
    write({ 'web/main.js': "throw new Error('bad edition');\n" });
    expect(await app.run(['up', '--detach'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`release ${release} serves everything`) as string,
    });
    expect(await app.json<Status>(['status', 'local'])).toMatchObject({ state: 'running', release });
  });

  it('refuses a second app file location, an unknown environment and a missing folder with usage errors', async () => {
    expect(await app.run(['status', 'staging'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('environments here: local') as string,
    });
    expect(await app.run(['logs', 'web'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean: gantry logs local web') as string,
    });
    rmSync(join(app.folder, 'gantry.yaml'));
    expect(await app.run(['up'])).toMatchObject({ code: 2, stderr: expect.stringContaining('gantry init') as string });
    write({ 'gantry.yaml': plain });
  });
});

async function pids(
  app: AppFolder,
): Promise<{ readonly supervisor: number; readonly ingress: number; readonly replicas: readonly number[] }> {
  const { connect } = await import('../../src/platforms/local/client.ts');
  const { openChannel } = await import('../../src/platforms/local/channel.ts');
  const { placesOf } = await import('../../src/platforms/local/places.ts');
  const places = placesOf(app.folder);
  const client = await connect(places.supervisorSocket);
  const { pid } = await client.request('hello', {});
  client.close();
  const channel = await openChannel(places.ingressSocket, 1);
  const stats = (await channel.call({ op: 'stats' })) as { readonly pid: number };
  channel.close();
  const { services } = await app.json<Status>(['status', 'local']);
  return { supervisor: pid, ingress: stats.pid, replicas: services.flatMap(({ replicas }) => replicas.map((replica) => replica.pid)) };
}

/** What a person sees, without what differs from run to run. */
function shown({ stdout, stderr, code }: Result, app: AppFolder): string {
  const text = `${stdout}${stderr}exit code ${String(code)}\n`;
  return text
    .replaceAll(app.folder, '<app>')
    .replaceAll(/\S*\/content\/[0-9a-f]{32}/g, '<content>')
    .replaceAll(/\bweb-[0-9a-f]{4}-\d+/g, '<replica>')
    .replaceAll(/\b[0-9a-f]{8,12}\b/g, '<id>')
    .replaceAll(/instead of \d+/g, 'instead of <port>')
    .replaceAll(/listens on port \d{5}/g, 'listens on port <port>')
    .replaceAll(/\d+\.\d s/g, '<time>')
    .replaceAll(/(build|prepare|healthy|revert) +(<time>)? */g, '$1 ')
    .replaceAll(/node:internal\S+|Node\.js v\S+/g, '<node>');
}
