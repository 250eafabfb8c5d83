/** Room on a disk, and what would be copied to it. Loaded only when something is about to be built. */
import { lstat, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GuardContext } from '../guard.ts';
import { folderOf } from './files.ts';

const never = new Set(['node_modules', '.git', '.gantry', '__pycache__', '.venv', 'venv']);
/** Beyond so many the sum is a lower bound, which is enough. */
const mostEntries = 20_000;

/** Free bytes of the disk on which a folder lies, or will lie; undefined where it does not say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  if (found !== undefined) return found.bavail * found.bsize;
  return folder === dirname(folder) ? undefined : freeBytes(dirname(folder));
}

/** Bytes in the folders of the services, without what is made anew; what cannot be read counts as nothing. */
export async function contentSize(context: GuardContext): Promise<number> {
  const services = Object.values(context.app.services).filter(({ image }) => image === undefined);
  const folders = [...new Set(services.map(folderOf))];
  const isInner = (folder: string): boolean =>
    folders.some((other) => other !== folder && (other === '' || folder.startsWith(`${other}/`)));
  const left = { entries: mostEntries };
  let sum = 0;
  for (const folder of folders.filter((one) => !isInner(one))) sum += await sizeOf(join(context.folder, folder), left);
  return sum;
}

async function sizeOf(folder: string, left: { entries: number }): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    if ((left.entries -= 1) < 0) return sum;
    if (never.has(entry.name)) continue;
    if (entry.isDirectory()) sum += await sizeOf(join(folder, entry.name), left);
    else if (entry.isFile()) sum += (await lstat(join(folder, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return sum;
}
