import { describe, expect, it } from 'vitest';
import { pick, setFor, type Candidate } from './balance.ts';

function candidate(inFlight: number, more: Partial<Candidate> = {}): Candidate {
  return { draining: false, inFlight, ejectedUntil: 0, ...more };
}

describe('pick', () => {
  it('takes the least busy', () => {
    const busy = candidate(3);
    const calm = candidate(1);
    expect([0, 1, 2].map((turn) => pick([busy, calm, candidate(2)], turn, 0))).toEqual([calm, calm, calm]);
  });

  it('takes turns among equals', () => {
    const all = [candidate(0), candidate(0), candidate(0)];
    expect([0, 1, 2, 3].map((turn) => all.indexOf(pick(all, turn, 0) as Candidate))).toEqual([0, 1, 2, 0]);
  });

  it('skips those that drain, and says so when nobody is left', () => {
    const draining = candidate(0, { draining: true });
    const busy = candidate(9);
    expect(pick([draining, busy], 0, 0)).toBe(busy);
    expect(pick([draining], 0, 0)).toBeUndefined();
    expect(pick([], 0, 0)).toBeUndefined();
  });

  it('takes an ejected one only if no other can take the request', () => {
    const ejected = candidate(0, { ejectedUntil: 100 });
    const busy = candidate(9);
    expect(pick([ejected, busy], 0, 50)).toBe(busy);
    expect(pick([ejected, busy], 0, 150)).toBe(ejected);
    expect(pick([ejected], 0, 50)).toBe(ejected);
  });

  it('gives a request to the one that just failed it only as a last resort', () => {
    const failed = candidate(0);
    const ejected = candidate(5, { ejectedUntil: 100 });
    expect(pick([failed, ejected], 0, 50, failed)).toBe(ejected);
    expect(pick([failed], 0, 50, failed)).toBe(failed);
  });
});

it('draws sets by share', () => {
  const next = Array.from({ length: 100 }, (_, drawn) => setFor(30, drawn)).filter((set) => set === 'next');
  expect(next).toHaveLength(30);
  expect([setFor(0, 0), setFor(100, 99.9)]).toEqual(['live', 'next']);
});
