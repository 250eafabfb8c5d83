/** What every store promises; each store's own test calls it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Holder, Lease, Store, StoreEvent } from '../../src/platforms/store.ts';

export interface StoreCase {
  readonly store: Store;
  /** A second client of the same environment, as another process would have it. */
  readonly other: Store;
  /** Who the caller is, alive. */
  holder(who: string): Promise<Holder>;
  /** Leaves the lock of a holder that has died without releasing it; gives its token. */
  abandonLock(): Promise<number>;
  close(): Promise<void>;
}

export function event(type: string, more: Record<string, unknown> = {}): StoreEvent {
  return { type, at: '2026-01-01T00:00:00.000Z', ...more };
}

export function storeContract(name: string, open: () => Promise<StoreCase>): void {
  describe(`store contract: ${name}`, () => {
    let given: StoreCase;
    let store: Store;
    beforeEach(async () => {
      given = await open();
      store = given.store;
    });
    afterEach(async () => given.close());

    it('begins empty and unlocked', async () => {
      expect(await store.read()).toEqual({ sequence: 0, events: [] });
      expect(await store.holder()).toBeUndefined();
    });

    it('keeps events in order, for every client', async () => {
      const lease = await store.lock(await given.holder('ana'));
      expect(await store.append(lease, 0, event('one', { nested: { list: [1, 'zwei', null] } }))).toBe(1);
      expect(await store.append(lease, 1, event('two', { text: 'größer\n\u0000' }))).toBe(2);
      const { sequence, events } = await given.other.read();
      expect(sequence).toBe(2);
      expect(events).toEqual([event('one', { nested: { list: [1, 'zwei', null] } }), event('two', { text: 'größer\n\u0000' })]);
    });

    it('has another stamp once anything was written, for every client, and the same one until then', async () => {
      const lease = await store.lock(await given.holder('ana'));
      const stamps = [await given.other.stamp()];
      expect(await given.other.stamp()).toBe(stamps[0]);
      await store.append(lease, 0, event('one'));
      stamps.push(await given.other.stamp());
      await store.append(lease, 1, event('two'));
      stamps.push(await given.other.stamp());
      await store.compact(lease, 2, [event('two')]);
      stamps.push(await given.other.stamp());
      await lease.release();
      expect(await given.other.stamp()).toBe(stamps[3]);
      expect(new Set(stamps).size).toBe(4);
    });

    it('gives what it read to the caller alone', async () => {
      const lease = await store.lock(await given.holder('ana'));
      await store.append(lease, 0, event('one', { list: [1] }));
      const first = await store.read();
      const [read] = first.events;
      (read?.['list'] as number[] | undefined)?.push(2);
      expect((await store.read()).events).toEqual([event('one', { list: [1] })]);
    });

    it('refuses an append by who has not seen the newest event', async () => {
      const lease = await store.lock(await given.holder('ana'));
      await store.append(lease, 0, event('one'));
      await expect(store.append(lease, 0, event('two'))).rejects.toMatchObject({ code: 'GL4012' });
      await expect(store.append(lease, 2, event('two'))).rejects.toMatchObject({ code: 'GL4012' });
      expect((await store.read()).sequence).toBe(1);
    });

    it('lets exactly one of several appends at the same moment through', async () => {
      const lease = await store.lock(await given.holder('ana'));
      const results = await Promise.allSettled(['a', 'b', 'c'].map(async (type) => store.append(lease, 0, event(type))));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await store.read()).sequence).toBe(1);
    });

    it('has one holder at a time, whom the others are told', async () => {
      const holder = await given.holder('ana');
      await store.lock(holder);
      expect(await given.other.holder()).toEqual(holder);
      await expect(given.other.lock(await given.holder('bob'))).rejects.toMatchObject({
        code: 'GR1001',
        message: expect.stringContaining('ana'),
      });
    });

    it('lets the next one in after a release, with a higher token', async () => {
      const first = await store.lock(await given.holder('ana'));
      await first.release();
      await first.release();
      expect(await store.holder()).toBeUndefined();
      const second = await given.other.lock(await given.holder('bob'));
      expect(second.token).toBeGreaterThan(first.token);
    });

    it('takes nothing from who has released the lock', async () => {
      const lease = await store.lock(await given.holder('ana'));
      await lease.release();
      await expect(store.append(lease, 0, event('late'))).rejects.toMatchObject({ code: 'GL4011' });
      const next = await given.other.lock(await given.holder('bob'));
      await expect(store.append(lease, 0, event('late'))).rejects.toMatchObject({ code: 'GL4011' });
      expect(await given.other.append(next, 0, event('new'))).toBe(1);
    });

    it('gives a dead holder\u2019s lock to exactly one of many at once', async () => {
      const token = await given.abandonLock();
      const racers = await Promise.all(Array.from({ length: 100 }, async (_, index) => given.holder(`racer ${index}`)));
      const results = await Promise.allSettled(racers.map(async (holder, index) => (index % 2 === 0 ? store : given.other).lock(holder)));
      const winners = results.filter((result) => result.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(winners[0]?.value.token).toBeGreaterThan(token);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'GR1001' });
    });

    it('takes the lock from a live holder, who learns it without writing and writes nothing more', async () => {
      const lease = await store.lock(await given.holder('ana'));
      await store.append(lease, 0, event('one'));
      const lost = new Promise<unknown>((resolve) =>
        lease.lost.addEventListener('abort', () => resolve(lease.lost.reason), { once: true }),
      );
      expect(await given.other.unlock()).toMatchObject({ who: 'ana' });
      expect(await given.other.holder()).toBeUndefined();
      expect(await lost).toMatchObject({ code: 'GL4011', message: expect.stringContaining('ana') as string });
      await expect(store.append(lease, 1, event('late'))).rejects.toMatchObject({ code: 'GL4011' });
      await expect(store.compact(lease, 1, [])).rejects.toMatchObject({ code: 'GL4011' });
      expect((await store.read()).events).toEqual([event('one')]);
    });

    it('leaves the next holder alone when one who has lost the lock releases it', async () => {
      const lease = await store.lock(await given.holder('ana'));
      await given.other.unlock();
      const next = await given.other.lock(await given.holder('bob'));
      expect(next.token).toBeGreaterThan(lease.token);
      await lease.release();
      expect(await store.holder()).toMatchObject({ who: 'bob' });
      expect(await given.other.append(next, 0, event('one'))).toBe(1);
      await next.release();
      await lease.release();
      expect(await store.holder()).toBeUndefined();
    });

    it('unlocks nobody when nobody holds the lock', async () => {
      expect(await store.unlock()).toBeUndefined();
      const lease = await store.lock(await given.holder('ana'));
      await lease.release();
      expect(await given.other.unlock()).toBeUndefined();
      expect((await store.lock(await given.holder('bob'))).token).toBeGreaterThan(lease.token);
    });

    it('unlocks a dead holder', async () => {
      await given.abandonLock();
      await store.unlock();
      const lease = await given.other.lock(await given.holder('bob'));
      expect(await given.other.append(lease, 0, event('one'))).toBe(1);
    });

    it('has one holder at most, who may write, after any race of unlock and lock', async () => {
      for (let round = 0; round < 10; round++) {
        const leases: Lease[] = [];
        const take = async (who: string, by: Store): Promise<void> => {
          const lease = await by.lock(await given.holder(who)).catch(() => undefined);
          if (lease !== undefined) leases.push(lease);
        };
        await take('ana', store);
        await Promise.all([given.other.unlock(), take('bob', store), take('eve', given.other), store.unlock(), take('mia', store)]);
        const { sequence } = await store.read();
        const results = await Promise.allSettled(leases.map(async (lease) => store.append(lease, sequence, event(lease.holder.who))));
        const others = await Promise.allSettled(leases.map(async (lease) => given.other.append(lease, sequence, event('stranger'))));
        expect(results.concat(others).filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
        const holder = await store.holder();
        expect(leases.filter(({ lost }) => !lost.aborted).map(({ holder: { who } }) => who)).toEqual(
          holder === undefined ? [] : expect.arrayContaining([holder.who]),
        );
        for (const lease of leases) await lease.release();
        expect(await store.holder()).toBeUndefined();
      }
    });

    it('keeps fewer events in place of all, and goes on counting', async () => {
      const lease = await store.lock(await given.holder('ana'));
      for (let index = 0; index < 5; index++) await store.append(lease, index, event(`e${index}`));
      await store.compact(lease, 5, [event('e0'), event('e4')]);
      expect(await given.other.read()).toEqual({ sequence: 5, events: [event('e0'), event('e4')] });
      await expect(store.append(lease, 2, event('e5'))).rejects.toMatchObject({ code: 'GL4012' });
      expect(await store.append(lease, 5, event('e5'))).toBe(6);
      await store.compact(lease, 6, [event('e4'), event('e5')]);
      expect(await given.other.read()).toEqual({ sequence: 6, events: [event('e4'), event('e5')] });
      await expect(store.compact(lease, 5, [])).rejects.toMatchObject({ code: 'GL4012' });
    });

    it('keeps the blobs that an event names when it compacts, and no others', async () => {
      const lease = await store.lock(await given.holder('ana'));
      const [kept, gone] = [await store.put(Buffer.from('kept')), await store.put(Buffer.from('gone'))];
      await store.append(lease, 0, event('one', { ref: gone }));
      await store.append(lease, 1, event('two', { deep: [{ ref: kept }] }));
      await store.compact(lease, 2, [event('two', { deep: [{ ref: kept }] })]);
      expect(Buffer.from(await given.other.get(kept)).toString()).toBe('kept');
      await expect(given.other.get(gone)).rejects.toMatchObject({ code: 'GL4015' });
    });

    it('keeps blobs by digest', async () => {
      const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
      const digest = await store.put(bytes);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(await store.put(bytes)).toBe(digest);
      expect(Buffer.from(await given.other.get(digest)).equals(bytes)).toBe(true);
      expect(Buffer.from(await store.get(await store.put(new Uint8Array()))).length).toBe(0);
    });

    it.each(['0'.repeat(64), '../../etc/passwd', ''])('says that there is no blob %j', async (digest) => {
      await expect(store.get(digest)).rejects.toMatchObject({ code: 'GL4015' });
    });
  });
}
