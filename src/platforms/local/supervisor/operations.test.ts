import { readlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StepEvent } from '../protocol.ts';
import { connect, type Client } from '../client.ts';
import { supervisorExit } from './options.ts';
import { bundle, eventually, load, replicasOf, service, set, up, webApp, World, type Bundles } from './testing/kit.ts';

let bundles: Bundles;
let world: World;
let client: Client;

beforeAll(async () => {
  bundles = await bundle();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  world = new World(bundles);
  client = await world.start();
});
afterEach(async () => world.stop());

const released = 'aaaa00000000';
const following = 'bbbb00000000';

describe('under load', () => {
  it('scale, restart and a release fail no request', async () => {
    const app = service('web', world.content('c1', { 'main.cjs': webApp() }));
    await up(client, set(released, [app]));
    const before = (await replicasOf(client)).map(({ pid }) => pid);
    const traffic = load(`${world.url}/x`);
    expect(await client.request('scale', { service: 'web', count: 4 })).toEqual({ count: 4 });
    expect((await replicasOf(client)).filter(({ state }) => state === 'ready')).toHaveLength(4);
    expect(await client.request('scale', { service: 'web', count: 1 })).toEqual({ count: 1 });
    expect(await client.request('restart', {})).toEqual({ restarted: 1 });
    const [only] = await replicasOf(client);
    expect(before).not.toContain(only?.pid);
    await client.request('want', { desired: { next: set(following, [{ ...app, replicas: 3 }]) } });
    expect(await client.request('awaitSet', { set: 'next' })).toEqual({ ready: 1 });
    const { url, headers } = await client.request('entry', { set: 'next' });
    expect(await (await fetch(`${url}/x`, { headers })).text()).toContain(following);
    expect(await (await fetch(`${url}/x`)).text()).toContain(released);
    await client.request('shift', { share: 100 });
    expect(await (await fetch(`${url}/x`)).text()).toContain(following);
    await client.request('want', { desired: { live: set(following, [{ ...app, replicas: 3 }]), next: null, share: 0 } });
    expect((await client.request('awaitRetired', {})).stopped).toBe(1);
    expect(await client.request('scale', { service: 'web', count: 'auto' })).toEqual({ count: 1 });
    const { answered, failed } = await traffic.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  it('waits for what is in flight before a replica is told to end', async () => {
    const app = service('web', world.content('c1', { 'main.cjs': webApp() }), { replicas: 1 });
    await up(client, set(released, [app]));
    const slow = fetch(`${world.url}/slow/800`).then(async (response) => response.text());
    await eventually(async () => ((await replicasOf(client))[0]?.inFlight === 1 ? true : undefined), 'a request in flight');
    await client.request('restart', { service: 'web' });
    expect(await slow).toBe('slow');
  });
});

describe('kinds of services', () => {
  it('runs a worker without a port, and keeps the public socket from it', async () => {
    const worker = service(
      'mail',
      world.content('c1', { 'main.cjs': 'setInterval(() => console.log(Object.keys(process.env).length), 50)' }),
      { kind: 'worker' },
    );
    const { port: _port, route: _route, health: _health, ...rest } = worker;
    const status = await up(client, set(released, [{ ...rest, replicas: 1 }]));
    expect(status.services[0]).toMatchObject({ kind: 'worker', ready: 1 });
    const { pid } = await client.request('hello', {});
    expect(readlinkSync(`/proc/${pid}/fd/3`)).toMatch(/^socket:/);
    expect(readlinkSync(`/proc/${status.services[0]?.replicas[0]?.pid}/fd/3`)).not.toBe(readlinkSync(`/proc/${pid}/fd/3`));
  });

  it('gives a program with a fixed port its number, one process at a time, and holds requests meanwhile', async () => {
    const port = Number(new URL(world.url).port) > 40_000 ? 39_517 : 41_517;
    const fixed = service('old', world.content('c1', { 'main.cjs': webApp() }), {
      run: ['sh', '-c', `exec ${process.execPath} main.cjs`],
      port,
      fixedPort: true,
      replicas: 1,
      scale: { min: 1, max: 1 },
    });
    const status = await up(client, set(released, [fixed]));
    expect(status.services[0]?.replicas).toMatchObject([{ port, state: 'ready' }]);
    await expect(client.request('scale', { service: 'old', count: 2 })).rejects.toMatchObject({ code: 'GL1027' });
    const traffic = load(`${world.url}/x`, 2);
    await client.request('want', { desired: { next: set(following, [fixed]) } });
    await client.request('awaitSet', { set: 'next' });
    await client.request('want', { desired: { live: set(following, [fixed]), next: null, share: 0 } });
    await client.request('awaitRetired', {});
    expect((await traffic.stop()).failed).toEqual([]);
    expect(await replicasOf(client)).toMatchObject([{ id: 'old-bbbb-1', port, state: 'ready' }]);
  });

  it('runs a job in the content with the environment, and says how it ended', async () => {
    world.write('test-secrets.json', { 'KEY@2': 'two' });
    const content = world.content('c1', {
      'job.cjs': "console.log(process.env.KEY, require('node:path').basename(process.cwd())); console.error('bad'); process.exit(4)",
    });
    const jobs = {
      release: released,
      secrets: { KEY: 2 },
      jobs: [{ name: 'web', content, run: [process.execPath, 'job.cjs'], env: { KEY: { $secret: 'KEY' } } }],
    };
    const lines: string[] = [];
    const result = await client.request('run', { jobs, name: 'web' }, { onEvent: ({ line }) => lines.push(line) });
    expect(result).toMatchObject({ name: 'web', exitCode: 4 });
    expect(result.lines.toSorted()).toEqual(['bad', 'two c1']);
    expect(lines.toSorted()).toEqual(['bad', 'two c1']);
    expect(world.log(`job-web-${released}`)).toContain('two c1');
    await expect(client.request('run', { jobs, name: 'api' })).rejects.toMatchObject({ code: 'GL1031' });
  });

  it('gives the environment of a service for a command beside it', async () => {
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { env: { A: 'b' }, replicas: 1 })]));
    const { cwd, env } = await client.request('environment', { service: 'web' });
    expect(cwd).toBe(`${world.places.contentDir}/c1`);
    expect(env).toMatchObject({ A: 'b', GANTRY_RELEASE: released, GANTRY_REPLICA: 'web-aaaa-exec' });
    await expect(client.request('environment', { service: 'nope' })).rejects.toMatchObject({
      code: 'GL1026',
      fix: 'The services are: web.',
    });
  });
});

describe('resources', () => {
  const db = (version: number) => ({
    resources: [{ name: 'db', type: 'postgres' as const, version, user: 'demo', password: { $secret: 'db.password' } }],
  });

  it('come before replicas, are restarted at the same port, and their secrets are not told', async () => {
    world.write('test-secrets.json', { 'db.password': 'hidden' });
    const env = { DB: [{ $output: ['resources', 'db.host'] as const }, ':', { $output: ['resources', 'db.port'] as const }] };
    await client.request('want', {
      desired: {
        resources: db(17),
        live: set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { env, replicas: 1 })]),
      },
    });
    const { outputs } = await client.request('awaitResources', {});
    expect(Object.keys(outputs).toSorted()).toEqual(['db.host', 'db.port', 'db.user']);
    await client.request('awaitSet', { set: 'live' });
    expect(((await (await fetch(`${world.url}/env`)).json()) as Record<string, string>)['DB']).toBe(`127.0.0.1:${outputs['db.port']}`);
    const { resources } = await client.request('status', {});
    process.kill(resources[0]?.pid ?? 0, 'SIGKILL');
    const again = await eventually(
      async () => (await client.request('status', {})).resources.find(({ pid, state }) => state === 'ready' && pid !== resources[0]?.pid),
      'a restart',
    );
    expect(again.port).toBe(outputs['db.port']);
  });

  it('that cannot start fail the wait with what their driver says', async () => {
    world.write('test-secrets.json', { 'db.password': 'hidden' });
    await client.request('want', { desired: { resources: db(0) } });
    await expect(client.request('awaitResources', {})).rejects.toMatchObject({ code: 'GL1028', message: 'there is no version 0' });
    await client.request('want', { desired: { resources: { resources: [] } } });
    expect(await client.request('awaitResources', {})).toEqual({ outputs: {} });
  });
});

describe('one operation at a time', () => {
  const request = { request: {}, path: '', who: 'ana@build-7', operation: 'up' as const };

  it('tells the second who is at work, goes on when its client leaves, and is replayed to one that follows', async () => {
    const starter = await connect(world.places.supervisorSocket);
    const first = starter.request('operate', request);
    first.catch(() => undefined);
    await eventually(async () => ((await client.request('status', {})).operation?.step === 'smoke' ? true : undefined), 'the step');
    const refused = await client.request('operate', request).catch((error: unknown) => error as Error);
    expect(refused).toMatchObject({ code: 'GR1001' });
    expect((refused as Error).message).toMatch(
      /^this environment is being changed by ana@build-7 \(up, since \d\d:\d\d:\d\d, step smoke\)$/,
    );
    starter.close();
    const events: StepEvent[] = [];
    const followed = client.request('attach', {}, { onEvent: (event) => events.push(event) });
    await eventually(() => (events.length === 2 ? true : undefined), 'the replay');
    world.write('deploy-may-end', { now: true });
    expect(await followed).toMatchObject({ release: 'aaaa00000000', changed: true });
    expect(events.map(({ step }) => step)).toEqual(['build', 'smoke']);
    expect(await client.request('attach', {})).toBeNull();
  });

  it('is aborted when the app is stopped', async () => {
    const running = client.request('operate', request).catch((error: unknown) => error);
    await eventually(async () => ((await client.request('status', {})).operation === null ? undefined : true), 'the operation');
    const other = await connect(world.places.supervisorSocket);
    await other.request('stop', {});
    expect(await running).toMatchObject({ code: 'GL1019' });
    other.close();
  });
});

describe('one supervisor', () => {
  it('a second one for the same folder ends with a code of its own', async () => {
    const second = await world.spawnBeside();
    expect(await second.exit).toEqual({ code: supervisorExit.another, signal: null });
    expect((await client.request('hello', {})).app).toBe('demo');
  });

  it('limits of the file bind `scale`', async () => {
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    await expect(client.request('scale', { service: 'web', count: 6 })).rejects.toMatchObject({
      code: 'GL1027',
      message: 'web may have 1 to 5 replicas, not 6',
    });
    await expect(client.request('scale', { service: 'web', count: 0 })).rejects.toMatchObject({ code: 'GL1027' });
  });

  it('streams what happens, and measures what replicas use', async () => {
    const seen: string[] = [];
    const abort = new AbortController();
    const events = client
      .request('events', { recent: 100 }, { onEvent: ({ message }) => seen.push(message), signal: abort.signal })
      .catch((error: unknown) => error);
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { replicas: 1 })]));
    await eventually(() => (seen.includes('ready') ? true : undefined), 'the event');
    abort.abort(new Error('enough'));
    expect(await events).toMatchObject({ message: 'enough' });
    const { text } = await client.request('metrics', {});
    const labels = `{replica="web-aaaa-1",service="web",release="${released}",set="live"}`;
    expect(text).toMatch(new RegExp(`^gantry_replica_memory_bytes${labels.replaceAll(/[{}]/g, '\\$&')} [1-9]\\d+$`, 'm'));
    expect(text).toContain(`gantry_replica_ready${labels} 1`);
  });
});
