/** Blobs of a folder store: one file each, named by its digest. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asDiskError, makeFolders, writeDurably } from '../exec/files.ts';
import { GantryError } from '../errors.ts';

export async function putBlob(folder: string, blob: Uint8Array): Promise<string> {
  const digest = digestOf(blob);
  const file = fileOf(folder, digest);
  if (await holds(file, digest)) return digest;
  try {
    await makeFolders(dirname(file), 0o700);
    await writeDurably(file, blob);
  } catch (error) {
    throw await asDiskError(error, file);
  }
  return digest;
}

export async function getBlob(folder: string, digest: string): Promise<Uint8Array> {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new GantryError('GL4015', `"${digest}" is not a digest`);
  const file = fileOf(folder, digest);
  const blob = await readFile(file).catch(async (error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new GantryError('GL4015', `${file} is missing`, { where: file }) : await asDiskError(error, file);
  });
  if (digestOf(blob) !== digest) throw new GantryError('GL4015', `the content of ${file} does not match its digest`, { where: file });
  return blob;
}

/** Removes every blob whose digest is not among the kept ones. */
export async function pruneBlobs(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const files = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const gone = files.map((path) => path.slice(3)).filter((name) => /^[0-9a-f]{64}$/.test(name) && !kept.has(name));
  for (const digest of gone) await rm(fileOf(folder, digest), { force: true });
}

function fileOf(folder: string, digest: string): string {
  return join(folder, digest.slice(0, 2), digest);
}

export function digestOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('hex');
}

async function holds(file: string, digest: string): Promise<boolean> {
  return readFile(file).then(
    (blob) => digestOf(blob) === digest,
    () => false,
  );
}
