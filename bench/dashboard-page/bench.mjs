/**
 * How quickly the pages of the dashboard answer in a real browser: first paint with a warm cache, and interaction to next paint with 200
 * replicas at 4 updates a second and with 100 log lines a second. Needs Chromium and built pages. BENCH_TIMES: interactions on each page.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runTs } from '../../scripts/lib/run-ts.mjs';
import { report } from '../lib/table.mjs';

const root = dirname(dirname(import.meta.dirname));
// The program that measures is bundled elsewhere, where a path beside its source leads to nothing.
process.env.GANTRY_TEST_PAGES ??= join(root, 'dist', 'dashboard');
const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
const file = join(folder, 'measured.json');

try {
  const exitCode = await runTs(root, 'bench/dashboard-page/entry.ts', [file]);
  if (exitCode === 0) print(JSON.parse(readFileSync(file, 'utf8')));
  else process.exitCode = exitCode;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {{ reason?: string, paint: number, first: number, overview: number[], logs: number[] }} measured milliseconds, bytes */
function print({ reason, paint, first, overview, logs }) {
  if (reason) return console.log(`${reason}: nothing measured`);
  const rows = [
    row('first page, compressed', first / 1024, 250, 'KB'),
    row('first paint, warm', paint, 1000, 'ms'),
    row(`interaction to next paint, 200 replicas, worst of ${overview.length}`, Math.max(...overview), 100, 'ms'),
    row(`interaction to next paint, 100 log lines/s, worst of ${logs.length}`, Math.max(...logs), 100, 'ms'),
  ];
  report('Dashboard pages', 'The pages in headless Chromium against a server in memory; software rendering.', rows);
}

function row(name, value, most, unit) {
  return { name, value: `${Math.round(value)} ${unit}`, bar: `<= ${most} ${unit}`, ok: value <= most };
}
