/** schema/*.json, docs/app-file.md and the compiled validators, all from schemas in src/. `--check` writes nothing and fails when one is stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './lib/schema-files.ts';

const checkOnly = process.argv.includes('--check');

for (const [file, content] of Object.entries(await generatedFiles())) {
  const path = join(process.cwd(), file);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (checkOnly) {
    console.error(`${file} is stale: run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
