/** One ingress replaces another while users are served, and whoever dies in the middle. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../client.ts';
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
  client = await world.start();
});
afterEach(async () => world.stop());

const released = 'aaaa00000000';
const following = 'bbbb00000000';

async function serve(): Promise<void> {
  await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }))]));
}

async function onlyIngress(): Promise<number> {
  return eventually(
    async () => {
      const pids = await world.ingresses();
      return pids.length === 1 ? pids[0] : undefined;
    },
    'exactly one ingress',
    25_000,
  );
}

function recordedIngress(): number {
  const { value } = JSON.parse(readFileSync(world.places.runtimeFile, 'utf8')) as { value: { ingress: { pid: number } } };
  return value.ingress.pid;
}

async function answers(): Promise<string> {
  return (await fetch(`${world.url}/x`, { signal: AbortSignal.timeout(5000) })).text();
}

describe('an ingress that replaces itself', () => {
  it('fails no request, lets long ones end where they are, and keeps counting', async () => {
    await serve();
    const before = await onlyIngress();
    const traffic = load(`${world.url}/x`);
    const slow = fetch(`${world.url}/slow/1500`).then(async (response) => response.text());
    await eventually(async () => ((await replicasOf(client)).some(({ inFlight }) => inFlight > 0) ? true : undefined), 'a long request');
    const requests = async (): Promise<number> =>
      (await client.request('measure', {})).services.reduce((sum, one) => sum + one.requests, 0);
    const counted = await requests();
    const { pid } = await client.request('renewIngress', {});
    expect(pid).not.toBe(before);
    const during = await requests();
    expect(await slow).toBe('slow');
    expect(await onlyIngress()).toBe(pid);
    const after = await requests();
    expect([during >= counted, after >= during]).toEqual([true, true]);
    const { answered, failed } = await traffic.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    expect(isRunning(before)).toBe(false);
    expect(recordedIngress()).toBe(pid);
  });

  it('refuses nobody at the addresses inside the app either', async () => {
    const env = { WEB: { $output: ['services', 'web.url'] as const } };
    await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), { env })]));
    const { WEB: inside = '' } = (await (await fetch(`${world.url}/env`)).json()) as Record<string, string>;
    const traffic = load(`${inside}/x`);
    const before = await onlyIngress();
    await client.request('renewIngress', {});
    await eventually(() => (isRunning(before) ? undefined : true), 'the end of the predecessor');
    expect((await traffic.stop()).failed).toEqual([]);
  });

  it('switches to the next set in both processes at once', async () => {
    await serve();
    const app = service('web', world.content('c1', { 'main.cjs': webApp() }));
    await client.request('want', { desired: { next: set(following, [app]) } });
    await client.request('awaitSet', { set: 'next' });
    const kept = new Set<string>();
    const traffic = load(`${world.url}/x`);
    const slow = fetch(`${world.url}/slow/2000`);
    const renewed = client.request('renewIngress', {});
    await client.request('shift', { share: 100 });
    for (let count = 0; count < 40; count += 1) kept.add((await answers()).slice(0, 12));
    expect([...kept]).toEqual([following]);
    await renewed;
    await client.request('shift', { share: 0 });
    kept.clear();
    for (let count = 0; count < 40; count += 1) kept.add((await answers()).slice(0, 12));
    expect([...kept]).toEqual([released]);
    expect((await slow).status).toBe(200);
    expect((await traffic.stop()).failed).toEqual([]);
    await onlyIngress();
  });

  it('does so again and again, also when several ask at once', async () => {
    await serve();
    const traffic = load(`${world.url}/x`, 4);
    for (let round = 0; round < 3; round += 1) {
      const [first, second] = await Promise.all([client.request('renewIngress', {}), client.request('renewIngress', {})]);
      expect(first).toEqual(second);
    }
    expect((await traffic.stop()).failed).toEqual([]);
    expect(await onlyIngress()).toBe(recordedIngress());
  });
});

describe('sudden death in the middle of it', () => {
  /** The pids of the present ingress and, once it has been started, of its successor. */
  async function begin(): Promise<{ predecessor: number; successor: number }> {
    const predecessor = await onlyIngress();
    client.request('renewIngress', {}).catch(() => undefined);
    const successor = await eventually(async () => (await world.ingresses()).find((pid) => pid !== predecessor), 'the successor');
    return { predecessor, successor };
  }

  /** Exactly one ingress is left, the one that is recorded, and one supervisor; both work, and no replica was restarted. */
  async function settled(): Promise<void> {
    const next = await eventually(async () => {
      const found = await world.client();
      return found.request('awaitSet', { set: 'live' }).then(() => found);
    }, 'a supervisor that answers');
    await eventually(
      async () => ((await world.ingresses()).join(' ') === String(recordedIngress()) ? true : undefined),
      'exactly one ingress, and its record',
      25_000,
    );
    expect(await answers()).toContain(released);
    expect((await replicasOf(next)).map(({ restarts }) => restarts)).toEqual([0, 0]);
    await next.request('scale', { service: 'web', count: 3 });
    await next.request('scale', { service: 'web', count: 2 });
  }

  it('of the successor as soon as it has been started: the predecessor goes on', async () => {
    await serve();
    const { predecessor, successor } = await begin();
    process.kill(successor, 'SIGKILL');
    await settled();
    expect(await onlyIngress()).toBe(predecessor);
  });

  it('of the predecessor while its successor starts', async () => {
    await serve();
    const { predecessor, successor } = await begin();
    process.kill(predecessor, 'SIGKILL');
    await settled();
    expect(await onlyIngress()).toBe(successor);
  });

  it('of the supervisor while the successor starts: one of the two stays', async () => {
    await serve();
    const { pid } = await client.request('hello', {});
    await begin();
    process.kill(pid, 'SIGKILL');
    await client.closed;
    await settled();
    expect(isRunning(pid)).toBe(false);
  });

  it('of the supervisor and the predecessor while the successor starts', async () => {
    await serve();
    const { pid } = await client.request('hello', {});
    const { predecessor } = await begin();
    process.kill(pid, 'SIGKILL');
    process.kill(predecessor, 'SIGKILL');
    await client.closed;
    await settled();
    expect(await world.ingresses()).not.toContain(predecessor);
  });

  it('of the supervisor or the successor while the predecessor finishes what it has', async () => {
    await serve();
    for (const victim of ['supervisor', 'successor'] as const) {
      const own = await world.client();
      const before = await onlyIngress();
      const slow = fetch(`${world.url}/slow/1500`).then(async (response) => response.text());
      await eventually(async () => ((await replicasOf(own)).some(({ inFlight }) => inFlight > 0) ? true : undefined), 'a long request');
      const { pid } = await own.request('renewIngress', {});
      expect((await world.ingresses()).toSorted()).toEqual([before, pid].toSorted());
      process.kill(victim === 'successor' ? pid : (await own.request('hello', {})).pid, 'SIGKILL');
      expect(await slow).toBe('slow');
      await settled();
    }
  });
});
