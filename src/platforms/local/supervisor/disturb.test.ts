import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { processInfo } from './processes.ts';
import { bundle, eventually, isRunning, load, replicasOf, service, set, up, webApp, World, type Bundles } from './testing/kit.ts';
import type { Client } from '../client.ts';
import type { ReplicaStatus } from '../../platform.ts';

let bundles: Bundles;
let world: World;
let client: Client;

const released = 'aaaa00000000';
const who = 'ana@build-7';

beforeAll(async () => {
  bundles = await bundle();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  world = new World(bundles);
  client = await world.start();
});
afterEach(async () => world.stop());

async function firstOf(more: Parameters<typeof service>[2] = {}): Promise<ReplicaStatus> {
  await up(client, set(released, [service('web', world.content('c1', { 'main.cjs': webApp() }), more)]));
  const [first] = await replicasOf(client);
  if (first === undefined) throw new Error('no replica');
  return first;
}

async function replaced({ id, pid }: ReplicaStatus): Promise<void> {
  await eventually(async () => {
    const now = (await replicasOf(client)).find((one) => one.id === id);
    return now?.state === 'ready' && now.pid !== pid && now.restarts === 1 ? true : undefined;
  }, 'a replacement');
  expect(isRunning(pid)).toBe(false);
}

function stateOf(pid: number): string | undefined {
  return processInfo(pid)?.state;
}

it('kills a replica at once, records who did, and users get answers from the others', async () => {
  const first = await firstOf();
  const traffic = load(`${world.url}/x`, 4);
  const { text } = await client.request('disturb', { replica: first.id, how: 'kill', who });
  expect(text).toContain('was killed. Another process takes its place in a moment. The others take its requests');
  await replaced(first);
  expect((await traffic.stop()).failed).toEqual([]);
  expect(world.log('supervisor')).toContain(`supervisor ${first.id}: killed on purpose by ${who}`);
});

it('freezes a replica: its health check finds that, and it is killed and replaced', async () => {
  const first = await firstOf();
  await client.request('disturb', { replica: first.id, how: 'freeze', who });
  await replaced(first);
  expect(world.log('supervisor')).toContain('it is stopped by a signal and answers nothing');
});

it('slows a replica down without replacing it, and it goes on when the supervisor ends it all', async () => {
  const first = await firstOf({ replicas: 1, scale: { min: 1, max: 1 } });
  const { text } = await client.request('disturb', { replica: first.id, how: 'slow', who });
  expect(text).toContain('It is the only one of web: users notice.');
  await eventually(async () => (stateOf(first.pid) === 'T' ? true : undefined), 'a stop');
  await expect(client.request('disturb', { replica: first.id, how: 'slow', who })).rejects.toMatchObject({ code: 'GC2008' });
  for (let answers = 0; answers < 5; answers += 1) expect(await (await fetch(`${world.url}/x`)).text()).toContain(first.id);
  expect(await replicasOf(client)).toMatchObject([{ pid: first.pid, restarts: 0 }]);
  await client.request('stop', {});
  expect(isRunning(first.pid)).toBe(false);
});

it('a slow replica that is to go drains and ends in order', async () => {
  const first = await firstOf();
  await client.request('disturb', { replica: first.id, how: 'slow', who });
  await client.request('want', { desired: { live: null } });
  await client.request('awaitRetired', {});
  expect(isRunning(first.pid)).toBe(false);
  expect(world.log('supervisor')).not.toContain('did not end in time');
});

it('a supervisor that is killed while a replica stands still leaves one that the next supervisor continues', async () => {
  const first = await firstOf();
  await client.request('disturb', { replica: first.id, how: 'slow', who });
  const { pid } = await client.request('hello', {});
  await eventually(async () => {
    if (stateOf(first.pid) !== 'T') return undefined;
    process.kill(pid, 'SIGKILL');
    return true;
  }, 'a stop');
  await client.closed;
  client = await world.client();
  await eventually(async () => {
    const now = (await replicasOf(client)).find(({ id }) => id === first.id);
    return now?.state === 'ready' && stateOf(now.pid) !== 'T' ? true : undefined;
  }, 'the replica at work');
  expect(await (await fetch(`${world.url}/x`)).text()).toContain(released);
});

it('another supervisor that takes over finds a replica that goes on', async () => {
  const first = await firstOf();
  await client.request('disturb', { replica: first.id, how: 'slow', who });
  await client.request('upgrade', world.successor('other'));
  client = await world.client();
  await eventually(async () => (stateOf(first.pid) === 'S' ? true : undefined), 'the replica at work');
  expect((await replicasOf(client)).find(({ id }) => id === first.id)).toMatchObject({ pid: first.pid, restarts: 0 });
});

it('touches only replicas that are ready, and none that nobody would miss', async () => {
  const worker = { kind: 'worker', replicas: 1 } as const;
  const {
    port: _port,
    route: _route,
    health: _health,
    ...bare
  } = service('mail', world.content('c2', { 'main.cjs': 'setInterval(() => {}, 1000)' }), worker);
  await up(client, set(released, [bare]));
  const [first] = await replicasOf(client);
  const id = first?.id ?? '';
  await expect(client.request('disturb', { replica: 'web-aaaa-9', how: 'kill', who })).rejects.toMatchObject({
    code: 'GC2008',
    message: 'there is no replica web-aaaa-9',
  });
  await expect(client.request('disturb', { replica: id, how: 'freeze', who })).rejects.toMatchObject({
    code: 'GC2008',
    message: `nothing checks whether ${id} still works`,
  });
  await client.request('disturb', { replica: id, how: 'kill', who });
  await eventually(async () => ((await replicasOf(client))[0]?.state === 'waiting' ? true : undefined), 'the end of the process');
  await expect(client.request('disturb', { replica: id, how: 'kill', who })).rejects.toMatchObject({ message: `${id} is not ready` });
});
