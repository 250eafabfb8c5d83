/** `npm run bench [NAME...] [-- --write]`: runs bench/NAME/bench.mjs, one after the other; without names, all of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('-'));
const wanted = words.filter((word) => !word.startsWith('-'));
const known = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'bench.mjs')));
const unknown = wanted.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : known) {
    const { status } = spawnSync(process.execPath, [join(folder, name, 'bench.mjs'), ...flags], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
