import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Desired } from '../protocol.ts';
import { systemClock } from './clock.ts';
import { goesBack, nothing, openDesired, type DesiredFile } from './desired.ts';
import { saveState } from './state-file.ts';
import { bundle, eventually, service, set, up, webApp, World, type Bundles } from './testing/kit.ts';

const live = set('aaaa00000000', []);
const next = set('bbbb00000000', []);
const both: Desired = { ...nothing, live, next, share: 100 };

describe('going back', () => {
  it('is less of the next set, or none of it, and nothing else', () => {
    expect(goesBack(both, { ...both, share: 0 })).toBe(true);
    expect(goesBack(both, { ...both, next: null, share: 0 })).toBe(true);
    expect(goesBack({ ...nothing, next }, nothing)).toBe(true);
    expect(goesBack({ ...both, share: 5 }, { ...both, share: 100 })).toBe(false);
    expect(goesBack(both, { ...both, live: next, next: null, share: 0 })).toBe(false);
    expect(goesBack(both, { ...both, next: set('cccc00000000', []), share: 0 })).toBe(false);
    expect(goesBack({ ...nothing, live }, { ...nothing, live, next })).toBe(false);
    expect(goesBack(both, { ...both, share: 0, resources: { resources: [{ name: 'db' } as never] } })).toBe(false);
  });
});

describe('a disk that refuses', () => {
  let folder: string;
  let file: string;
  let isFull: boolean;
  let said: string[];
  let desired: DesiredFile;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-desired-'));
    file = join(folder, 'desired.json');
    isFull = false;
    said = [];
    desired = await openDesired(file, {
      clock: systemClock,
      complain: (message, level) => said.push(`${level} ${message}`),
      save: async (...what) => (isFull ? Promise.reject(new Error('no space left')) : saveState(...what)),
    });
  });
  afterEach(async () => {
    await desired.seal();
    rmSync(folder, { recursive: true, force: true });
  });

  const onDisk = (): Desired => (JSON.parse(readFileSync(file, 'utf8')) as { value: Desired }).value;

  it('stops the way forward, and not the way back, which is saved as soon as the disk lets it be', async () => {
    await desired.change({ live, next });
    isFull = true;
    await expect(desired.change({ share: 100 })).rejects.toThrow('no space left');
    expect(desired.value.share).toBe(0);
    isFull = false;
    await desired.change({ share: 100 });
    isFull = true;
    expect((await desired.change({ share: 0 })).share).toBe(0);
    expect((await desired.change({ next: null, share: 0 })).next).toBeNull();
    expect([desired.value.share, onDisk().share, desired.unsaved?.error.message]).toEqual([0, 100, 'no space left']);
    expect(said[0]).toMatch(/^error going back could not be saved, and is done all the same/);
    isFull = false;
    await eventually(() => (desired.unsaved === undefined ? true : undefined), 'the save');
    expect(onDisk()).toMatchObject({ live, next: null, share: 0 });
    expect(said.at(-1)).toBe('warn what should run is saved again');
  });

  it('is not asked again once the file is sealed', async () => {
    await desired.change(both);
    isFull = true;
    await desired.change({ share: 0 });
    await desired.seal();
    await expect(desired.change({ share: 1 })).rejects.toMatchObject({ code: 'GL1033' });
    expect(existsSync(file)).toBe(true);
  });
});

describe('a running app on a disk that refuses', () => {
  let bundles: Bundles;
  let world: World;
  beforeAll(async () => {
    bundles = await bundle();
    world = new World(bundles);
  });
  afterAll(async () => {
    await world.stop();
    bundles.remove();
  });

  it('gives users the old set back at once, and says that this is not saved', async () => {
    const client = await world.start();
    const app = service('web', world.content('c1', { 'main.cjs': webApp() }), { replicas: 1 });
    await up(client, set('aaaa00000000', [app]));
    await client.request('want', { desired: { next: set('bbbb00000000', [app]) } });
    await client.request('awaitSet', { set: 'next' });
    await client.request('shift', { share: 100 });
    const answer = async (): Promise<string> => (await fetch(`${world.url}/x`)).text();
    expect(await answer()).toContain('bbbb00000000');
    const obstacle = `${world.places.desiredFile}.previous`;
    rmSync(obstacle);
    mkdirSync(join(obstacle, 'in-the-way'), { recursive: true });
    await expect(client.request('want', { desired: { live: set('cccc00000000', [app]) } })).rejects.toThrow();
    expect(await client.request('shift', { share: 0 })).toEqual({ share: 0 });
    expect(await answer()).toContain('aaaa00000000');
    expect((await client.request('status', {})).problems).toMatchObject([{ subject: 'state' }]);
    rmSync(obstacle, { recursive: true });
    await eventually(async () => ((await client.request('status', {})).problems?.length === 0 ? true : undefined), 'the save');
    expect(JSON.parse(readFileSync(world.places.desiredFile, 'utf8'))).toMatchObject({ value: { share: 0 } });
  });
});
