import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claim, newestHolder, type Claim, type ClaimResult } from './generations.ts';

interface Who {
  readonly name: string;
}

let folder: string;
const dead = new Set<string>();

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'gantry-lock-')), 'locks');
  dead.clear();
});
afterEach(async () => rm(join(folder, '..'), { recursive: true, force: true }));

async function attempt(name: string, floor = 0): Promise<ClaimResult<Who>> {
  return claim<Who>({ folder, record: { name }, floor, isAlive: async (record) => !dead.has(record.name) });
}

async function take(name: string, floor = 0): Promise<Claim> {
  const result = await attempt(name, floor);
  if ('holder' in result) throw new Error(`held by ${result.holder.name}`);
  return result.claim;
}

describe('a lock of numbered files', () => {
  it('has one holder, whom the others are told', async () => {
    await take('ana');
    expect(await attempt('bob')).toEqual({ holder: { name: 'ana' } });
    expect(await newestHolder(folder)).toEqual({ record: { name: 'ana' }, token: 1, held: true });
  });

  it('is free after its release, with a higher token for the next holder', async () => {
    const first = await take('ana');
    await first.release();
    expect(await newestHolder(folder)).toEqual({ record: { name: 'ana' }, token: 1, held: false });
    const second = await take('bob');
    expect(second.token).toBeGreaterThan(first.token);
    expect(await first.isNewest()).toBe(false);
    expect(await second.isNewest()).toBe(true);
  });

  it('tells who comes after a holder that did not give it back', async () => {
    const first = await take('ana');
    expect(first.inherited).toBe(false);
    dead.add('ana');
    const second = await take('bob');
    expect(second.inherited).toBe(true);
    await second.release();
    expect((await take('eve')).inherited).toBe(false);
    await rm(folder, { recursive: true });
    expect((await take('mia', 3)).inherited).toBe(true);
  });

  it('is not touched by the late release of an earlier holder, even when its file is forgotten', async () => {
    const first = await take('ana');
    dead.add('ana');
    for (let turn = 0; turn < 20; turn++) await (await take(`next ${turn}`)).release();
    const last = await take('bob');
    await first.release();
    expect(await newestHolder(folder)).toEqual({ record: { name: 'bob' }, token: last.token, held: true });
  });

  it('goes from a dead holder to exactly one of many', async () => {
    await take('ana');
    dead.add('ana');
    const results = await Promise.all(Array.from({ length: 50 }, async (_, index) => attempt(`racer ${index}`)));
    expect(results.filter((result) => 'claim' in result)).toHaveLength(1);
  });

  it('never has two holders while many take and release it', async () => {
    let inside = 0;
    let most = 0;
    const work = async (name: string): Promise<void> => {
      for (let done = 0; done < 10;) {
        const result = await attempt(name);
        if ('holder' in result) continue;
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
        done++;
        await result.claim.release();
      }
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(work));
    expect(most).toBe(1);
    expect((await readdir(folder)).length).toBeLessThan(40);
  });

  it('continues above a floor when its folder was lost', async () => {
    expect((await take('ana', 41)).token).toBe(42);
  });

  it('is not kept by a record that cannot be read', async () => {
    await (await take('ana')).release();
    await writeFile(join(folder, '7.held'), '{"na');
    expect((await take('bob')).token).toBe(8);
  });
});
