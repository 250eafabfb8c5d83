import { describe, expect, it } from 'vitest';
import { event, storeContract } from '../../test/contracts/store.ts';
import { createMemory, memoryStore, SimulatedCrash, type Fault } from './memory-store.ts';
import type { Holder } from './store.ts';

function holder(who: string): Holder {
  return { who, operation: 'deploy', since: 'now', host: 'here', pid: 1, startTime: '1', bootId: 'b' };
}

storeContract('memory', async () => {
  const memory = createMemory();
  const isAlive = ({ who }: Holder): boolean => who !== 'dead';
  const store = memoryStore({ memory, isAlive });
  return {
    store,
    other: memoryStore({ memory, isAlive }),
    holder: async (who) => holder(who),
    abandonLock: async () => (await store.lock(holder('dead'))).token,
    close: async () => undefined,
  };
});

describe('faults on demand', () => {
  it('a crash before an append loses it, one after it keeps it', async () => {
    const memory = createMemory();
    let fault: Fault | undefined;
    const store = memoryStore({ memory, fault: (operation) => (operation === 'append' ? fault : undefined) });
    const lease = await store.lock(holder('ana'));
    fault = 'crash-before';
    await expect(store.append(lease, 0, event('a'))).rejects.toBeInstanceOf(SimulatedCrash);
    fault = 'crash-after';
    await expect(store.append(lease, 0, event('b'))).rejects.toBeInstanceOf(SimulatedCrash);
    fault = 'conflict';
    await expect(store.append(lease, 1, event('c'))).rejects.toMatchObject({ code: 'GL4012' });
    expect((await store.read()).events).toEqual([event('b')]);
  });

  it('waits as long as it is told', async () => {
    const waited: string[] = [];
    const store = memoryStore({ latency: async (operation) => void waited.push(operation) });
    await store.read();
    await store.put(new Uint8Array());
    expect(waited).toEqual(['read', 'put']);
  });

  it('tells a holder that was taken for dead', async () => {
    let alive = true;
    const store = memoryStore({ isAlive: () => alive });
    const first = await store.lock(holder('ana'));
    alive = false;
    await store.lock(holder('bob'));
    expect(first.lost.aborted).toBe(true);
    await expect(store.append(first, 0, event('late'))).rejects.toMatchObject({ code: 'GL4011' });
  });
});
