import { appendFile, lstat, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../../test/contracts/store.ts';
import { identifySelf } from '../exec/identity.ts';
import { folderStore } from './folder-store.ts';
import { appendAtTip, copyNames, readCopies } from './journal-copies.ts';
import { encodeRecord, journalHeader, told } from './journal-file.ts';
import type { Holder, Lease, Store } from './store.ts';

let folder: string;
let notices: string[];
let store: Store;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'gantry-damage-')), 'store');
  notices = [];
  store = client();
});
afterEach(async () => rm(join(folder, '..'), { recursive: true, force: true }));

function client(looks = 1): Store {
  return folderStore(folder, { notice: (text) => void notices.push(text), looks });
}

async function holder(who: string): Promise<Holder> {
  return { who, operation: 'deploy', since: 'now', host: 'here', ...(await identifySelf()) };
}

async function filled(events = 3): Promise<void> {
  const lease = await store.lock(await holder('ana'));
  for (let index = 0; index < events; index++) await store.append(lease, index, event(`e${index}`, { text: 'x'.repeat(index) }));
  await lease.release();
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ mask, at);
  return copy;
}

describe('a damaged journal', { timeout: 60_000 }, () => {
  const all = ['e0', 'e1', 'e2'];

  async function typesNow(): Promise<string[]> {
    return told((await readCopies(folder))?.records ?? []).events.map(({ type }) => type);
  }

  const kinds = [
    ['truncated', (bytes: Buffer, at: number): Buffer => bytes.subarray(0, at)],
    ['with a flipped bit', (bytes: Buffer, at: number): Buffer => flipped(bytes, at, 1 << (at % 8))],
    ['with a flipped byte', (bytes: Buffer, at: number): Buffer => flipped(bytes, at, 0xff)],
    [
      'filled up with zeros',
      (bytes: Buffer, at: number): Buffer => Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - at)]),
    ],
  ] as const;

  describe.each(kinds)('%s', (_, damage) => {
    it.each([0, 1] as const)('at any byte of copy %d costs nothing', async (which) => {
      await filled();
      const file = copyNames(folder)[which];
      const bytes = await readFile(file);
      for (let at = 0; at < bytes.length; at++) {
        await writeFile(file, damage(bytes, at));
        expect(await typesNow(), `byte ${at}`).toEqual(all);
      }
    });

    it('in both copies is an error, never an empty or a shorter journal', async () => {
      await filled();
      const [first, second] = copyNames(folder);
      const bytes = await readFile(first);
      for (let at = 0; at < bytes.length; at++) {
        for (const file of [first, second]) await writeFile(file, damage(bytes, at));
        const isAtBorder = damage(bytes, at).length === at && (await isBorder(bytes, at));
        const reading = readCopies(folder).then(
          () => 'read',
          (error: { code: string }) => error.code,
        );
        expect(await reading, `byte ${at}`).toBe(isAtBorder ? 'read' : 'GL4013');
      }
    });
  });

  /** Cut between two records in both copies alike: that cannot be told from a journal that was always so short. */
  async function isBorder(bytes: Buffer, at: number): Promise<boolean> {
    for (let border = journalHeader.length; border <= at; border += 12 + bytes.readUInt32LE(border)) if (border === at) return true;
    return false;
  }

  it('is mended with a loud notice at the next append', async () => {
    await filled();
    const [first, second] = copyNames(folder);
    await truncate(first, 60);
    const lease = await store.lock(await holder('bob'));
    expect(await store.append(lease, 3, event('e3'))).toBe(4);
    expect(notices).toEqual([expect.stringMatching(/journal is damaged from byte \d+ on; its copy .* is whole, nothing was lost/)]);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
  });

  it('that ends in an unfinished entry loses that entry, with a notice', async () => {
    await filled();
    const [first] = copyNames(folder);
    await appendFile(first, encodeRecord({ token: 9, event: event('torn') }).subarray(0, 20));
    expect((await store.read()).sequence).toBe(3);
    expect(notices).toEqual([expect.stringContaining('never finished')]);
  });

  it('whose second copy is one entry behind is whole: the machine stopped between the two', async () => {
    await filled();
    const [first, second] = copyNames(folder);
    await appendFile(first, encodeRecord({ token: 9, event: event('e3') }));
    expect((await store.read()).sequence).toBe(4);
    expect(notices).toEqual([]);
    const lease = await store.lock(await holder('bob'));
    expect(await store.append(lease, 4, event('e4'))).toBe(5);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
  });

  it('whose copies tell different stories is an error', async () => {
    await filled();
    await appendFile(copyNames(folder)[0], encodeRecord({ token: 9, event: event('here') }));
    await appendFile(copyNames(folder)[1], encodeRecord({ token: 9, event: event('there') }));
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4013' });
  });

  it('that is missing in both copies is an error, in one is mended', async () => {
    await filled();
    const [first, second] = copyNames(folder);
    await rename(first, `${first}.away`);
    expect((await store.read()).sequence).toBe(3);
    expect(notices).toEqual([expect.stringContaining('is missing')]);
    await rm(second);
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4013' });
    await expect(store.lock(await holder('bob'))).rejects.toMatchObject({ code: 'GL4013' });
  });

  it('leaves out what was written under a lock that had been lost', async () => {
    await filled();
    const zombie = encodeRecord({ token: 0, event: event('zombie') });
    for (const file of copyNames(folder)) await appendFile(file, zombie);
    expect((await store.read()).events.map(({ type }) => type)).toEqual(all);
  });

  it('is noticed although both copies were cut between two entries: the lock knows how many there were', async () => {
    await filled();
    const [first] = copyNames(folder);
    const bytes = await readFile(first);
    for (let at = 0; at < bytes.length; at++) {
      for (const file of copyNames(folder)) await writeFile(file, bytes.subarray(0, at));
      await expect(store.read(), `byte ${at}`).rejects.toMatchObject({ code: 'GL4013' });
    }
  });

  it('with a header of a newer version in one copy is mended when the rest is the same, and refused when it is not', async () => {
    await filled();
    const [first, second] = copyNames(folder);
    const bytes = await readFile(first);
    await writeFile(first, flipped(bytes, 7, 1));
    expect((await store.read()).sequence).toBe(3);
    await writeFile(first, Buffer.concat([flipped(bytes, 7, 1), Buffer.from('more')]));
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4014' });
    expect((await readFile(second)).equals(bytes)).toBe(true);
  });

  it('of the format before is read, and written in the present one by the next append', async () => {
    await filled();
    for (const file of copyNames(folder)) {
      const bytes = await readFile(file);
      bytes.write('1', 7);
      await writeFile(file, bytes);
    }
    expect((await store.read()).sequence).toBe(3);
    const lease = await store.lock(await holder('bob'));
    expect(await store.append(lease, 3, event('e3'))).toBe(4);
    for (const file of copyNames(folder)) expect((await readFile(file)).subarray(0, 8).equals(journalHeader)).toBe(true);
    expect(notices).toEqual([]);
  });

  it('of a newer version is not touched', async () => {
    await filled();
    for (const file of copyNames(folder)) {
      const bytes = await readFile(file);
      bytes.write('3', 7);
      await writeFile(file, bytes);
    }
    await expect(store.read()).rejects.toMatchObject({ code: 'GL4014' });
  });
});

describe('one who has lost the lock in the middle of an append', () => {
  const zombie = (token: number): Buffer => encodeRecord({ token, event: event('zombie') });

  async function takenOver(): Promise<{ readonly old: number; readonly next: Lease }> {
    await filled();
    const lease = await store.lock(await holder('ana'));
    await client().unlock();
    return { old: lease.token, next: await client().lock(await holder('bob')) };
  }

  it('adds nothing: the unlock is in the journal', async () => {
    const { old } = await takenOver();
    for (const file of copyNames(folder)) await appendFile(file, zombie(old));
    expect((await store.read()).sequence).toBe(3);
    expect((await store.read()).events.map(({ type }) => type)).toEqual(['e0', 'e1', 'e2']);
  });

  it.each([
    ['first', [0, 1]],
    ['second', [1, 0]],
  ] as const)(
    'does no harm when it writes between the two writes of the next holder, to the %s copy before him',
    async (_, [one, other]) => {
      const { old, next } = await takenOver();
      const files = copyNames(folder);
      const record = encodeRecord({ token: next.token, event: event('e3') });
      await appendFile(files[one], Buffer.concat([zombie(old), record]));
      await appendFile(files[other], Buffer.concat([record, zombie(old)]));
      expect((await store.read()).events.map(({ type }) => type)).toEqual(['e0', 'e1', 'e2', 'e3']);
      const after = client();
      await after.unlock();
      const lease = await after.lock(await holder('eve'));
      expect(await after.append(lease, 4, event('e4'))).toBe(5);
      expect((await readFile(files[0])).equals(await readFile(files[1]))).toBe(true);
    },
  );

  it('does not take back what the next holder has written when its own write fails', async () => {
    await filled();
    const [first] = copyNames(folder);
    const { size } = await lstat(first);
    const tip = { size, last: (await readFile(first)).subarray(-20), stamps: undefined };
    await appendFile(first, encodeRecord({ token: 9, event: event('e3') }));
    expect(await appendAtTip(folder, tip, { token: 1, event: event('late') })).toBeUndefined();
    expect((await store.read()).sequence).toBe(4);
  });
});

describe('a compacted journal', () => {
  async function compacted(): Promise<{ readonly lease: Lease; readonly before: Buffer }> {
    await filled(6);
    const before = await readFile(copyNames(folder)[0]);
    const lease = await store.lock(await holder('ana'));
    await store.compact(lease, 6, [event('e4'), event('e5')]);
    return { lease, before };
  }

  it('is whole when the machine stopped between its two copies, and the older one goes on', async () => {
    const { lease, before } = await compacted();
    const [first, second] = copyNames(folder);
    await writeFile(second, before);
    expect(await client().read()).toEqual({ sequence: 6, events: [event('e4'), event('e5')] });
    expect(notices).toEqual([]);
    expect(await store.append(lease, 6, event('e6'))).toBe(7);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
  });

  it('falls back on the copy from before when the new one is damaged', async () => {
    const { before } = await compacted();
    const [first, second] = copyNames(folder);
    await writeFile(second, before);
    const bytes = await readFile(first);
    for (let at = 0; at < bytes.length; at++) {
      await writeFile(first, flipped(bytes, at, 0x10));
      expect((await client().read()).sequence, `byte ${at}`).toBe(6);
    }
  });

  it('is not disturbed by what an earlier holder still adds', async () => {
    const { lease } = await compacted();
    for (const file of copyNames(folder)) await appendFile(file, encodeRecord({ token: lease.token - 1, event: event('zombie') }));
    expect((await store.read()).events).toEqual([event('e4'), event('e5')]);
    expect(await store.append(lease, 6, event('e6'))).toBe(7);
  });

  it.each(['truncated', 'flipped'])(
    'with one copy %s at any byte costs nothing, with both it is an error',
    async (kind) => {
      const { lease } = await compacted();
      await lease.release();
      const [first, second] = copyNames(folder);
      const bytes = await readFile(first);
      for (let at = 0; at < bytes.length; at++) {
        const bad = kind === 'truncated' ? bytes.subarray(0, at) : flipped(bytes, at, 1 << (at % 8));
        for (const [one, other] of [
          [first, second],
          [second, first],
        ] as const) {
          await writeFile(one, bad);
          await writeFile(other, bytes);
          expect(await store.read(), `byte ${at}`).toEqual({ sequence: 6, events: [event('e4'), event('e5')] });
        }
        await writeFile(first, bad);
        await expect(store.read(), `byte ${at} of both`).rejects.toMatchObject({ code: expect.stringMatching(/GL401[34]/) as string });
      }
    },
    60_000,
  );
});
