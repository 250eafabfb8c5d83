import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { noteDate, serverNow } from './clock.ts';

const now = Date.parse('2026-11-12T10:00:00.400Z');
const dayMs = 86_400_000;
const header = (at: number): string => new Date(at).toUTCString();

beforeEach(() => {
  vi.useFakeTimers({ now });
  noteDate(header(now), now);
});

afterEach(() => {
  vi.useRealTimers();
});

it("tells the server's time to a browser whose clock is days off, either way", () => {
  for (const off of [-3 * dayMs, 3 * dayMs]) {
    noteDate(header(now + off), now);
    expect(Math.abs(serverNow() - (now + off))).toBeLessThanOrEqual(500);
  }
});

it('takes clocks that are nearly the same for the same', () => {
  noteDate(header(now - 2000), now);
  expect(serverNow()).toBe(now);
});

it.each([
  ['no date', null, now],
  ['a date that is none', 'soon', now],
  ['an answer that took a minute', header(now - dayMs), now - 60_000],
])('learns nothing from %s', (_what, date, askedAt) => {
  noteDate(date, askedAt);
  expect(serverNow()).toBe(now);
});
