import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crashMatrix } from '../../evidence/crash/matrix.ts';
import { requires } from '../tools/requires.ts';

const points = 100;

/** `npm run evidence -- crash` draws other points. */
const seed = 4;

requires('strace')('a supervisor that is killed at any instant of a deploy', () => {
  it(`leaves the old release or the new one, and no user notices (${points} points)`, async () => {
    const keep = mkdtempSync(join(tmpdir(), 'gantry-crash-kept-'));
    const result = await crashMatrix({ size: 'sample', points, seed, keep, log: () => {} });
    expect(result.violations, `traces and states are in ${keep}`).toEqual([]);
    expect(result).toMatchObject({ points, fired: points, failedRequests: 0 });
    expect(result.requests).toBeGreaterThan(points);
    rmSync(keep, { recursive: true });
  });
});
