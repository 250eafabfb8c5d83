import { describe, expect, it } from 'vitest';
import { isBuilt } from '../../test/rig/gantry.ts';
import { badReleases, handful } from './bad-releases.ts';
import { kinds } from './kinds.ts';

describe.skipIf(!isBuilt() || process.platform !== 'linux')('bad releases', () => {
  it('of a handful of kinds never reach more users than the canary may, and leave the old release serving', async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const result = await badReleases({ kinds: handful(seed, 5), seed, log: (line) => console.log(line) });
    expect({ seed, problems: result.kinds.flatMap(({ kind, problems }) => problems.map((problem) => `${kind}: ${problem}`)) }).toEqual({
      seed,
      problems: [],
    });
    expect(result.kinds).toHaveLength(5);
  });

  it('are of fifty kinds at least, each with a name of its own', () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length);
    expect(kinds.filter(({ reach }) => reach !== 'accepted' && reach !== 'unsure').length).toBeGreaterThanOrEqual(50);
  });
});
