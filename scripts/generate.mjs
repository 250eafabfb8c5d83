/** Writes every file that is made from the code; `--check` writes nothing and fails when one is stale. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/prepare.mjs';
import { runTs } from './lib/run-ts.mjs';

const generators = ['scripts/generate.ts', 'scripts/generate-docs.ts'].filter((file) => existsSync(join(root, file)));
for (const file of generators) {
  const exitCode = await runTs(root, file, process.argv.slice(2));
  if (exitCode !== 0) process.exitCode = exitCode;
}
