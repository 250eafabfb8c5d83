/** `npm run check`: all that CI runs except the slow rings. Every step runs, so that one run shows everything that is wrong. */
import './lib/node-version.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runQuietly } from './lib/install.mjs';
import { prepare, root } from './lib/prepare.mjs';
import { say, step } from './lib/progress.mjs';

const linted = ['src', 'test', 'scripts', 'bench', 'evidence', 'bin', 'dashboard', 'vitest.config.ts'];
const env = { ...process.env, GANTRY_TEST_RINGS: 'unit', NO_COLOR: '1' };

await prepare();
const failures = [];
await check('types', tool('tsc', '--noEmit', '-p', '.'));
await check('types', tool('tsc', '--noEmit', '-p', 'dashboard'), 'dashboard');
for (const folder of appProjects()) {
  if (isInstalled(folder)) await check('types', tool('tsc', '--noEmit', '-p', folder), folder);
  else say('types', `         ${folder} (skipped: its dependencies are not installed)`);
}
await check('lint', tool('oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives', ...linted));
await check('lint', tool('oxlint', '--deny-warnings', '--report-unused-disable-directives', 'apps'), 'apps');
await check('format', tool('oxfmt', '--check', '.'));
await check('dead code', tool('knip', '--no-progress'));
await check('generated files', [process.execPath, 'scripts/generate.mjs', '--check']);
await check('unit tests', tool('vitest', 'run'));
for (const { name, message } of failures) console.error(`\n${name}\n${message}`);
if (failures.length > 0) console.error(`\n${failures.length} failed: ${failures.map(({ name }) => name).join(', ')}`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function check(name, argv, note = '') {
  try {
    await step(name, note, () => runQuietly(argv, root, env, Infinity));
  } catch (error) {
    failures.push({ name, message: error.message });
  }
}

function tool(name, ...args) {
  return [join(root, 'node_modules', '.bin', name), ...args];
}

/** A project's dependencies lie in its own folder or in the one above. */
function isInstalled(folder) {
  return [folder, dirname(folder)].some((at) => existsSync(join(root, at, 'node_modules')));
}

/** The apps are customers' projects with dependencies of their own. */
function appProjects() {
  return readdirSync(join(root, 'apps'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)tsconfig\.json$/.test(file) && !/node_modules|\.gantry/.test(file))
    .map((file) => join('apps', dirname(file)));
}
