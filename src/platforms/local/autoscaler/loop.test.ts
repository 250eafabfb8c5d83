import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScalingDecision } from '../../platform.ts';
import { systemClock } from '../supervisor/clock.ts';
import { startLoop } from './loop.ts';
import type { Reading } from './reading.ts';
import { defaultSettings } from './settings.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const minute = 60_000;
const busy: Reading = {
  cores: 8,
  committed: 1,
  operating: false,
  services: [
    {
      name: 'web',
      scale: { min: 1, max: 9, concurrency: 5 },
      count: 1,
      cost: 0.5,
      pinned: false,
      replicas: [{ key: 'web-1', ready: true, limit: 0.5, cpuSeconds: 0, inFlight: 12 }],
    },
  ],
};

describe('the loop', () => {
  it('hands on what was decided, with the time', async () => {
    const decided: ScalingDecision[] = [];
    const loop = startLoop({
      clock: systemClock,
      settings: defaultSettings,
      read: async () => busy,
      carryOut: (all) => decided.push(...all),
    });
    await vi.advanceTimersByTimeAsync(minute);
    loop.stop();
    const reason = '12 requests in flight per replica, target 5';
    expect(decided[0]).toEqual({ at: expect.stringMatching(/^\d{4}-.*Z$/) as string, service: 'web', from: 1, to: 3, reason });
  });

  it('goes on after a reading that failed, never reads twice at once, and does nothing once it was stopped', async () => {
    const decided: ScalingDecision[] = [];
    let reading = 0;
    let most = 0;
    let calls = 0;
    const read = async (): Promise<Reading> => {
      reading += 1;
      calls += 1;
      most = Math.max(most, reading);
      await new Promise((resolve) => setTimeout(resolve, calls === 2 ? minute : 10));
      reading -= 1;
      if (calls === 1) throw new Error('no numbers');
      return busy;
    };
    const loop = startLoop({ clock: systemClock, settings: defaultSettings, read, carryOut: (all) => decided.push(...all) });
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(most).toBe(1);
    expect(decided).toMatchObject([{ to: 3 }, { to: 3 }]);
    const before = calls;
    loop.stop();
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(calls).toBe(before);
    expect(decided).toHaveLength(2);
  });

  it('keeps what it has seen while there is nothing to read', async () => {
    const decided: ScalingDecision[] = [];
    let calls = 0;
    const read = async (): Promise<Reading | undefined> => ((calls += 1) % 2 === 0 ? undefined : busy);
    const loop = startLoop({ clock: systemClock, settings: defaultSettings, read, carryOut: (all) => decided.push(...all) });
    await vi.advanceTimersByTimeAsync(minute);
    loop.stop();
    expect(decided[0]).toMatchObject({ from: 1, to: 3 });
  });
});
