/** Where the built programs lie: beside this one. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export function distDir(program: string = process.argv[1] ?? ''): string {
  const folder = dirname(realpathSync(program));
  return basename(folder) === 'bin' ? join(dirname(folder), 'dist') : folder;
}
