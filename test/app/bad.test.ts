/**
 * Bad files: each has a golden of the whole message and a twin to which the stated fix was applied, which must pass.
 * A person who reads only the message can mend the file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatIssues } from '../../src/app/issue.ts';
import { loadApp } from '../../src/app/load.ts';

const folder = new URL('bad/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('.fixed.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length))
  .toSorted();

const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));

describe('bad app files', () => {
  it.each(cases)('%s', async (name) => {
    const loaded = await loadApp({ path: 'gantry.yaml', text: read(`${name}.yaml`) });
    if (!('issues' in loaded)) throw new Error('it was accepted');
    await expect(`${formatIssues(loaded.issues)}\n`).toMatchFileSnapshot(new URL(`${name}.txt`, folder).pathname);
  });

  it.each(cases)('%s, fixed as the message says', async (name) => {
    const loaded = await loadApp({ path: 'gantry.yaml', text: read(`${name}.fixed.yaml`) });
    expect('issues' in loaded ? formatIssues(loaded.issues) : 'passes').toBe('passes');
  });
});
