/** What a build depends on, as one hash: the launchers build only when it differs from the one that dist/ was made from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const shared = ['package-lock.json', 'scripts/build.mjs', 'scripts/lib/inputs.mjs', 'scripts/lib/pages.mjs'];

/** SHA-256, hex, over the names and contents of everything that ends in dist/. */
export function inputsHash(root) {
  return hashOf(root, ['src', 'bin', 'dashboard'], [...shared, 'package.json', 'tsconfig.json']);
}

/** SHA-256, hex, over what the dashboard's pages are made of. Of src/ they import types alone, which leave nothing. */
export function pagesHash(root) {
  return hashOf(root, ['dashboard'], shared);
}

function hashOf(root, folders, files) {
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
    .filter((entry) => entry.isFile() && isSource(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

function isSource(name) {
  return /\.(tsx?|js|cjs|mjs|json|sql|css|html|svg)$/.test(name) && !/\.test\.tsx?$/.test(name);
}
