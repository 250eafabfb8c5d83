import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../../src/server/api/index.ts';
import { levels } from './line.ts';
import { Places } from './places.ts';
import { LogRing } from './ring.ts';

function line(id: number, text = `line ${id}`, more: Partial<LogEntry> = {}): LogEntry {
  return { id, source: 'backend-3f9a-1', service: 'backend', replica: 'backend-3f9a-1', stream: 'stdout', text, ...more };
}

const lines = (from: number, to: number): LogEntry[] => Array.from({ length: to - from }, (_, index) => line(from + index));

function ids(ring: LogRing): number[] {
  return Array.from({ length: ring.length }, (_, index) => ring.id(ring.first + index));
}

describe('LogRing', () => {
  it('keeps the newest, and every row its place', () => {
    const ring = new LogRing(4);
    ring.append(lines(1, 4));
    expect([ring.first, ring.end]).toEqual([0, 3]);
    ring.append(lines(4, 8));
    expect(ids(ring)).toEqual([4, 5, 6, 7]);
    expect([ring.first, ring.end]).toEqual([3, 7]);
    expect(ring.row(5)).toMatchObject({ place: 5, id: 6, text: 'line 6', source: { name: 'backend-3f9a-1', service: 'backend' } });
    expect(ring.placeOf(6)).toBe(5);
    expect(ring.placeOf(3)).toBeUndefined();
  });

  it('takes a line once', () => {
    const ring = new LogRing(10);
    ring.append(lines(1, 4));
    ring.append(lines(2, 6));
    expect(ids(ring)).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes older lines in front, as far as there is room, without moving others', () => {
    const ring = new LogRing(6);
    ring.append(lines(10, 13));
    expect(ring.prepend(lines(4, 11))).toBe(3);
    expect(ids(ring)).toEqual([7, 8, 9, 10, 11, 12]);
    expect(ring.first).toBe(-3);
    expect(ring.row(0).id).toBe(10);
    expect(ring.prepend(lines(1, 7))).toBe(0);
    ring.append(lines(13, 15));
    expect(ids(ring)).toEqual([9, 10, 11, 12, 13, 14]);
  });

  it('closes a gap with what was fetched again', () => {
    const ring = new LogRing(20);
    ring.append(lines(1, 4));
    ring.skip(3);
    ring.append(lines(7, 9));
    expect(ids(ring)).toEqual([1, 2, 3, 3.5, 7, 8]);
    const { epoch } = ring;
    ring.merge(lines(2, 11));
    expect(ids(ring)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(ring.epoch).toBe(epoch + 1);
    ring.merge(lines(0, 11));
    expect(ids(ring)[0]).toBe(0);
    expect(ring.epoch).toBe(epoch + 1);
  });

  it('says how many lines are missing', () => {
    const ring = new LogRing(20);
    ring.skip(4);
    ring.skip(3);
    ring.append([line(1)]);
    expect(ring.row(0)).toMatchObject({ skipped: 7, text: '', source: { name: '' } });
    expect(ring.isSkip(1)).toBe(false);
  });

  it('reads level and time of a line', () => {
    const ring = new LogRing(20);
    ring.append([
      line(1, '{"level":50,"time":1763746585123,"msg":"x"}', { at: '2025-01-01T00:00:00Z' }),
      line(2, 'plain', { at: '2025-01-01T00:00:00Z', characters: 1_000_000, stream: 'stderr' }),
      line(3, '\u001b[33mWARN\u001b[0m slow'),
      line(4, '    at main.js:3'),
      line(5, '    at main.js:3', { source: 'db' }),
    ]);
    expect([0, 1, 2, 3, 4].map((place) => ring.level(place))).toEqual([levels.error, 0, levels.warn, levels.warn, 0]);
    expect(ring.row(0).at).toBe(1763746585123);
    expect(ring.row(1)).toMatchObject({ at: Date.parse('2025-01-01T00:00:00Z'), characters: 1_000_000, stream: 'stderr' });
    expect(ring.row(2)).toMatchObject({ at: Number.NaN, text: 'WARN slow', raw: '\u001b[33mWARN\u001b[0m slow' });
  });

  it('finds the last line before a moment', () => {
    const ring = new LogRing(20);
    ring.append([line(1, 'a', { at: '2026-01-01T00:00:00Z' }), line(2), line(3, 'b', { at: '2026-01-01T00:00:09Z' })]);
    const at = (time: string): number | undefined => ring.lastBefore(Date.parse(time));
    expect([at('2025-01-01T00:00:00Z'), at('2026-01-01T00:00:05Z'), at('2026-02-01T00:00:00Z')]).toEqual([undefined, 0, 2]);
  });

  it('can be emptied', () => {
    const ring = new LogRing(5);
    ring.append(lines(1, 9));
    ring.clear();
    expect([ring.length, ring.newestId, ring.oldestId]).toEqual([0, undefined, undefined]);
    ring.append(lines(1, 3));
    expect(ids(ring)).toEqual([1, 2]);
  });
});

describe('Places', () => {
  it('grows at both ends and shrinks in front', () => {
    const places = new Places();
    for (const place of [5, 7, 9]) places.push(place);
    places.prepend([-2, 1]);
    expect(Array.from({ length: places.length }, (_, index) => places.at(index))).toEqual([-2, 1, 5, 7, 9]);
    places.dropBefore(6);
    expect([places.length, places.at(0), places.at(2)]).toEqual([2, 7, undefined]);
    expect([places.indexFrom(0), places.indexFrom(8), places.indexFrom(9), places.indexFrom(10)]).toEqual([0, 1, 1, 2]);
  });

  it('gives memory back', () => {
    const places = new Places();
    for (let place = 0; place < 40_000; place++) places.push(place);
    places.dropBefore(39_999);
    expect([places.length, places.at(0)]).toEqual([1, 39_999]);
  });
});
