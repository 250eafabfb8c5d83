/** How long the command line takes to start, to check Taskly, and to compile large apps, as ratios to an empty Node program. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurns, quietEnvironment } from '../lib/measure.mjs';
import { report } from '../lib/table.mjs';
import { largeApp } from './large-app.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const node = process.execPath;
const gantry = join(root, 'bin', 'gantry.cjs');
const sizes = [100, 500, 1000];

const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
try {
  measure();
} finally {
  rmSync(folder, { recursive: true });
}

function measure() {
  for (const size of sizes) writeApp(size);
  const env = quietEnvironment(folder);
  const check = (name, cwd) => ({ name, argv: [node, gantry, 'check', 'local'], cwd });
  const times = inTurns(
    [
      { name: 'empty', argv: [node, '-e', ''] },
      { name: 'help', argv: [node, gantry, '--help'] },
      check('taskly', join(root, 'apps', 'taskly')),
      ...sizes.map((size) => check(`${size}`, appFolder(size))),
    ],
    rounds,
    env,
  );
  const ratio = (name) => times.get(name).median / times.get('empty').median;
  const perService = (from, to) => (times.get(`${to}`).min - times.get(`${from}`).min) / (to - from);
  const growth = perService(500, 1000) / perService(100, 500);
  const memory = peakMegabytes(appFolder(1000), env);
  report('Command line', `Median wall time of ${rounds} interleaved runs, divided by that of \`node -e ''\`.`, [
    atMost('`gantry --help`', ratio('help'), 1.3, 'x'),
    atMost('`gantry check` of Taskly', ratio('taskly'), 2, 'x'),
    atMost('`gantry check`, which compiles, of 100 services', ratio('100'), 3, 'x'),
    atMost('of 1,000 services', ratio('1000'), 6, 'x'),
    atMost('peak memory with 1,000 services', memory, 150, ' MB'),
    atMost('time per service beyond 500, to that below 500', growth, 1.5, 'x'),
  ]);
}

function atMost(name, value, bar, unit) {
  const shown = unit === 'x' ? `${value.toFixed(2)}x` : `${Math.round(value)}${unit}`;
  return { name, value: shown, bar: `<= ${bar}${unit}`, ok: value <= bar };
}

function appFolder(size) {
  return join(folder, `app-${size}`);
}

function writeApp(size) {
  const { yaml, folders } = largeApp(size);
  for (const name of folders) mkdirSync(join(appFolder(size), name), { recursive: true });
  writeFileSync(join(appFolder(size), 'gantry.yaml'), yaml);
}

/** Measured in a run of its own, from inside: the highest resident size until the end. */
function peakMegabytes(cwd, env) {
  const { stdout, status, stderr } = spawnSync(node, ['--require', join(here, 'peak.cjs'), gantry, 'check', 'local'], {
    cwd,
    env,
    encoding: 'utf8',
  });
  const found = /PEAK (\d+)/.exec(stderr);
  if (status !== 0 || found === null) throw new Error(`no peak: ${stdout}${stderr}`);
  return Number(found[1]) / 1024;
}
