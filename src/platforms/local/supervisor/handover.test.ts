/** One supervisor makes way for another build of itself while users are served. */
import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Client } from '../client.ts';
import { bundle, eventually, isRunning, load, replicasOf, service, set, up, webApp, World, type Bundles } from './testing/kit.ts';

let bundles: Bundles;
let world: World;
let client: Client;

beforeAll(async () => {
  bundles = await bundle();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  world = new World(bundles);
  world.write('test-secrets.json', { 'db.password': 'x' });
  client = await world.start();
});
afterEach(async () => world.stop());

const released = 'aaaa00000000';
const db = { resources: [{ name: 'db', type: 'postgres' as const, version: 17, user: 'demo', password: { $secret: 'db.password' } }] };

async function serve(): Promise<void> {
  await client.request('want', { desired: { resources: db } });
  await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
}

/** Pids of everything that must outlive the supervisor. */
async function pids(from: Client): Promise<unknown> {
  const { resources } = await from.request('status', {});
  return { replicas: (await replicasOf(from)).map(({ id, pid, restarts }) => ({ id, pid, restarts })), db: resources[0]?.pid };
}

async function build(pid: number): Promise<string> {
  const next = await eventually(async () => {
    const found = await world.client();
    const hello = await found.request('hello', {});
    return hello.pid === pid ? hello : undefined;
  }, 'the successor');
  return next.build;
}

describe('an upgrade', () => {
  it('keeps replicas and resources, replaces supervisor and ingress, and nobody notices', async () => {
    await serve();
    const before = await pids(client);
    const { pid: old } = await client.request('hello', {});
    const [oldIngress = 0] = await world.ingresses();
    const traffic = load(`${world.url}/x`);
    const visitors = visitAgainAndAgain();
    const { pid } = await client.request('upgrade', world.successor('b1'));
    expect(await build(pid)).toBe('b1');
    await eventually(() => (isRunning(old) ? undefined : true), 'the end of the old supervisor');
    const next = await world.client();
    const [ingress = 0] = await eventually(async () => {
      const all = await world.ingresses();
      return all.length === 1 && all[0] !== oldIngress ? all : undefined;
    }, 'the new ingress');
    expect(await pids(next)).toEqual(before);
    expect(await visitors.stop()).toEqual([]);
    const { answered, failed } = await traffic.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    process.kill(pid, 'SIGKILL');
    await next.closed;
    const third = await eventually(async () => (await world.client()).request('hello', {}), 'another supervisor');
    expect(third.build).toBe('b1');
    expect(await world.ingresses()).toEqual([ingress]);
  });

  /** Short visits, as commands make them: the app is never said to be stopped. */
  function visitAgainAndAgain(): { stop(): Promise<unknown[]> } {
    const troubles: unknown[] = [];
    let isOn = true;
    const visits = (async () => {
      while (isOn) {
        await connect(world.places.supervisorSocket).then(
          (one) => one.close(),
          (error: unknown) => troubles.push(error),
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    return {
      stop: async () => {
        isOn = false;
        await visits;
        return troubles;
      },
    };
  }

  it('is not begun while an operation runs', async () => {
    await serve();
    const operation = client.request('operate', { request: {}, path: '', who: 'ana', operation: 'up' });
    await eventually(async () => ((await client.request('status', {})).operation === null ? undefined : true), 'the operation');
    await expect(client.request('upgrade', world.successor('b1'))).rejects.toMatchObject({ code: 'GR1001' });
    world.write('deploy-may-end', { now: true });
    await operation;
  });

  it('that cannot start changes nothing', async () => {
    await serve();
    const before = await pids(client);
    const { argv, env } = world.successor('b1');
    const wrong = { argv: [argv[0] ?? '', '-e', 'process.exit(3)'], env };
    await expect(client.request('upgrade', wrong)).rejects.toMatchObject({
      code: 'GL1034',
      message: 'the new supervisor ended with exit code 3',
    });
    expect(await pids(client)).toEqual(before);
    expect((await client.request('scale', { service: 'web', count: 1 })).count).toBe(1);
  });

  it('to a version that does not know the state is refused with the reason, before anything is touched', async () => {
    await serve();
    const { value } = JSON.parse(readFileSync(world.places.desiredFile, 'utf8')) as { value: unknown };
    const crc = crc32(JSON.stringify(value)).toString(16).padStart(8, '0');
    writeFileSync(world.places.desiredFile, JSON.stringify({ format: 2, crc, value }));
    const { pid } = await client.request('hello', {});
    await expect(client.request('upgrade', world.successor('b1'))).rejects.toMatchObject({ code: 'GL1032' });
    expect((await client.request('hello', {})).pid).toBe(pid);
    expect((await client.request('scale', { service: 'web', count: 1 })).count).toBe(1);
  });

  it('whose successor dies while it takes over ends with a supervisor of the old build', async () => {
    await serve();
    const before = await pids(client);
    const traffic = load(`${world.url}/x`);
    const { argv, env } = world.successor('b1');
    const dying = { argv, env: { ...env, TEST_DIES: 'yes' } };
    await expect(client.request('upgrade', dying)).rejects.toMatchObject({ code: 'GL1034' });
    await client.closed;
    const next = await world.client();
    expect((await next.request('hello', {})).build).toBe('b0');
    await next.request('awaitSet', { set: 'live' });
    expect(await pids(next)).toEqual(before);
    expect((await traffic.stop()).failed).toEqual([]);
    expect(await world.ingresses()).toHaveLength(1);
  });
});

describe('sudden death in the middle of an upgrade', () => {
  for (const moment of ['starting the successor', 'making way for']) {
    it(`of the old supervisor (${moment}): one supervisor and one ingress are left, and replicas are untouched`, async () => {
      await serve();
      const before = await pids(client);
      const { pid } = await client.request('hello', {});
      client.request('upgrade', world.successor('b1')).catch(() => undefined);
      await eventually(() => (world.log('supervisor').includes(moment) ? true : undefined), moment);
      process.kill(pid, 'SIGKILL');
      await client.closed;
      const next = await eventually(async () => {
        const found = await world.client();
        return found.request('awaitSet', { set: 'live' }).then(() => found);
      }, 'a supervisor');
      await eventually(async () => ((await world.ingresses()).length === 1 ? true : undefined), 'one ingress');
      expect(await pids(next)).toEqual(before);
      expect((await fetch(`${world.url}/x`)).status).toBe(200);
    });
  }
});
