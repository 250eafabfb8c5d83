/** Copying a scanned folder. */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './address.ts';
import { forEachAtOnce } from './pool.ts';

/** Copies the entries from one folder to another, which must exist and be empty. Folders stay writable for `prepare`. */
export async function copyEntries(entries: readonly Entry[], from: string, to: string): Promise<void> {
  const folders = entries.filter(({ kind }) => kind === 'folder').toSorted((a, b) => a.path.length - b.path.length);
  for (const { path, mode } of folders) {
    await mkdir(join(to, path));
    await chmod(join(to, path), mode | 0o700);
  }
  const others = entries.filter(({ kind }) => kind !== 'folder');
  await forEachAtOnce(8, others, async (entry) => copyEntry(entry, from, to));
}

async function copyEntry({ path, kind, mode, content }: Entry, from: string, to: string): Promise<void> {
  const target = join(to, path);
  if (kind === 'link') return symlink(content, target);
  await copyFile(join(from, path), target, constants.COPYFILE_FICLONE);
  await chmod(target, mode | 0o200);
}

/** Whether a copy, scanned, is what was to be copied; folders and files may have got write permission for their owner. */
export function isFaithful(source: readonly Entry[], copy: readonly Entry[]): boolean {
  const key = ({ path, kind, content }: Entry): string => JSON.stringify([path, kind, content]);
  const copied = new Set(copy.map(key));
  return source.length === copy.length && source.every((entry) => copied.has(key(entry)));
}
