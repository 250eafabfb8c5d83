/** `npm test`: needs nothing but Node and npm, and runs vitest. Words after `--` go to vitest. The last line is the result. */
import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './lib/prepare.mjs';

await prepare();
const folder = mkdtempSync(join(tmpdir(), 'gantry-test-'));
const reportFile = join(folder, 'report.json');
const exitCode = await vitest(process.argv.slice(2), { ...process.env, GANTRY_TEST_REPORT: reportFile });
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
rmSync(folder, { recursive: true });
if (report) printReport(report);
process.exitCode = exitCode === 0 && report?.failed ? 1 : exitCode;

/** Ctrl-C reaches the child through the terminal; it ends by itself, and so do the processes that its tests started. */
async function vitest(words, env) {
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...words], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function printReport({ passed, failed, skipped }) {
  const byReason = groupByReason(skipped);
  for (const [reason, tests] of byReason) {
    console.log(`Skipped ${tests.length}: ${reason}`);
    for (const test of tests) console.log(`  ${test.name}`);
  }
  const rings = process.env.GANTRY_TEST_RINGS ?? 'unit,process,e2e';
  if (rings !== 'all') console.log(`Rings run: ${rings}. Every ring: GANTRY_TEST_RINGS=all npm test`);
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
}

function groupByReason(skipped) {
  const groups = new Map();
  for (const test of skipped) groups.set(test.reason, [...(groups.get(test.reason) ?? []), test]);
  return groups;
}
