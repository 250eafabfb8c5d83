import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

describe('a set', () => {
  it('becomes ready and is reached through the public port', async () => {
    const client = await world.start();
    const status = await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    expect(status).toMatchObject({ app: 'demo', release: released, state: 'running', services: [{ name: 'web', desired: 2, ready: 2 }] });
    const ids = status.services[0]?.replicas.map(({ id }) => id);
    expect(ids).toEqual(['web-aaaa-1', 'web-aaaa-2']);
    expect(await (await fetch(`${world.url}/x`)).text()).toMatch(/^aaaa00000000 web-aaaa-[12]$/);
  });

  it('gives a program exactly its environment', async () => {
    world.write('test-secrets.json', { 'KEY@3': 'old $value', KEY: 'newest' });
    const client = await world.start();
    const env = {
      LITERAL: '${db.url} $HOME',
      KEY: { $secret: 'KEY' },
      OWN: { $output: ['replica', 'port'] as const },
      MIXED: ['a ', { $output: ['services', 'web.url'] as const }],
    };
    await up(
      client,
      set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { env, replicas: 1 })], { secrets: { KEY: 3 } }),
    );
    const seen = (await (await fetch(`${world.url}/env`)).json()) as Record<string, string>;
    const [replica] = await replicasOf(client);
    expect(Object.keys(seen).toSorted()).toEqual([
      'GANTRY_RELEASE',
      'GANTRY_REPLICA',
      'HOME',
      'HOST',
      'KEY',
      'LANG',
      'LITERAL',
      'MIXED',
      'OWN',
      'PATH',
      'PORT',
    ]);
    expect(seen).toMatchObject({
      LITERAL: '${db.url} $HOME',
      KEY: 'old $value',
      HOST: '127.0.0.1',
      PORT: String(replica?.port),
      OWN: String(replica?.port),
      GANTRY_REPLICA: 'web-aaaa-1',
    });
    const inside = seen['MIXED']?.slice(2) ?? '';
    expect(await (await fetch(`${inside}/x`)).text()).toContain('web-aaaa-1');
  });
});

describe('sudden death', () => {
  it('of a replica: it is started again', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const [first] = await replicasOf(client);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const again = await eventually(
      async () => (await replicasOf(client)).find(({ id, state, restarts }) => id === first?.id && state === 'ready' && restarts === 1),
      'a restart',
    );
    expect(again.pid).not.toBe(first?.pid);
    expect((await client.request('status', {})).state).toBe('running');
  });

  it('of the supervisor: replicas are adopted with their pids, and users notice nothing', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const before = await replicasOf(client);
    const { pid } = await client.request('hello', {});
    process.kill(pid, 'SIGKILL');
    await client.closed;
    expect((await fetch(`${world.url}/x`)).status).toBe(200);
    const next = await world.client();
    const after = await eventually(async () => {
      const seen = await replicasOf(next);
      return seen.length === 2 && seen.every(({ state }) => state === 'ready') ? seen : undefined;
    }, 'adoption');
    expect(after.map(({ id, pid: own, restarts }) => ({ id, own, restarts }))).toEqual(
      before.map(({ id, pid: own, restarts }) => ({ id, own, restarts })),
    );
    process.kill(after[0]?.pid ?? 0, 'SIGKILL');
    const restarted = await eventually(async () => (await replicasOf(next)).find(({ restarts }) => restarts === 1), 'a restart');
    expect(restarted.id).toBe(after[0]?.id);
    expect(world.log('supervisor')).toContain('exit code unknown');
  });

  it('of the ingress: another one serves within half a second', async () => {
    const client = await world.start();
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const pid = Number(/ingress: started \(pid (\d+)\)/.exec(world.log('supervisor'))?.[1]);
    process.kill(pid, 'SIGKILL');
    const since = performance.now();
    await eventually(
      async () => ((await fetch(`${world.url}/x`, { signal: AbortSignal.timeout(2000) })).status === 200 ? true : undefined),
      'an answer',
      5000,
    );
    expect(performance.now() - since).toBeLessThan(2000);
    expect(isRunning(pid)).toBe(false);
  });

  it('of everything: the next supervisor brings it all back at the same address', async () => {
    const client = await world.start();
    const resources = {
      resources: [{ name: 'db', type: 'postgres' as const, version: 17, user: 'demo', password: { $secret: 'db.password' } }],
    };
    world.write('test-secrets.json', { 'db.password': 'x' });
    await client.request('want', { desired: { resources } });
    const { outputs } = await client.request('awaitResources', {});
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const { services, resources: running } = await client.request('status', {});
    const ingress = Number(/ingress: started \(pid (\d+)\)/.exec(world.log('supervisor'))?.[1]);
    const pids = [
      ingress,
      (await client.request('hello', {})).pid,
      ...services.flatMap(({ replicas }) => replicas.map(({ pid }) => pid)),
      ...running.map(({ pid }) => pid ?? 0),
    ];
    killTogether(pids);
    await client.closed;
    const next = await world.start();
    await next.request('awaitSet', { set: 'live' });
    expect((await next.request('awaitResources', {})).outputs).toEqual(outputs);
    expect((await fetch(`${world.url}/x`)).status).toBe(200);
  });
});

describe('stopping', () => {
  it('ends everything, removes the sockets and keeps what should be', async () => {
    const client = await world.start();
    const status = await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
    const { pid } = await client.request('hello', {});
    const slow = fetch(`${world.url}/slow/500`).then(async (response) => response.text());
    await eventually(
      async () => ((await replicasOf(client)).some(({ inFlight }) => inFlight > 0) ? true : undefined),
      'a request in flight',
    );
    expect(await client.request('stop', {})).toEqual({ stopped: 2 });
    expect(await slow).toBe('slow');
    await eventually(() => (isRunning(pid) ? undefined : true), 'the end of the supervisor');
    for (const { pid: own } of status.services.flatMap(({ replicas }) => replicas)) expect(isRunning(own)).toBe(false);
    expect(() => readFileSync(world.places.supervisorSocket)).toThrow('ENOENT');
    expect(JSON.parse(readFileSync(world.places.desiredFile, 'utf8'))).toMatchObject({ value: { live: { release: released } } });
  });
});
