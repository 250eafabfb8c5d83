import { describe, expect, it } from 'vitest';
import type { IngressStats, ServiceStats } from '../ingress/table.ts';
import { countedWith, nothingCounted, totals } from './ingress-totals.ts';

function web(requests: number, more: Partial<ServiceStats> = {}): ServiceStats {
  const one = {
    service: 'web',
    set: 'live',
    release: 'r1',
    inFlight: 1,
    byClass: [0, requests],
    cut: 0,
    buckets: [requests, 0],
    retries: 1,
  };
  return { ...one, requests, totalMs: 10, bytes: 5, ...more };
}

function stats(pid: number, requests: number, more: Partial<IngressStats> = {}): IngressStats {
  const replica = { id: 'web-1', service: 'web', inFlight: 1, requests, failures: 0, totalMs: 1, ejected: false };
  const numbers = { requests, inFlight: { 'web-1': 1 }, connections: 2, held: 0, services: [web(requests)], replicas: [replica] };
  return { version: 7, pid, ...numbers, ...more };
}

const roleOf = (release: string): string => (release === 'r1' ? 'live' : 'retired');

describe('numbers of several ingress processes', () => {
  it('are added up, by service, set and release, and by replica', () => {
    const both = totals(
      stats(1, 10),
      [stats(2, 5, { services: [web(5), web(3, { set: 'next', release: 'r2' })] })],
      nothingCounted,
      roleOf,
    );
    expect(both).toMatchObject({ version: 7, pid: 1, requests: 15, inFlight: { 'web-1': 2 }, connections: 4 });
    expect(both.services).toMatchObject([
      { set: 'live', requests: 15, inFlight: 2, byClass: [0, 15], buckets: [15, 0], totalMs: 20, bytes: 10, retries: 2 },
      { set: 'next', release: 'r2', requests: 3 },
    ]);
    expect(both.replicas).toMatchObject([{ id: 'web-1', requests: 15, inFlight: 2 }]);
  });

  it('never fall when one of them has ended', () => {
    const before = totals(stats(1, 10), [stats(2, 5)], nothingCounted, roleOf);
    const past = countedWith(nothingCounted, stats(1, 10), new Set(['r1']));
    const after = totals(stats(2, 6), [], past, roleOf);
    expect([before.requests, after.requests]).toEqual([15, 16]);
    expect(after.services).toMatchObject([{ requests: 16, inFlight: 1 }]);
    expect(after.replicas).toMatchObject([{ requests: 16, inFlight: 1 }]);
  });

  it('say what a release is now, not what it was when they were counted', () => {
    const past = countedWith(nothingCounted, stats(1, 10, { services: [web(10, { release: 'r0' })] }), new Set(['r0']));
    expect(totals(stats(2, 1), [], past, roleOf).services).toMatchObject([
      { release: 'r0', set: 'retired' },
      { release: 'r1', set: 'live' },
    ]);
  });

  it('of releases that are no longer there are forgotten', () => {
    expect(countedWith(nothingCounted, stats(1, 10), new Set(['r2'])).services).toEqual([]);
  });
});
