import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemory, memoryStore, type Fault, type Memory } from '../platforms/memory-store.ts';
import type { Holder, StoreEvent } from '../platforms/store.ts';
import { openJournal, readEvents, type OpenJournal } from './journal.ts';
import { steps, type ReleaseEvent } from './machine.ts';

const holder: Holder = { who: 'ana', operation: 'deploy', since: 'now', host: 'h', pid: 1, startTime: '1', bootId: 'b' };
const begun: ReleaseEvent = { type: 'begun', operation: 'deploy', who: 'ana' };

function stored(...events: readonly object[]): Memory {
  const memory = createMemory();
  memory.events.push(...events.map((event) => ({ at: '2026-01-01T00:00:00.000Z', ...event }) as unknown as StoreEvent));
  return memory;
}

afterEach(() => void vi.useRealTimers());

describe('a journal that this version cannot follow', () => {
  it.each([
    ['an event', { type: 'teleported' }, 'an event "teleported"'],
    ['a step that is done', { type: 'done', step: 'teleport' }, '"done" of a step "teleport"'],
    ['a step that failed', { type: 'failed', step: 'teleport', code: 'GR9999', message: '' }, '"failed" of a step "teleport"'],
  ])('is refused when a later version has written %s', async (_, event, text) => {
    const store = memoryStore({ memory: stored(begun, event) });
    const error = { code: 'GL4014', message: expect.stringContaining(text) as string, where: 'event 2 of 2 in the journal' };
    await expect(readEvents(store)).rejects.toMatchObject(error);
    await expect(openJournal(store, await store.lock(holder))).rejects.toMatchObject(error);
  });

  it('is refused with the place when its events contradict each other', async () => {
    const store = memoryStore({ memory: stored(begun, { type: 'done', step: 'lock' }, { type: 'done', step: 'shift' }) });
    await expect(readEvents(store)).rejects.toMatchObject({
      code: 'GR1009',
      message: expect.stringContaining('done shift is not expected while running guard') as string,
      where: 'event 3 of 3 in the journal',
      fix: expect.stringContaining('backup') as string,
      lines: [expect.stringContaining('begun'), expect.stringContaining('done lock'), expect.stringContaining('done shift')],
      state: 'what runs is left alone',
    });
  });
});

describe('an event whose writing was not answered', () => {
  let fault: ((operation: string) => Fault | undefined) | undefined;
  async function open(memory: Memory): Promise<OpenJournal> {
    fault = undefined;
    const store = memoryStore({ memory, fault: (operation) => fault?.(operation) });
    return openJournal(store, await store.lock(holder));
  }

  it('counts when reading shows that it is there', async () => {
    const memory = stored();
    const journal = await open(memory);
    fault = (operation) => (operation === 'append' ? 'unanswered' : undefined);
    await journal.add(begun);
    await journal.add({ type: 'done', step: 'lock' });
    expect(journal.state()).toMatchObject({ phase: 'running', step: 'guard' });
    expect(memory.events).toHaveLength(2);
  });

  it('does not count when it is not there', async () => {
    const journal = await open(stored());
    fault = (operation) => (operation === 'append' ? 'refused' : undefined);
    await expect(journal.add(begun)).rejects.toMatchObject({ code: 'GX2001' });
    expect(journal.doubt()).toBeUndefined();
    fault = undefined;
    await journal.add(begun);
    expect(journal.events()).toHaveLength(1);
  });

  it.each(['unanswered', 'refused'] as const)('is in doubt until the journal can be read (%s)', async (kind) => {
    const memory = stored();
    const journal = await open(memory);
    fault = (operation) => (operation === 'append' ? kind : 'refused');
    await expect(journal.add(begun)).rejects.toMatchObject({ code: kind === 'refused' ? 'GX2001' : 'GX2004' });
    expect(journal.doubt()).toMatchObject({ phase: 'running', step: 'lock' });
    await expect(journal.add(begun)).rejects.toMatchObject({ code: 'GX2001' });
    fault = undefined;
    await journal.clearDoubt();
    expect(journal.doubt()).toBeUndefined();
    expect(journal.state().phase).toBe(kind === 'refused' ? 'idle' : 'running');
    if (kind === 'refused') await journal.add(begun);
    await journal.add({ type: 'done', step: 'lock' });
    expect(memory.events.map(({ type }) => type)).toEqual(['begun', 'done']);
  });
});

describe('time', () => {
  it('may jump: what came first stays first', async () => {
    vi.useFakeTimers({ now: new Date('2036-01-01T00:00:00Z'), toFake: ['Date'] });
    const store = memoryStore();
    const journal = await openJournal(store, await store.lock(holder));
    await journal.add(begun);
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
    for (const step of steps.slice(0, 3)) await journal.add({ type: 'done', step });
    const events = await readEvents(store);
    expect(events.map(({ at }) => at.slice(0, 4))).toEqual(['2036', '2026', '2026', '2026']);
    expect(events.map((event) => ('step' in event ? event.step : event.type))).toEqual(['begun', 'lock', 'guard', 'build']);
  });
});
