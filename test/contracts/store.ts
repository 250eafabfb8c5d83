/** What every store promises; each store's own test calls it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Holder, Store, StoreEvent } from '../../src/platforms/store.ts';

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
