import { describe, expect, it } from 'vitest';
import { kindsOf, Tally, type Seen } from './meter-tally.ts';

const time = new Date(0);
const good = (at: number, ms = 1): Seen => ({ at, ms, path: '/', failure: undefined, time });
const bad = (at: number, failure: string): Seen => ({ at, ms: 1, path: '/', failure, time });

function tallied(seen: readonly Seen[], end: number, baseline: readonly number[] = []): ReturnType<Tally['result']> {
  const tally = new Tally(baseline, 0);
  for (const one of seen.filter(({ at }) => at <= end)) tally.add(one);
  tally.close(end);
  for (const one of seen.filter(({ at }) => at > end)) tally.add(one);
  return tally.result();
}

describe('figures so far', () => {
  it('are those of the end when nothing comes any more, with what is missing as a gap', () => {
    const tally = new Tally(
      Array.from({ length: 30 }, () => 5),
      0,
    );
    for (let at = 20; at <= 2_000; at += 20) tally.add({ at, ms: 7, path: '/', failure: undefined, time: new Date() });
    expect(tally.soFar(2_020)).toEqual({ requests: 100, failed: 0, failures: {}, p99DeltaMs: 2, longestGapMs: 20 });
    tally.add({ at: 2_021, ms: 1, path: '/', failure: '502', time: new Date() });
    expect(tally.soFar(2_500)).toMatchObject({ requests: 101, failed: 1, failures: { 502: 1 }, longestGapMs: 500 });
    tally.close(2_500);
    expect(tally.soFar(9_000)).toEqual(tally.result());
  });

  it('stay cheap after an hour', () => {
    const tally = new Tally(
      Array.from({ length: 30 }, () => 5),
      0,
    );
    for (let number = 0; number < 180_000; number += 1)
      tally.add({ at: number, ms: (number * 7919) % 100, path: '/', failure: undefined, time: new Date(0) });
    const first = tally.soFar(180_000);
    const startedAt = performance.now();
    for (let turn = 0; turn < 100; turn += 1) tally.soFar(180_000 + turn);
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(first.p99DeltaMs).toBe(tally.result().p99DeltaMs);
  });
});

describe('the tally of the meter', () => {
  it('counts failures by kind', () => {
    const result = tallied([good(10), bad(20, '502'), bad(30, 'ECONNRESET'), bad(40, '502'), good(50)], 60);
    expect(result).toMatchObject({ requests: 5, failed: 3, failures: { '502': 2, ECONNRESET: 1 } });
  });

  it('finds the longest gap between good answers, whatever lies between them', () => {
    expect(tallied([good(10), good(30), bad(50, '502'), bad(70, '502'), good(95), good(110)], 120).longestGapMs).toBe(65);
  });

  it('counts what is missing at the beginning and at the end as a gap', () => {
    expect(tallied([good(80), good(90)], 100).longestGapMs).toBe(80);
    expect(tallied([good(10), good(20)], 500).longestGapMs).toBe(480);
    expect(tallied([], 300)).toMatchObject({ requests: 0, failed: 0, longestGapMs: 300 });
  });

  it('counts an answer that comes after the end, but no gap before it: nobody asked in between', () => {
    expect(tallied([good(10), good(20), good(900)], 30)).toMatchObject({ requests: 3, longestGapMs: 10 });
  });

  it('compares the 99th percentile only when both sides have enough answers', () => {
    const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
    const during = times(30, 9).map((ms, index) => good(index, ms));
    expect(tallied(during, 30, times(30, 4)).p99DeltaMs).toBe(5);
    expect(tallied(during, 30, times(19, 4)).p99DeltaMs).toBeNull();
    expect(tallied(during.slice(0, 19), 30, times(30, 4)).p99DeltaMs).toBeNull();
  });

  it('names kinds with their numbers', () => {
    const failures = ['502', '502', 'timeout'].map((failure, at) => ({ ...bad(at, failure), failure }));
    expect(kindsOf(failures)).toBe('2 x 502, 1 x timeout');
  });
});
