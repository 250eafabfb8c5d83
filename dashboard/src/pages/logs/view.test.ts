import { describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../../../src/server/api/index.ts';
import { levels } from './line.ts';
import {
  answer,
  literalMatcher,
  patternMatcher,
  patternProblem,
  type Matcher,
  type PatternAnswer,
  type PatternRequest,
} from './matcher.ts';
import { LogRing } from './ring.ts';
import { View, type Filter } from './view.ts';

const all: Filter = { level: levels.none, stream: undefined, onlyMatches: true };

function line(id: number): LogEntry {
  const text = id % 10 === 0 ? `ERROR number ${id}` : `INFO number ${id}`;
  return { id, source: 's', service: null, replica: null, stream: id % 2 === 0 ? 'stdout' : 'stderr', text };
}

const lines = (from: number, to: number): LogEntry[] => Array.from({ length: to - from }, (_, index) => line(from + index));

function ringOf(from: number, to: number, capacity = 100_000): LogRing {
  const ring = new LogRing(capacity);
  ring.append(lines(from, to));
  return ring;
}

async function viewOf(ring: LogRing, filter: Partial<Filter>, matcher?: Matcher): Promise<View> {
  let done: () => void = () => {};
  const scanned = new Promise<void>((resolve) => (done = resolve));
  const view = new View(ring, { ...all, ...filter }, matcher, () => done());
  view.update();
  if (view.isScanning) await scanned;
  return view;
}

function ids(view: View, ring: LogRing): number[] {
  return Array.from({ length: view.length }, (_, index) => ring.id(view.at(index) ?? -1));
}

describe('View', () => {
  it('is the ring itself when nothing is left out', async () => {
    const ring = ringOf(1, 6);
    const view = await viewOf(ring, {});
    expect(ids(view, ring)).toEqual([1, 2, 3, 4, 5]);
    expect([view.at(5), view.indexFrom(-3), view.indexFrom(2), view.indexFrom(99)]).toEqual([undefined, 0, 2, 5]);
  });

  it('filters by level, by stream and by text', async () => {
    const ring = ringOf(1, 41);
    expect(ids(await viewOf(ring, { level: levels.error }), ring)).toEqual([10, 20, 30, 40]);
    expect((await viewOf(ring, { stream: 'stderr' })).length).toBe(20);
    expect(ids(await viewOf(ring, { level: levels.error }, literalMatcher('NUMBER 3')), ring)).toEqual([30]);
  });

  it('keeps what is between the matches when that is wanted', async () => {
    const ring = ringOf(1, 41);
    const view = await viewOf(ring, { onlyMatches: false }, literalMatcher('error'));
    expect([view.length, view.hits.length]).toEqual([40, 4]);
    const filtered = await viewOf(ring, { onlyMatches: false, stream: 'stdout' }, literalMatcher('number 1'));
    expect([filtered.length, filtered.hits.length]).toEqual([20, 5]);
  });

  it('goes on with what comes at both ends, and forgets what goes', async () => {
    const ring = ringOf(100, 131, 50);
    const view = await viewOf(ring, { level: levels.error });
    ring.prepend(lines(85, 100));
    view.update();
    expect(ids(view, ring)).toEqual([90, 100, 110, 120, 130]);
    ring.append(lines(131, 151));
    view.update();
    expect(ids(view, ring)).toEqual([110, 120, 130, 140, 150]);
    expect(view.isScanning).toBe(false);
  });

  it('says where lines are missing in every selection but of matches', async () => {
    const ring = ringOf(1, 3);
    ring.skip(5);
    expect((await viewOf(ring, { level: levels.error })).length).toBe(1);
    expect((await viewOf(ring, { level: levels.error }, literalMatcher('x'))).length).toBe(0);
  });

  it('looks at 100,000 lines in slices, and loses none that comes meanwhile', async () => {
    const ring = ringOf(0, 99_000);
    let pauses = 0;
    const view = new View(
      ring,
      all,
      literalMatcher('number 98'),
      () => {},
      async () => {
        if (++pauses === 1) {
          ring.append(lines(99_000, 102_000));
          view.update();
        }
        await new Promise((resolve) => setImmediate(resolve));
      },
    );
    view.update();
    await vi.waitFor(() => expect(view.isScanning).toBe(false), 10_000);
    expect(view.length).toBe(lines(2_000, 102_000).filter(({ text }) => text.includes('number 98')).length);
    expect(ring.id(view.at(0) ?? -1)).toBe(9_800);
  });
});

/** Answers in the same process, after a turn of the loop. */
class FakeWorker {
  #listener: (event: { data: PatternAnswer }) => void = () => {};
  isEnded = false;
  readonly #isDeaf: boolean;

  constructor(isDeaf = false) {
    this.#isDeaf = isDeaf;
  }

  postMessage(request: PatternRequest): void {
    if (!this.#isDeaf) setImmediate(() => !this.isEnded && this.#listener({ data: answer(request) }));
  }

  addEventListener(_type: 'message', listener: (event: { data: PatternAnswer }) => void): void {
    this.#listener = listener;
  }

  terminate(): void {
    this.isEnded = true;
  }
}

describe('matchers', () => {
  it('takes text as it is', () => {
    const matcher = literalMatcher('a.b[');
    expect(matcher.test(['xA.B[x', 'axb['])).toEqual(Uint8Array.of(1, 0));
    expect(matcher.ranges('a.b[ A.b[')).toEqual([
      [0, 4],
      [5, 9],
    ]);
    expect(literalMatcher('-/(){}|^$*+?\\').test(['-/(){}|^$*+?\\'])).toEqual(Uint8Array.of(1));
    expect(literalMatcher('é').ranges('İ É')).toEqual([[2, 3]]);
  });

  it('says why something is no regular expression', () => {
    expect(patternProblem('a(b')).toMatch(/^Not a regular expression: /u);
    expect(patternProblem('a|b')).toBeUndefined();
  });

  it('runs a pattern elsewhere, and marks it once it is known', async () => {
    const onRanges = vi.fn<() => void>();
    const matcher = patternMatcher(String.raw`n\w+ 30|x*`, () => new FakeWorker(), { onRanges, onTooSlow: () => {} });
    expect(await matcher.test(['number 30', 'y'])).toEqual(Uint8Array.of(1, 1));
    expect(matcher.ranges('a number 30')).toEqual([]);
    await vi.waitFor(() => expect(onRanges).toHaveBeenCalledOnce());
    expect(matcher.ranges('a number 30')).toEqual([[2, 11]]);
  });

  it('gives up a pattern that does not come back, and the search goes on without it', async () => {
    const worker = new FakeWorker(true);
    const onTooSlow = vi.fn<() => void>();
    const matcher = patternMatcher('(a+)+$', () => worker, { onRanges: () => {}, onTooSlow });
    const view = await viewOf(ringOf(1, 10), {}, matcher);
    expect([worker.isEnded, onTooSlow.mock.calls.length, view.length]).toEqual([true, 1, 0]);
  });
});
