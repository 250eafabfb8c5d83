import { describe, expect, it } from 'vitest';
import { isBuilt } from '../../test/rig/gantry.ts';
import { journalDamage } from './damage.ts';

describe.skipIf(!isBuilt() || process.platform !== 'linux')('the journal of several releases', () => {
  it('cut off or with a flipped bit at every byte is healed by its copy, and refused when both are damaged', async () => {
    const { counts, problems } = await journalDamage({ releases: 3, stride: 1, log: (line) => console.log(line) });
    expect(problems).toEqual([]);
    for (const [name, { offsets, healed, refused, shorter, empty, wrong }] of Object.entries(counts)) {
      expect({ name, shorter, empty, wrong }).toEqual({ name, shorter: 0, empty: 0, wrong: 0 });
      expect(healed + refused).toBe(offsets);
      if (!name.includes('both')) expect(refused).toBe(0);
    }
  });
});
