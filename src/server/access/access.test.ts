import type * as Crypto from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccess, idleMs } from './access.ts';

const compared = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof Crypto>();
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    compared.count++;
    return crypto.timingSafeEqual(a, b);
  };
  return { ...crypto, timingSafeEqual };
});

let time = 0;
let access = createAccess(() => time);

beforeEach(() => {
  time = 0;
  access = createAccess(() => time);
});

function session(): string {
  return access.exchange(access.launchWord()) ?? 'none';
}

describe('the word of a link', () => {
  it('has 256 bits and is another one each time', () => {
    const words = Array.from({ length: 10 }, () => access.launchWord());
    for (const word of words) expect(word).toMatch(/^[\w-]{43}$/);
    expect(new Set(words).size).toBe(10);
  });

  it('is good once, however late', () => {
    const word = access.launchWord();
    time = 100 * idleMs;
    expect(access.isLaunchWord(word)).toBe(true);
    expect(access.exchange(word)).toMatch(/^[\w-]{43}$/);
    expect(access.isLaunchWord(word)).toBe(false);
    expect(access.exchange(word)).toBeUndefined();
  });

  it('is one of sixteen', () => {
    const words = Array.from({ length: 17 }, () => access.launchWord());
    expect(words.map((word) => access.isLaunchWord(word))).toEqual([false, ...Array.from({ length: 16 }, () => true)]);
  });

  it('is no token', () => {
    expect(access.use(access.launchWord())).toBeUndefined();
  });
});

describe('a token', () => {
  it('names its session', () => {
    const [one, other] = [session(), session()];
    expect(access.use(one)).toBe(access.use(one));
    expect(access.use(one)).not.toBe(access.use(other));
  });

  it('is good for as long as it is used', () => {
    const token = session();
    for (let hours = 0; hours < 100; hours += 11) {
      time = hours * 3_600_000;
      expect(access.use(token)).toBeDefined();
    }
    time += idleMs;
    expect(access.use(token)).toBeDefined();
    time += idleMs + 1;
    expect(access.use(token)).toBeUndefined();
  });

  it('is one of 64; the one that was used longest ago ends', () => {
    const tokens = Array.from({ length: 64 }, () => (time++, session()));
    time++;
    access.use(tokens[0] as string);
    const newest = session();
    expect(access.use(tokens[1] as string)).toBeUndefined();
    for (const token of [tokens[0] as string, ...tokens.slice(2), newest]) expect(access.use(token)).toBeDefined();
  });

  it.each(['', 'x', 'null', 'undefined'])('is not "%s"', (token) => {
    session();
    expect(access.use(token)).toBeUndefined();
  });
});

it('compares with every session in constant time, whatever is asked', () => {
  const tokens = Array.from({ length: 5 }, session);
  for (const token of [...tokens, 'wrong', '', 'x'.repeat(10_000)]) {
    compared.count = 0;
    access.use(token);
    expect(compared.count).toBe(5);
  }
});
