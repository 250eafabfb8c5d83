/**
 * `npm start`: needs nothing but Node and npm, and runs Taskly in the foreground. Words after `--` go to `gantry up`.
 * package.json starts it with `exec`, without a shell between npm and this process: a signal that is sent to npm arrives here.
 */
import './lib/node-version.mjs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, root } from './lib/prepare.mjs';

await prepare();
process.chdir(join(root, 'apps', 'taskly'));
// In this process, not in a child: signals, terminal and exit code are those of `gantry up` itself.
process.argv = [process.execPath, join(root, 'bin', 'gantry.cjs'), 'up', ...process.argv.slice(2)];
createRequire(import.meta.url)('../bin/gantry.cjs');
