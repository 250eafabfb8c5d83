/** Files that survive a crash, and disk errors in words. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GantryError, isGantryError, type ErrorCode } from '../errors.ts';

export interface DurableOptions {
  /** Permission bits of a new file, whatever the umask says; default 0600. */
  readonly mode?: number;
}

/**
 * Replaces a file as one step: after a crash at any instant it has either the old content or the new.
 * @throws GantryError GX2001 (disk full), GX2002 (read-only), GX2003 (not allowed), GX2004 (disk error)
 */
export async function writeDurably(file: string, data: string | Uint8Array, options: DurableOptions = {}): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeSynced(temporary, data, options.mode ?? 0o600);
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw await asDiskError(error, file);
  }
}

/** A name beside the file that no other writer uses. */
export function temporaryName(file: string): string {
  return join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
}

/** Creates a file that must not exist yet, with its content on the disk when this returns. */
export async function writeSynced(file: string, data: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and those above it. Unlike `mkdir` with `recursive`, it tells a read-only file system from a missing folder.
 * @throws GantryError GX2001 (disk full), GX2002 (read-only), GX2003 (not allowed), GX2004 (disk error)
 */
export async function makeFolders(folder: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw await asDiskError(error, folder);
    await makeFolders(dirname(folder), mode);
    await mkdir(folder, { mode }).catch(async (again: unknown) => Promise.reject(await asDiskError(again, folder)));
  }
}

/** Makes names in a folder durable: without it a rename may be undone by a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const diskCodes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'GX2001',
  EDQUOT: 'GX2001',
  EROFS: 'GX2002',
  EACCES: 'GX2003',
  EPERM: 'GX2003',
  EIO: 'GX2004',
};

/** An error of the file system as a GantryError that names the path and its mount; anything else comes back as it is. */
export async function asDiskError(error: unknown, path: string): Promise<unknown> {
  const { code: system = '', path: named, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const code = diskCodes[system];
  if (isGantryError(error) || code === undefined) return error;
  const written = code === 'GX2001' || code === 'GX2002' ? dest : undefined;
  const where = written ?? named ?? path;
  return new GantryError(code, await sentence(code, where), { where, cause: error });
}

async function sentence(code: ErrorCode, path: string): Promise<string> {
  const mount = await mountOf(path);
  if (code === 'GX2001') return `no space left on ${mount}: ${await space(mount)}`;
  if (code === 'GX2002') return `${mount} is mounted read-only`;
  if (code === 'GX2004') return `the disk under ${mount} reports an error`;
  return `user ${process.getuid?.() ?? '?'} may not write or read ${path}`;
}

/** The folder at which the file system of a path is mounted. The path itself need not exist. */
export async function mountOf(path: string): Promise<string> {
  let at = resolve(path);
  let device: number | undefined;
  for (;;) {
    const parent = dirname(at);
    device ??= await deviceOf(at);
    const above = parent === at ? undefined : await deviceOf(parent);
    if (parent === at || (device !== undefined && above !== undefined && above !== device)) return at;
    at = parent;
  }
}

async function deviceOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

async function space(mount: string): Promise<string> {
  const figures = await statfs(mount).catch(() => undefined);
  if (figures === undefined) return 'its free space is unknown';
  const free = Math.round((figures.bavail * figures.bsize) / 2 ** 20);
  return `${free} MB free, ${figures.ffree} files can still be made`;
}
