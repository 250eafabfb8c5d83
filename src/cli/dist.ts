/** Where the built programs lie: beside this one. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export function distDir(program: string = process.argv[1] ?? ''): string {
  const folder = dirname(realpathSync(program));
  return basename(folder) === 'bin' ? join(dirname(folder), 'dist') : folder;
}

/** Digest of the built programs: tells two builds of the same version apart. */
export function buildDigest(folder: string = distDir()): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.cjs'))
    .toSorted())
    hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
