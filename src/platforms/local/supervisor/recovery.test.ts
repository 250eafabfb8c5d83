/** What was interrupted is settled first, and everybody sees it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../client.ts';
import type { StepEvent } from '../protocol.ts';
import { bundle, eventually, World, type Bundles } from './testing/kit.ts';

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

const request = { request: {}, path: '', who: 'ana', operation: 'up' as const };

async function interrupted(step: string, more: object = {}): Promise<Client> {
  world.write('recovery.json', { due: true, step, ...more });
  world.write('deploy-may-end', { now: true });
  const client = await world.start();
  await eventually(async () => ((await client.request('status', {})).operation?.step === step ? true : undefined), 'the recovery');
  return client;
}

describe('a recovery', () => {
  it('is an operation of its own, and what comes meanwhile waits for it and goes on', async () => {
    const client = await interrupted('revert');
    expect((await client.request('status', {})).operation).toMatchObject({ name: 'recovery', who: 'Gantry' });
    const events: StepEvent[] = [];
    const asked = client.request('operate', request, { onEvent: (event) => events.push(event) });
    await eventually(() => (events.length > 0 ? true : undefined), 'the word that it waits');
    expect(events).toMatchObject([{ step: 'recovery', message: 'what was interrupted is finished or taken back first' }]);
    world.write('recovery-may-end', { now: true });
    expect(await asked).toMatchObject({ changed: true });
    expect(events.map(({ step }) => step)).toEqual(['recovery', 'build', 'smoke']);
    expect(world.log('supervisor')).toContain('release recovery: what was interrupted is settled');
  });

  it('that bakes is told to who comes, as for any release', async () => {
    const client = await interrupted('bake');
    await expect(client.request('operate', request)).rejects.toMatchObject({
      code: 'GR1001',
      message: expect.stringMatching(/changed by Gantry \(recovery, since \d\d:\d\d:\d\d, step bake\)/) as string,
    });
    world.write('recovery-may-end', { now: true });
    await eventually(async () => ((await client.request('status', {})).operation === null ? true : undefined), 'its end');
    expect(await client.request('operate', request)).toMatchObject({ changed: true });
  });

  it('that fails is seen in the status, and is tried again before the next operation', async () => {
    world.write('recovery-may-end', { now: true });
    world.write('recovery.json', { due: true, step: 'revert', fails: true });
    world.write('deploy-may-end', { now: true });
    const client = await world.start();
    const { problems } = await eventually(async () => {
      const status = await client.request('status', {});
      return status.problems?.length === 1 ? status : undefined;
    }, 'the problem');
    expect(problems).toMatchObject([{ subject: 'recovery', message: expect.stringContaining('no space left on /disk') as string }]);
    await expect(client.request('operate', request)).rejects.toMatchObject({
      code: 'GX2001',
      state: expect.stringContaining('interrupted') as string,
    });
    world.write('recovery.json', { due: true, step: 'revert' });
    expect(await client.request('operate', request)).toMatchObject({ changed: true });
    expect((await client.request('status', {})).problems).toEqual([]);
  });

  it('follows an operation that has failed and left something half-way', async () => {
    const client = await world.start();
    const asked = client.request('operate', request).catch((error: unknown) => error);
    await eventually(async () => ((await client.request('status', {})).operation?.name === 'up' ? true : undefined), 'the operation');
    world.write('recovery.json', { due: true, step: 'revert' });
    await client.request('interrupt', {});
    expect(await asked).toMatchObject({ code: 'GR1004' });
    await eventually(async () => ((await client.request('status', {})).operation?.step === 'revert' ? true : undefined), 'the recovery');
    world.write('recovery-may-end', { now: true });
    await eventually(async () => ((await client.request('status', {})).operation === null ? true : undefined), 'its end');
  });

  it('is not interrupted by who does not want to wait', async () => {
    const client = await interrupted('revert');
    const asked = client.request('operate', request).catch((error: unknown) => error);
    await eventually(async () => ((await client.request('interrupt', {})).interrupted ? true : undefined), 'the interruption');
    expect(await asked).toMatchObject({ code: 'GR1004' });
    expect((await client.request('status', {})).operation).toMatchObject({ name: 'recovery' });
    expect(await client.request('interrupt', {})).toEqual({ interrupted: false });
    world.write('recovery-may-end', { now: true });
    await eventually(async () => ((await client.request('status', {})).operation === null ? true : undefined), 'its end');
  });
});
