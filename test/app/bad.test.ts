/**
 * Bad files: each has a golden of the whole message and a twin to which the stated fix was applied, which must pass.
 * A person who reads only the message can mend the file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatIssues, type Issue } from '../../src/app/issue.ts';
import { loadApp, loadEnvironment } from '../../src/app/load.ts';
import { targets } from '../../src/targets/index.ts';

type Result = { readonly issues: readonly Issue[] } | object;

function goldens(folder: URL, load: (text: Uint8Array) => Promise<Result>): void {
  const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));
  const cases = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.fixed.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .toSorted();

  it.each(cases)('%s', async (name) => {
    const loaded = await load(read(`${name}.yaml`));
    if (!('issues' in loaded)) throw new Error('it was accepted');
    await expect(`${formatIssues(loaded.issues)}\n`).toMatchFileSnapshot(new URL(`${name}.txt`, folder).pathname);
  });

  it.each(cases)('%s, fixed as the message says', async (name) => {
    const loaded = await load(read(`${name}.fixed.yaml`));
    expect('issues' in loaded ? formatIssues(loaded.issues) : 'passes').toBe('passes');
  });
}

describe('bad app files', () => {
  goldens(new URL('bad/', import.meta.url), (text) => loadApp({ path: 'gantry.yaml', text }));
});

describe('bad environments', () => {
  goldens(new URL('bad-environments/', import.meta.url), async (text) => {
    const app = await loadApp({ path: 'gantry.yaml', text: readFileSync(new URL('bad/unknown-key-service.fixed.yaml', import.meta.url)) });
    if ('issues' in app) throw new Error(formatIssues(app.issues));
    return loadEnvironment({ path: 'environments/production.yaml', text }, app.app, targets);
  });
});
