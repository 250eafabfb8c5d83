import { describe, expect, it } from 'vitest';
import type { Metrics, Status } from '../platforms/platform.ts';
import { HealthWatch, seenReplicas, type SeenReplica } from './gate-health.ts';

const replica = (more: Partial<SeenReplica> = {}): SeenReplica => ({
  id: 'web-2-1',
  service: 'web',
  release: 'r2',
  ready: true,
  failed: false,
  restarts: 0,
  detail: '',
  ...more,
});
const old = (more: Partial<SeenReplica> = {}): SeenReplica => replica({ id: 'web-1-1', release: 'r1', ...more });
const down = (restarts: number, detail: string): SeenReplica => replica({ ready: false, restarts, detail });

/** Looks at 200 ms each; gives the first problem. */
function watched(looks: readonly (readonly SeenReplica[])[], before: readonly SeenReplica[] = [replica(), old()]): string | undefined {
  const watch = new HealthWatch('r2', before);
  for (const [index, seen] of looks.entries()) {
    const found = watch.look(seen, index * 200);
    if (found !== undefined) return found.message;
  }
  return undefined;
}

describe('the health of the next set', () => {
  it('is fine while everything is ready', () => {
    expect(
      watched([
        [replica(), old()],
        [replica(), old()],
      ]),
    ).toBeUndefined();
  });

  it('is bad when a process ends by itself, seen or not', () => {
    expect(watched([[down(1, 'exit 1')]])).toBe('web-2-1 ended while users were on it (exit 1)');
    expect(watched([[replica({ restarts: 1 })]])).toBe('web-2-1 ended while users were on it');
  });

  it('is bad at once in a crash loop', () => {
    expect(watched([[replica({ ready: false, failed: true, detail: 'exit 7' })]])).toBe('web-2-1 does not stay up (exit 7)');
  });

  it('is no worse than the live set when that ends as often', () => {
    expect(watched([[old({ ready: false, restarts: 1, detail: 'exit 1' })], [down(1, 'exit 1'), old({ restarts: 1 })]])).toBeUndefined();
  });

  it('bears that somebody kills a process, but not again and again', () => {
    const killed = (times: number): SeenReplica[][] => [[down(times, 'SIGKILL')], [replica({ restarts: times })]];
    expect(watched([...killed(1), ...killed(2)])).toBeUndefined();
    expect(watched([...killed(1), ...killed(2), ...killed(3)])).toBe('3 processes of the next set were ended (SIGKILL)');
  });

  it('bears one stumble, not two', () => {
    const stumble = [[down(0, '/health answered 500')], [replica()]];
    expect(watched(stumble)).toBeUndefined();
    expect(watched([...stumble, ...stumble])).toBe('web-2-1 lost its readiness again and again (/health answered 500)');
  });

  it('is bad when a service has no ready replica for two seconds', () => {
    const looks = Array.from({ length: 11 }, () => [down(0, '/health answered 500')]);
    expect(watched(looks.slice(0, 10))).toBeUndefined();
    expect(watched(looks)).toBe('no replica of web is ready (/health answered 500)');
    expect(watched(looks.map((seen) => [...seen, replica({ id: 'web-2-2' })]))).toBeUndefined();
  });

  it('does not blame what was not ready yet: a replica that was added meanwhile', () => {
    const added = replica({ id: 'web-2-2', ready: false });
    expect(
      watched([
        [replica(), added],
        [replica(), added],
      ]),
    ).toBeUndefined();
    const watch = new HealthWatch('r2', [replica()]);
    watch.look([replica(), added], 0);
    expect(watch.fallen([replica(), added])).toBeUndefined();
    expect(watch.fallen([down(0, 'x'), added])?.message).toBe('web-2-1 was ready, and is not ready again (x)');
  });

  it('sees what the status shows, and those of services that only the next set has', () => {
    const shown = { pid: 1, port: 1, set: 'live', since: '', inFlight: 0, release: 'r1', restarts: 0 } as const;
    const services = [
      {
        name: 'web',
        replicas: [
          { ...shown, id: 'a', state: 'ready' },
          { ...shown, id: 'b', state: 'stopping' },
          { ...shown, id: 'c', state: 'failed', detail: 'exit 1' },
        ],
      },
    ];
    const replicas = ['a', 'b', 'd'].map((id) => ({ id, service: 'new', release: 'r2', set: 'next', ready: true, restarts: 2 }));
    const seen = seenReplicas({ services } as unknown as Status, { replicas } as unknown as Metrics);
    expect(seen.map(({ id, ready, failed, restarts }) => ({ id, ready, failed, restarts }))).toEqual([
      { id: 'a', ready: true, failed: false, restarts: 0 },
      { id: 'c', ready: false, failed: true, restarts: 0 },
      { id: 'd', ready: true, failed: false, restarts: 2 },
    ]);
  });
});
