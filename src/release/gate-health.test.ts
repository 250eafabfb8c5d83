import { describe, expect, it } from 'vitest';
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

  it('sees every replica once, also of a service that only the next set has', () => {
    const shown = { pid: 1, port: 1, set: 'live', since: '', inFlight: 0, release: 'r1', restarts: 0 } as const;
    const service = { kind: 'web', desired: 1, pinned: false, ready: 1, degraded: false } as const;
    const replicas = [
      { ...shown, id: 'a', state: 'ready' },
      { ...shown, id: 'b', state: 'stopping' },
      { ...shown, id: 'c', release: 'r2', state: 'failed', detail: 'exit 1' },
    ] as const;
    const fresh = { ...shown, id: 'd', release: 'r2', state: 'waiting', restarts: 2 } as const;
    const next = {
      release: 'r2',
      services: [
        { ...service, name: 'web', replicas: [replicas[2]] },
        { ...service, name: 'worker', replicas: [fresh] },
      ],
    };
    const seen = seenReplicas({ services: [{ ...service, name: 'web', replicas }], next });
    expect(seen.map(({ id, service, ready, failed, restarts }) => ({ id, service, ready, failed, restarts }))).toEqual([
      { id: 'a', service: 'web', ready: true, failed: false, restarts: 0 },
      { id: 'c', service: 'web', ready: false, failed: true, restarts: 0 },
      { id: 'd', service: 'worker', ready: false, failed: false, restarts: 2 },
    ]);
  });
});
