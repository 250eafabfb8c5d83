import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { background } from '../../../exec/exec.ts';
import { logFile } from '../log-files.ts';
import { findMarked } from './processes.ts';
import { bundle, eventually, isRunning, killTogether, replicasOf, service, set, up, webApp, World, type Bundles } from './testing/kit.ts';

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await bundle();
});
afterAll(() => bundles.remove());
beforeEach(() => {
  world = new World(bundles);
});
afterEach(async () => world.stop());

const released = 'aaaa00000000';
const following = 'bbbb00000000';

describe('a program that cannot work', () => {
  it('ends at once: the set fails with its exit code and last lines', async () => {
    const client = await world.start();
    const content = world.content('c1', { 'main.cjs': "console.log('begin'); console.error('no DATABASE_URL'); process.exit(3)" });
    await client.request('want', { desired: { live: set(released, [service('web', content)]) } });
    const error = await client.request('awaitSet', { set: 'live' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'GL1020', where: 'services.web' });
    expect((error as Error).message).toMatch(/^web-aaaa-[12] ended 5 times within 60 s \(exit 3\)$/);
    expect((error as { lines: string[] }).lines.slice(-2)).toEqual(['begin', 'no DATABASE_URL']);
    expect((await client.request('status', {})).state).toBe('degraded');
  });

  it('is missing: the set fails at once', async () => {
    const client = await world.start();
    await client.request('want', {
      desired: { live: set(released, [service('web', world.content('c1', {}), { run: ['no-such-program'] })]) },
    });
    await expect(client.request('awaitSet', { set: 'live' })).rejects.toMatchObject({ code: 'GX1001' });
    await client.request('want', { desired: { live: set(following, [service('web', 'nowhere')]) } });
    await expect(client.request('awaitSet', { set: 'live' })).rejects.toMatchObject({ code: 'GL1024' });
    await client.request('want', { desired: { live: set('cccc00000000', [service('web', 'c1', { env: { KEY: { $secret: 'NOPE' } } })]) } });
    await expect(client.request('awaitSet', { set: 'live' })).rejects.toMatchObject({
      code: 'GL1025',
      message: expect.stringContaining('the secret NOPE has no value') as string,
    });
  });

  it('never answers its health check: the set fails when the startup time is over', async () => {
    const client = await world.start();
    const health = { path: '/health', intervalMs: 100, timeoutMs: 200, startupMs: 1200, rise: 1, fall: 2 };
    const content = world.content('c1', {
      'main.cjs': "require('node:http').createServer((q, s) => { s.statusCode = 404; s.end() }).listen(process.env.PORT, '127.0.0.1')",
    });
    await client.request('want', { desired: { live: set(released, [service('web', content, { health, replicas: 1 })]) } });
    await expect(client.request('awaitSet', { set: 'live' })).rejects.toMatchObject({
      code: 'GL1021',
      message: 'web-aaaa-1 is not ready within 1.2 s: /health answered 404',
    });
  });

  it('listens elsewhere: the message names the port and the fix', async () => {
    const client = await world.start();
    const content = world.content('c1', {
      'main.cjs':
        "const s = require('node:http').createServer((q, r) => r.end('UP')).listen(0, '127.0.0.1', () => console.log(s.address().port))",
    });
    const health = { path: '/health', intervalMs: 100, timeoutMs: 200, startupMs: 3000, rise: 1, fall: 2 };
    await client.request('want', { desired: { live: set(released, [service('web', content, { health, replicas: 1 })]) } });
    const error = await client.request('awaitSet', { set: 'live' }).catch((reason: unknown) => reason as Error & { fix: string });
    const port = world.log('web-aaaa-1').split('\n')[0] ?? '';
    expect(error).toMatchObject({ code: 'GL1022', where: 'services.web.port' });
    expect((error as Error).message).toMatch(new RegExp(`^web-aaaa-1: it listens on port ${port} instead of \\d+, which PORT says$`));
    expect((error as { fix: string }).fix).toContain(`port: { number: ${port}, fixed: true }`);
  });

  it('leaves the live set alone when it is the next one', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const before = await replicasOf(client);
    await client.request('want', {
      desired: { next: set(following, [service('web', world.content('c2', { 'main.cjs': 'process.exit(1)' }))]) },
    });
    await expect(client.request('awaitSet', { set: 'next' })).rejects.toMatchObject({ code: 'GL1020' });
    await client.request('want', { desired: { next: null } });
    await client.request('awaitRetired', {});
    expect((await replicasOf(client)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    expect(await (await fetch(`${world.url}/x`)).text()).toContain(released);
  });
});

describe('a program that misbehaves', () => {
  it('ignores SIGTERM: it is killed after the grace', async () => {
    const client = await world.start();
    const content = world.content('c1', { 'main.cjs': webApp("process.on('SIGTERM', () => {});") });
    const { services } = await up(client, set(released, [service('web', content, { replicas: 1 })], { graceMs: 300 }));
    const pid = services[0]?.replicas[0]?.pid ?? 0;
    expect(services[0]?.replicas[0]?.readyMs).toBeGreaterThan(0);
    expect(services[0]).not.toHaveProperty('ignoredStop');
    await client.request('scale', { service: 'web', count: 2 });
    await client.request('scale', { service: 'web', count: 1 });
    const ignored = async (): Promise<true | undefined> => (await client.request('status', {})).services[0]?.ignoredStop || undefined;
    await eventually(ignored, 'the second one was killed');
    await client.request('want', { desired: { live: null } });
    await client.request('awaitRetired', {});
    expect(isRunning(pid)).toBe(false);
    expect(world.log('supervisor')).toContain('did not end in time and is killed');
  });

  it('leaves its group: what it started is found by its mark and ended', async () => {
    const client = await world.start();
    const daemon =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', cwd: '/' }).unref();";
    const { services } = await up(
      client,
      set(released, [service('web', world.content('c1', { 'main.cjs': webApp(daemon) }), { replicas: 1 })]),
    );
    const port = String(services[0]?.replicas[0]?.port);
    const mark = { GANTRY_REPLICA: 'web-aaaa-1', GANTRY_RELEASE: released, PORT: port };
    expect(await findMarked([mark])).toHaveLength(2);
    await client.request('want', { desired: { live: null } });
    await client.request('awaitRetired', {});
    expect(await findMarked([mark])).toHaveLength(0);
  });

  it('is started by a wrapper that dies: what the wrapper started is ended before the next start', async () => {
    const client = await world.start();
    const run = ['sh', '-c', `${process.execPath} main.cjs; true`];
    const { services } = await up(
      client,
      set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { run, replicas: 1 })]),
    );
    const [first] = services[0]?.replicas ?? [];
    const mark = { GANTRY_REPLICA: 'web-aaaa-1', GANTRY_RELEASE: released, PORT: String(first?.port) };
    expect(await findMarked([mark])).toHaveLength(2);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await eventually(
      async () => (await replicasOf(client)).find(({ restarts, state }) => restarts === 1 && state === 'ready'),
      'a restart',
    );
    expect(await findMarked([mark])).toHaveLength(0);
  });

  it('is stopped by a signal: it is taken out and replaced', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const [first] = await replicasOf(client);
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    await eventually(
      async () => (await replicasOf(client)).find(({ id, restarts, state }) => id === first?.id && restarts === 1 && state === 'ready'),
      'a replacement',
    );
    expect(isRunning(first?.pid ?? 0)).toBe(false);
  });

  it('floods its output: logs stay small and nothing is blocked', async () => {
    const client = await world.start();
    const flood =
      "const line = 'x'.repeat(65535) + '\\n'; const write = () => { for (let i = 0; i < 40; i++) require('node:fs').writeSync(1, line); setImmediate(write) }; write();";
    await up(
      client,
      set(released, [
        service('web', world.content('c1', { 'main.cjs': webApp(flood) }), {
          replicas: 1,
          health: { path: '/health', intervalMs: 200, timeoutMs: 5000, startupMs: 20_000, rise: 1, fall: 3 },
        }),
      ]),
    );
    const sizeOf = (part: number): number =>
      statSync(logFile(world.places.logDir, 'web-aaaa-1', part), { throwIfNoEntry: false })?.size ?? 0;
    await eventually(() => (sizeOf(2) > 0 ? true : undefined), 'two rotations');
    expect(sizeOf(1)).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(sizeOf(2)).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect((await client.request('metrics', {})).text).toMatch(/^gantry_log_bytes_lost \d+$/m);
    expect(await replicasOf(client)).toMatchObject([{ restarts: 0, state: 'ready' }]);
  });

  it('pid of a dead replica that belongs to another program is never signalled', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { replicas: 1 })]));
    const [replica] = await replicasOf(client);
    const { pid: supervisor } = await client.request('hello', {});
    const ingress = Number(/ingress: started \(pid (\d+)\)/.exec(world.log('supervisor'))?.[1]);
    killTogether([ingress, supervisor, replica?.pid ?? 0]);
    await client.closed;
    const foreign = await background({
      argv: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const envelope = JSON.parse(readFileSync(world.places.runtimeFile, 'utf8')) as { value: { replicas: { identity: { pid: number } }[] } };
    const [record] = envelope.value.replicas;
    if (record !== undefined) record.identity.pid = foreign.pid;
    writeFileSync(
      world.places.runtimeFile,
      JSON.stringify({ ...envelope, crc: crc32(JSON.stringify(envelope.value)).toString(16).padStart(8, '0') }),
    );
    const next = await world.start();
    await next.request('awaitSet', { set: 'live' });
    expect((await replicasOf(next)).map(({ pid }) => pid)).not.toContain(foreign.pid);
    await next.request('stop', {});
    expect(isRunning(foreign.pid)).toBe(true);
    process.kill(foreign.pid, 'SIGKILL');
    await foreign.exit;
  });
});

describe('a damaged state file', () => {
  it('is never read as "nothing should run": the snapshot before it is used, and without one everybody is told', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { replicas: 1 })]));
    await client.request('shift', { share: 1 });
    await client.request('stop', {});
    writeFileSync(world.places.desiredFile, '{"format":1,"crc":"0');
    const second = await world.start();
    await second.request('awaitSet', { set: 'live' });
    expect(world.log('supervisor')).toContain('the desired state was damaged; the one before it is used');
    await second.request('stop', {});
    for (const suffix of ['', '.previous']) writeFileSync(`${world.places.desiredFile}${suffix}`, 'garbage');
    const third = await world.start();
    await expect(third.request('status', {})).rejects.toMatchObject({ code: 'GL1017' });
    await third.request('stop', {});
  });
});
