/** What a build depends on, as one hash: the launchers build only when it differs from the one that dist/ was made from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['src', 'bin'];
const files = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs', 'scripts/lib/inputs.mjs'];

/** SHA-256, hex, over the names and contents of everything that ends in dist/. */
export function inputsHash(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of [...folders.flatMap((folder) => sources(root, folder)), ...files]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** The manifest of the last build, or undefined. */
export function readManifest(root) {
  const file = join(root, 'dist', 'manifest.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function isBuilt(root) {
  return readManifest(root)?.inputs === inputsHash(root);
}

function sources(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

function isSource(name) {
  return /\.(ts|js|cjs|mjs|json|sql)$/.test(name) && !name.endsWith('.test.ts');
}
