/** The small parts of the log book: whose a log is, which lines are kept and found, and how they are told. */
import { describe, expect, it } from 'vitest';
import type { App } from '../../app/model.ts';
import type { LogEntry } from '../api/index.ts';
import type { WatchClock } from '../watch/clock.ts';
import { Batches } from './batches.ts';
import { KeptLines } from './kept-lines.ts';
import { ownerOf } from './owner.ts';

function entry(id: number, own: Partial<LogEntry> = {}): LogEntry {
  return { id, source: 'web-3f9a-1', service: 'web', replica: 'web-3f9a-1', stream: 'stdout', text: `line ${id}`, ...own };
}

describe('whose a log is', () => {
  const app = {
    services: Object.fromEntries(['web', 'web-admin', 'job', 'autoscaler'].map((name) => [name, {}])),
    resources: { db: {}, 'web-9999-1': {} },
  } as unknown as App;

  it.each([
    ['web-3f9a-1', 'web', 'web-3f9a-1'],
    ['web-3f9a1c2d4e5f-12', 'web', 'web-3f9a1c2d4e5f-12'],
    ['web-admin-3f9a-1', 'web-admin', 'web-admin-3f9a-1'],
    ['job-web-3f9a1c2d4e5f', 'web', null],
    ['job-web-123456789012', 'web', null],
    ['job-web-admin-3f9a1c2d4e5f', 'web-admin', null],
    ['job-3f9a-1', 'job', 'job-3f9a-1'],
    ['autoscaler-3f9a-1', 'autoscaler', 'autoscaler-3f9a-1'],
    ['autoscaler-web', null, null],
    ['db', null, null],
    ['web-9999-1', null, null],
    ['supervisor', null, null],
    ['ingress', null, null],
    ['gone-long-ago-3f9a-2', 'gone-long-ago', 'gone-long-ago-3f9a-2'],
    ['job-gone-3f9a1c2d4e5f', 'gone', null],
  ])('%s', (source, service, replica) => {
    expect(ownerOf(source, app)).toEqual({ service, replica });
  });
});

describe('lines that are kept', () => {
  const filled = (count: number, limits = { lines: 1000, bytes: 1e9 }): KeptLines => {
    const kept = new KeptLines(limits);
    for (let id = 1; id <= count; id += 1) kept.push(entry(id));
    return kept;
  };
  const ids = (lines: readonly LogEntry[]): number[] => lines.map(({ id }) => id);

  it('are the newest, by number and by size', async () => {
    const kept = filled(5000);
    expect(kept.size).toBe(1000);
    expect(ids((await kept.find({ tail: 100_000 }, 5000)).lines)).toEqual(Array.from({ length: 1000 }, (_none, at) => 4001 + at));
    const small = filled(5000, { lines: 1000, bytes: 10_000 });
    expect(small.size).toBe(Math.floor(10_000 / (200 + 2 * 'line 5000'.length)));
    small.push(entry(5001, { text: 'x'.repeat(10_000) }));
    expect(small.size).toBe(0);
    small.push(entry(5002));
    expect(ids((await small.find({ tail: 10 }, 5002)).lines)).toEqual([5002]);
  });

  it('are given in pages that follow each other', async () => {
    const kept = filled(10);
    expect(await kept.find({ tail: 4 }, 10)).toEqual({ lines: [7, 8, 9, 10].map((id) => entry(id)), more: true });
    expect(await kept.find({ tail: 4, before: 7 }, 10)).toMatchObject({ more: true, lines: [{ id: 3 }, { id: 4 }, { id: 5 }, { id: 6 }] });
    expect(await kept.find({ tail: 4, before: 3 }, 10)).toMatchObject({ more: false, lines: [{ id: 1 }, { id: 2 }] });
    expect(await kept.find({ tail: 10 }, 10)).toMatchObject({ more: false });
    expect(await kept.find({ tail: 4, before: 1 }, 10)).toEqual({ lines: [], more: false });
    expect(await kept.find({ tail: 4, before: 0 }, 10)).toEqual({ lines: [], more: false });
    expect(await new KeptLines({ lines: 1, bytes: 1 }).find({ tail: 4 }, 0)).toEqual({ lines: [], more: false });
  });

  it('are found by service, replica and text, whatever its case and its special characters', async () => {
    const kept = new KeptLines({ lines: 100, bytes: 1e6 });
    kept.push(entry(1, { text: 'Error (E.1) in [a|b] C:\\x $5 ^ {} / - ÄÖ' }));
    kept.push(entry(2, { source: 'db', service: null, replica: null, text: 'error E-1' }));
    kept.push(entry(3, { source: 'job-web-3f9a', replica: null }));
    const found = async (query: object): Promise<number[]> => ids((await kept.find({ tail: 10, ...query }, 3)).lines);
    expect(await found({ contains: 'ERROR' })).toEqual([1, 2]);
    expect(await found({ contains: '(e.1) IN [A|B] c:\\X $5 ^ {} / - äö' })).toEqual([1]);
    expect(await found({ contains: '' })).toEqual([1, 2, 3]);
    expect(await found({ contains: 'e.1' })).toEqual([1]);
    expect(await found({ service: 'web' })).toEqual([1, 3]);
    expect(await found({ service: 'db' })).toEqual([2]);
    expect(await found({ replica: 'web-3f9a-1' })).toEqual([1]);
    expect(await found({ replica: 'job-web-3f9a' })).toEqual([3]);
    expect(await kept.find({ tail: 1, contains: 'error' }, 3)).toMatchObject({ lines: [{ id: 2 }], more: true });
    expect(kept.sources).toEqual(['db', 'job-web-3f9a', 'web-3f9a-1']);
  });

  it('are searched without keeping others waiting, also while they are pushed out', async () => {
    const kept = filled(100_000, { lines: 100_000, bytes: 1e9 });
    let turns = 0;
    let isSearching = true;
    const other = (): void => {
      turns += 1;
      for (let at = 0; at < 1000; at += 1) kept.push(entry(100_000 + turns * 1000 - 999 + at));
      if (isSearching) setImmediate(other);
    };
    setImmediate(other);
    const { lines, more } = await kept.find({ tail: 100_000, contains: 'line' }, 100_000);
    isSearching = false;
    expect(turns).toBeGreaterThan(10);
    expect(more).toBe(false);
    expect(lines.at(-1)?.id).toBe(100_000);
    expect(ids(lines)).toEqual(Array.from({ length: lines.length }, (_none, at) => 100_001 - lines.length + at));
  });

  it('forget sources that have no lines any more', () => {
    const kept = new KeptLines({ lines: 2, bytes: 1e6 });
    for (const [at, source] of ['a', 'b', 'b'].entries()) kept.push(entry(at + 1, { source }));
    expect(kept.sources).toEqual(['b']);
    expect(kept.after(2, 10).map(({ id }) => id)).toEqual([3]);
    expect(kept.after(0, 1).map(({ id }) => id)).toEqual([3]);
    kept.clear();
    expect([kept.sources, kept.after(0, 10)]).toEqual([[], []]);
  });
});

describe('lines that are told', () => {
  /** Runs what is due when the time is moved. */
  function handClock(): WatchClock & { move(ms: number): void } {
    let now = 0;
    let timers: { at: number; run: () => void }[] = [];
    return {
      now: () => now,
      epoch: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => (timers = timers.filter((one) => one !== timer));
      },
      move(ms) {
        now += ms;
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.filter(({ at }) => at > now);
        for (const { run } of due) run();
      },
    };
  }
  function told(): { batches: Batches; clock: ReturnType<typeof handClock>; all: { ids: number[]; skipped: number }[] } {
    const clock = handClock();
    const all: { ids: number[]; skipped: number }[] = [];
    const batches = new Batches(clock, (lines, skipped) => all.push({ ids: lines.map(({ id }) => id), skipped }));
    return { batches, clock, all };
  }

  it('wait for others for 100 ms, but not when there are 500', () => {
    const { batches, clock, all } = told();
    batches.add(entry(1));
    clock.move(60);
    batches.add(entry(2));
    expect(all).toEqual([]);
    clock.move(40);
    expect(all).toEqual([{ ids: [1, 2], skipped: 0 }]);
    for (let id = 3; id <= 1002; id += 1) batches.add(entry(id));
    expect(all.map(({ ids }) => ids.length)).toEqual([2, 500, 500]);
    clock.move(1000);
    expect(all).toHaveLength(3);
  });

  it('are the newest of a flood, and none is missing uncounted', () => {
    const { batches, clock, all } = told();
    const perTick = 10_000;
    for (let tick = 0; tick < 20; tick += 1) {
      for (let at = 1; at <= perTick; at += 1) batches.add(entry(tick * perTick + at));
      clock.move(100);
      expect(all.at(-1)?.ids.at(-1)).toBe((tick + 1) * perTick);
    }
    const lines = all.reduce((sum, { ids }) => sum + ids.length, 0);
    expect(lines + all.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(20 * perTick);
    expect(lines).toBeLessThanOrEqual(2 * 10_000);
    for (const { ids } of all) expect(ids.length).toBeLessThanOrEqual(500);
    const flat = all.flatMap(({ ids }) => ids);
    expect(flat.toSorted((a, b) => a - b)).toEqual(flat);
  });

  it('are not many megabytes at once', () => {
    const { batches, clock, all } = told();
    const text = 'x'.repeat(16_384);
    for (let id = 1; id <= 2000; id += 1) batches.add(entry(id, { text }));
    clock.move(100);
    for (const { ids } of all) expect(ids.length).toBeLessThanOrEqual(32);
    expect(all.reduce((sum, { ids, skipped }) => sum + ids.length + skipped, 0)).toBe(2000);
  });

  it('are told with what was left out, also when there are none', () => {
    const { batches, clock, all } = told();
    batches.skip(7);
    clock.move(100);
    expect(all).toEqual([{ ids: [], skipped: 7 }]);
    batches.add(entry(1));
    batches.clear();
    clock.move(1000);
    expect(all).toHaveLength(1);
    batches.add(entry(2));
    batches.flush();
    expect(all.at(-1)).toEqual({ ids: [2], skipped: 0 });
  });
});
