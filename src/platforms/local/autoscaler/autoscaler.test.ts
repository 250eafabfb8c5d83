import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../client.ts';
import { readLogs } from '../logs.ts';
import { bundle, eventually, load, replicasOf, service, set, up, webApp, World, type Bundles } from '../supervisor/testing/kit.ts';

let bundles: Bundles;
let world: World;
let client: Client;

/** As in production, a hundred times as fast. */
const hasty = { intervalMs: 200, windowMs: 400, warmUpMs: 1000, outSamples: 2, pauseMs: 1000, inWindowMs: 3000 };

beforeAll(async () => {
  bundles = await bundle();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  world = new World(bundles);
  world.write('autoscaler.json', hasty);
  client = await world.start();
});
afterEach(async () => world.stop());

const released = 'aaaa00000000';
const burner = webApp('', "for (const end = Date.now() + (req.url === '/burn' ? 15 : 0); Date.now() < end;); res.end('done')");

async function count(): Promise<number> {
  const { services } = await client.request('status', {});
  return services[0]?.ready ?? 0;
}

async function scaled(wanted: (ready: number) => boolean): Promise<number> {
  return eventually(async () => [await count()].find(wanted), `another number of replicas\n${world.log('supervisor')}`, 25_000);
}

function limited(scale: { readonly min: number; readonly max: number; readonly cpu?: number; readonly concurrency?: number }) {
  return service('web', world.content('c1', { 'main.cjs': burner }), {
    scale,
    replicas: 1,
    limits: { cpu: 0.2, memory: 64 * 1024 * 1024 },
  });
}

describe('a service under load', () => {
  it('gets more replicas by its CPU, loses them when the load has gone, fails no request, and says why', async () => {
    await up(client, set(released, [limited({ min: 1, max: 3, cpu: 60 })]));
    const steady = load(`${world.url}/x`, 1, 20);
    const burning = load(`${world.url}/burn`, 4);
    expect(await scaled((ready) => ready > 1)).toBeLessThanOrEqual(3);
    const burned = await burning.stop();
    expect(await scaled((ready) => ready === 1)).toBe(1);
    const answered = await steady.stop();
    expect([...burned.failed, ...answered.failed]).toEqual([]);
    expect(answered.answered).toBeGreaterThan(100);
    const { scaling } = await client.request('status', {});
    expect(scaling.at(-1)?.reason).toMatch(/^cpu \d+ % of the limit, target 60 %/);
    expect(scaling[0]).toMatchObject({ service: 'web', to: 1, reason: expect.stringMatching(/needed in the last 3 s$/) as string });
    expect(scaling.length).toBeLessThanOrEqual(20);
    const log = readLogs(world.places, { service: 'web', follow: false }, new AbortController().signal);
    const said: string[] = [];
    for await (const line of log) if (line.source === 'autoscaler-web') said.push(line.text);
    expect(said[0]).toMatch(/^\S+Z 1 -> [23] replicas: cpu/);
    const { pid } = await client.request('hello', {});
    process.kill(pid, 'SIGKILL');
    await client.closed;
    client = await world.client();
    expect((await client.request('status', {})).scaling).toEqual(scaling);
  });

  it('gets more replicas by its requests in flight, up to what the machine has cores for', async () => {
    await up(client, set(released, [{ ...limited({ min: 1, max: 5, concurrency: 2 }), limits: { cpu: coresLeft() / 3.5, memory: 1 } }]));
    const waiting = load(`${world.url}/slow/300`, 10);
    const full = await eventually(
      async () => (await client.request('status', {})).scaling.find(({ reason }) => reason.startsWith('held: machine full')),
      `a full machine\n${world.log('supervisor')}`,
      25_000,
    );
    expect(full).toMatchObject({ from: 3, to: 3 });
    expect((await waiting.stop()).failed).toEqual([]);
  });

  it('keeps the number that a person asked for until `auto`, and goes on from there', async () => {
    await up(client, set(released, [limited({ min: 1, max: 4, cpu: 60 })]));
    await client.request('scale', { service: 'web', count: 3 });
    await new Promise((resolve) => setTimeout(resolve, 2 * hasty.inWindowMs));
    expect((await client.request('status', {})).services[0]).toMatchObject({ desired: 3, pinned: true });
    expect(await client.request('scale', { service: 'web', count: 'auto' })).toEqual({ count: 3 });
    expect(await scaled((ready) => ready === 1)).toBe(1);
    await eventually(async () => ((await replicasOf(client)).length === 1 ? true : undefined), 'the end of the others');
    expect(JSON.parse(readFileSync(world.places.runtimeFile, 'utf8'))).toMatchObject({
      value: { counts: { web: { count: 1, pinned: false } }, scaling: [{ from: 3, to: 1 }] },
    });
  });
});

function coresLeft(): number {
  return availableParallelism() - 0.5;
}
