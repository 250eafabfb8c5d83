import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(root, 'node_modules/.gantry-reporter-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs vitest by itself on one file, as the launcher does, and gives what the reporter wrote. */
function reportOf(source: string): unknown {
  const file = join(folder, 'sample.test.ts');
  const report = join(mkdtempSync(join(tmpdir(), 'gantry-report-')), 'report.json');
  writeFileSync(file, source);
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `export default { test: { include: ['*.test.ts'], reporters: [${JSON.stringify(join(root, 'test/tools/reporter.ts'))}] } };`,
  );
  spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    env: { ...process.env, GANTRY_TEST_REPORT: report },
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

it('counts, and says why a test was skipped: the suite, the test itself, or nobody', { timeout: 30_000 }, () => {
  const report = reportOf(`
    import { describe, expect, it } from 'vitest';
    it('passes', () => expect(1).toBe(1));
    it('fails', () => expect(1).toBe(2));
    it('decides late', (context) => context.skip('needs the moon'));
    it.skip('is silent', () => {});
    describe('suite', { skip: true, meta: { reason: 'needs the sun' } }, () => { describe('inner', () => { it('is skipped', () => {}); }); });
  `);
  expect(report).toEqual({
    passed: 1,
    failed: 1,
    skipped: [
      { name: 'sample.test.ts > decides late', reason: 'needs the moon' },
      { name: 'sample.test.ts > is silent', reason: 'no reason given' },
      { name: 'sample.test.ts > suite > inner > is skipped', reason: 'needs the sun' },
    ],
  });
});

it('counts a file that cannot be loaded, and hooks that fail', { timeout: 30_000 }, () => {
  expect(reportOf("import './nowhere.ts';")).toEqual({ passed: 0, failed: 1, skipped: [] });
  const hooks =
    "import { beforeAll, describe, it } from 'vitest'; describe('s', () => { beforeAll(() => { throw new Error('no'); }); it('t', () => {}); });";
  expect(reportOf(hooks)).toMatchObject({ passed: 0, failed: 1 });
});
