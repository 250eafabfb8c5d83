import { describe, expect, it } from 'vitest';
import { racers } from '../../evidence/racers/racers.ts';
import { isBuilt } from '../rig/gantry.ts';

describe.skipIf(!isBuilt() || process.platform !== 'linux')('racing deploys', () => {
  it('are one at a time; the others are told who is at work, and a killed holder is taken over', async () => {
    const result = await racers({ count: 100, atOnce: 20, log: (line) => console.log(line) });
    console.log(JSON.stringify(result));
    expect(result).toMatchObject({ ran: 1, told: 99, other: [], takeover: { commandIsRight: true, overlapping: 0 } });
    expect(['old', 'new']).toContain(result.takeover.ended);
    expect(result.attempts).toMatchObject({ told: result.attempts.count });
  });
});
