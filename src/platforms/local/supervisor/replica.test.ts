import { afterEach, expect, it, vi } from 'vitest';
import { identifySelf } from '../../../exec/identity.ts';
import type { Clock } from './clock.ts';
import { freePort } from './free-port.ts';
import { listenersOf } from './listening.ts';
import { Replica } from './replica.ts';
import { eventually, service } from './testing/kit.ts';

vi.mock('./listening.ts', async (original) => ({ ...(await original<object>()), listenersOf: vi.fn<() => []>(() => []) }));

let replica: Replica | undefined;
afterEach(() => replica?.forget());

/** Ten times as fast as the wall. */
const fast: Clock = {
  now: () => performance.now() * 10,
  date: () => new Date(),
  after(ms, run) {
    const timer = setTimeout(run, ms / 10);
    return { cancel: () => clearTimeout(timer) };
  },
};

it('does not look through the whole machine at every probe of a program that listens nowhere', async () => {
  const health = { path: '/health', intervalMs: 100, timeoutMs: 200, startupMs: 60_000, rise: 1, fall: 2 };
  const settings = { probe: 'http', live: false, rise: 1, fall: 2, startupMs: 60_000, drainMs: 100, graceMs: 100 } as const;
  const [id, release] = ['web-aaaa-1', 'aaaa00000000'];
  replica = new Replica(
    { id, service: service('web', 'c1', { health }), release, ordinal: 1, settings, restarts: 0 },
    {
      clock: fast,
      launch: async () => Promise.reject(new Error('not here')),
      drain: async () => {},
      changed: () => {},
      say: () => {},
      random: () => 0,
    },
  );
  const begun = fast.now();
  const port = await freePort(new Set());
  const identity = await identifySelf();
  replica.adopt({
    id,
    service: 'web',
    release,
    ordinal: 1,
    port,
    identity,
    phase: 'starting',
    restarts: 0,
    since: new Date().toISOString(),
  });
  await eventually(async () => (fast.now() - begun > 6000 ? true : undefined), 'six seconds of its clock');
  const looks = vi.mocked(listenersOf).mock.calls.length;
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThanOrEqual(1 + (fast.now() - begun) / 2000);
});
