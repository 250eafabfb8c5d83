/** What a release sees of the next set while it judges, and counts that outlive releases and supervisors. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../../stack/process.ts';
import { readLogs } from '../logs.ts';
import type { ServiceStatus } from '../../platform.ts';
import type { Client } from '../client.ts';
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

async function nextServices(): Promise<readonly ServiceStatus[]> {
  return (await client.request('status', {})).next?.services ?? [];
}

function web(content: string, files: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return service('web', world.content(content, { 'main.cjs': files }), more);
}

/** Both sets, the next one ready. */
async function stand(next: ServiceSpec): Promise<void> {
  await up(client, set(released, [web('c1', webApp())]));
  await client.request('want', { desired: { next: set(following, [next]) } });
  await client.request('awaitSet', { set: 'next' });
}

describe('the next set in the status', () => {
  it('has its own services, with counts, failures and log lines, beside those of the live one', async () => {
    await up(client, set(released, [web('c1', webApp())]));
    expect((await client.request('status', {})).next).toBeNull();
    const bad = web('c2', "console.log('no luck'); process.exit(3)", { name: 'mail', replicas: 1 });
    await client.request('want', { desired: { next: set(following, [web('c1', webApp(), { replicas: 1 }), bad]) } });
    await expect(client.request('awaitSet', { set: 'next' })).rejects.toMatchObject({ code: 'GL1020' });
    const { services, next } = await client.request('status', {});
    expect(services).toMatchObject([{ name: 'web', desired: 2, ready: 2, degraded: false }]);
    expect(next).toMatchObject({
      release: following,
      services: [
        { name: 'web', desired: 1, ready: 1, degraded: false, replicas: [{ set: 'next', restarts: 0 }] },
        { name: 'mail', desired: 1, ready: 0, degraded: true, replicas: [{ id: 'mail-bbbb-1', restarts: 5, detail: 'exit 3' }] },
      ],
    });
    const lines: string[] = [];
    const selector = { service: 'mail', release: following, follow: false, tail: 2 };
    for await (const { text } of readLogs(world.places, selector, new AbortController().signal)) lines.push(text);
    expect(lines).toEqual(['no luck', 'no luck']);
  });
});

describe('a next set that misbehaves', () => {
  it('is stopped by a signal while it starts: the replica is replaced', async () => {
    await up(client, set(released, [web('c1', webApp())]));
    const slow = web('c2', `setTimeout(() => { ${webApp()} }, 700);`, { replicas: 1 });
    await client.request('want', { desired: { next: set(following, [slow]) } });
    const ready = client.request('awaitSet', { set: 'next' });
    const [first] = await eventually(async () => {
      const replicas = (await nextServices())[0]?.replicas ?? [];
      return (replicas[0]?.pid ?? 0) > 0 ? replicas : undefined;
    }, 'the process');
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    expect(await ready).toEqual({ ready: 1 });
    expect(await nextServices()).toMatchObject([{ ready: 1, replicas: [{ restarts: 1 }] }]);
  });

  it('is stopped by a signal when users are on it: nobody is refused, and the replica is replaced', async () => {
    await stand(web('c1', webApp()));
    await client.request('shift', { share: 100 });
    const traffic = load(`${world.url}/x`, 4);
    const [first] = (await nextServices())[0]?.replicas ?? [];
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    await eventually(async () => {
      const own = (await nextServices())[0]?.replicas.find(({ id }) => id === first?.id);
      return own?.restarts === 1 && own.state === 'ready' ? true : undefined;
    }, 'a replacement');
    expect((await traffic.stop()).failed).toEqual([]);
  });

  it('flaps: it stays in rotation, and nothing is restarted', async () => {
    const flapping =
      "let checks = 0; const flap = (req, res) => { if (req.url === '/flap') { res.statusCode = checks++ % 2 ? 500 : 200; res.end(); } };";
    const health = { path: '/flap', intervalMs: 50, timeoutMs: 500, startupMs: 10_000, rise: 1, fall: 2 };
    const handler = "flap(req, res); if (req.url !== '/flap') res.end(process.env.GANTRY_RELEASE)";
    await stand(web('c2', webApp(flapping, handler), { health }));
    await client.request('shift', { share: 100 });
    const traffic = load(`${world.url}/x`, 2);
    const seen = new Set<string>();
    for (const deadline = performance.now() + 1500; performance.now() < deadline;)
      for (const { state, restarts } of (await nextServices())[0]?.replicas ?? []) seen.add(`${state} ${restarts}`);
    expect([...seen]).toEqual(['ready 0']);
    expect((await traffic.stop()).failed).toEqual([]);
  });

  it('turns bad as a whole: it goes on serving, the status says so, and the way back is one step', async () => {
    const flag = join(world.folder, 'bad');
    const bad = `const isBad = () => require('node:fs').existsSync(${JSON.stringify(flag)});`;
    const handler = "if (req.url === '/state') { res.statusCode = isBad() ? 503 : 200; } res.end(process.env.GANTRY_RELEASE)";
    const health = { path: '/state', intervalMs: 50, timeoutMs: 500, startupMs: 10_000, rise: 1, fall: 2 };
    await stand(web('c2', webApp(bad, handler), { health }));
    await client.request('shift', { share: 100 });
    const traffic = load(`${world.url}/x`, 2);
    writeFileSync(flag, '');
    const [unready] = await eventually(async () => {
      const services = await nextServices();
      return services[0]?.ready === 0 ? services : undefined;
    }, 'a set without a ready replica');
    expect(unready?.replicas).toMatchObject(
      Array.from({ length: 2 }, () => ({ state: 'unready', detail: '/state answered 503', restarts: 0 })),
    );
    expect(await (await fetch(`${world.url}/x`)).text()).toBe(following);
    await client.request('shift', { share: 0 });
    expect(await (await fetch(`${world.url}/x`)).text()).toContain(released);
    expect((await traffic.stop()).failed).toEqual([]);
    rmSync(flag);
  });
});

describe('a number of replicas', () => {
  const count = async (from: Client): Promise<unknown> => {
    const [{ desired, pinned, ready } = { desired: 0, pinned: false, ready: 0 }] = (await from.request('status', {})).services;
    return { desired, pinned, ready };
  };
  const four = { desired: 4, pinned: true, ready: 4 };

  async function release(id: string, one: ServiceSpec): Promise<void> {
    await client.request('want', { desired: { next: set(id, [one]) } });
    await client.request('awaitSet', { set: 'next' });
    await client.request('shift', { share: 100 });
    await client.request('want', { desired: { live: set(id, [one]), next: null, share: 0 } });
    await client.request('awaitRetired', {});
  }

  it('that a person asked for outlives a release, a way back and a supervisor, and ends with auto', async () => {
    const app = web('c1', webApp(), { replicas: 1 });
    await up(client, set(released, [app]));
    await client.request('scale', { service: 'web', count: 4 });
    expect(await count(client)).toEqual(four);
    await release(following, { ...app, replicas: 2 });
    expect(await count(client)).toEqual(four);
    await release(released, app);
    expect(await count(client)).toEqual(four);
    process.kill((await client.request('hello', {})).pid, 'SIGKILL');
    await client.closed;
    client = await eventually(async () => {
      const found = await world.client();
      return found.request('awaitSet', { set: 'live' }).then(() => found);
    }, 'another supervisor');
    expect(await count(client)).toEqual(four);
    expect(await replicasOf(client, 'web')).toHaveLength(4);
    await release(following, { ...app, scale: { min: 1, max: 3 } });
    expect(await count(client)).toEqual({ desired: 3, pinned: true, ready: 3 });
    await release(released, app);
    expect(await count(client)).toEqual(four);
    expect(await client.request('scale', { service: 'web', count: 'auto' })).toEqual({ count: 1 });
    expect(await count(client)).toEqual({ desired: 1, pinned: false, ready: 1 });
  });

  it('that cannot be reached is taken back', async () => {
    const app = web('c1', webApp("if (process.env.GANTRY_REPLICA.endsWith('-3')) process.exit(1);"), { replicas: 1 });
    await up(client, set(released, [app]));
    await expect(client.request('scale', { service: 'web', count: 3 })).rejects.toMatchObject({ code: 'GL1020' });
    expect(await count(client)).toMatchObject({ desired: 1, pinned: false });
  });
});
