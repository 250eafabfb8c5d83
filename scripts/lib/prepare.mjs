/** Brings a clone to where Gantry can run: dependencies as locked, dist/ as the sources are. A warm one costs a hash over the sources. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from './exclusive.mjs';
import { isBuilt } from './inputs.mjs';
import { install, isInstalled, runQuietly } from './install.mjs';
import { say, step } from './progress.mjs';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Ends the process with a message when something fails. */
export async function prepare() {
  if (isInstalled(root) && isBuilt(root)) return;
  try {
    await exclusively(root, waiting, installAndBuild);
  } catch (error) {
    console.error(`\n${error.message}\n\nNothing was started. Mend that, then run the same command again.`);
    process.exit(1);
  }
}

/** Checked again under the lock: whoever held it before may have done the work. */
async function installAndBuild() {
  if (!isInstalled(root)) await step('installing', '(first time, and when dependencies change)', () => install(root));
  if (!isBuilt(root)) await step('building', '', () => runQuietly([process.execPath, join(root, 'scripts/build.mjs')], root, process.env));
}

function waiting(pid) {
  say('waiting', `for another start in this folder to install and build (process ${pid})`);
}
