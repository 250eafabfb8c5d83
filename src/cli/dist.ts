/** Where the built programs lie: beside this one. */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export function distDir(program: string = process.argv[1] ?? ''): string {
  const folder = dirname(realpathSync(program));
  return basename(folder) === 'bin' ? join(dirname(folder), 'dist') : folder;
}

/** Files of a build that have no digest of their content in their names. */
const unnamed = ['supervisor.cjs', 'ingress.cjs', 'preload.cjs'];

/** Digest of the built programs: tells two builds of the same version apart. What an earlier build left in the folder does not count. */
export function buildDigest(folder: string = distDir()): string {
  const hash = createHash('sha256');
  const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { readonly files: readonly string[] };
  hash.update(JSON.stringify(files.toSorted()));
  for (const name of unnamed) hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
