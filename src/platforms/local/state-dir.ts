/** The `.gantry/` folder of an app and its cache folder: created private, and found again when the app's folder was moved. */
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asDiskError, makeFolders, writeDurably } from '../../exec/files.ts';
import { GantryError } from '../../errors.ts';
import type { Places } from './places.ts';

/** In `.gantry/`: the path of the cache folder. */
export function cacheRecord(places: Places): string {
  return join(places.stateDir, 'cache-folder');
}

/** In the cache folder: the path of the app's folder. */
export function ownerRecord(cacheDir: string): string {
  return join(cacheDir, 'app-folder');
}

/**
 * Makes `.gantry/` (0700, ignored by git from its birth), the cache folder and the log folder, and keeps each one's path in the other.
 * When the app's folder has been moved since, its cache folder moves along, so that no data is left behind.
 * @throws GantryError GL4005 (not a folder of this user), GL4006 (data elsewhere), GX2xxx (disk)
 */
export async function ensureStateDir(places: Places): Promise<void> {
  try {
    await ownFolder(places.stateDir, 0o700);
    await writeMissing(join(places.stateDir, '.gitignore'), '*\n');
    await ownFolder(places.logDir, 0o700);
    if (await isCopy(places)) await forgetWhatRuns(places);
    else await bringCacheAlong(places);
    await cacheFolder(places.cacheDir);
    await writeChanged(ownerRecord(places.cacheDir), `${places.folder}\n`, 0o600);
    await writeChanged(cacheRecord(places), `${places.cacheDir}\n`, 0o600);
  } catch (error) {
    throw await asDiskError(error, places.stateDir);
  }
}

async function ownFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const { uid, mode: present } = await plainFolder(folder);
  if (uid !== (process.getuid?.() ?? uid)) throw new GantryError('GL4005', `${folder} belongs to user ${uid}`, { where: folder });
  if ((present & 0o777) !== mode) await chmod(folder, mode);
}

async function plainFolder(folder: string): Promise<{ uid: number; mode: number }> {
  const found = await lstat(folder);
  if (!found.isDirectory()) throw new GantryError('GL4005', `${folder} is not a folder`, { where: folder });
  return found;
}

/** As root the database server runs as another user, who has to pass through; nothing in here is secret by itself. */
async function cacheFolder(folder: string): Promise<void> {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  const base = dirname(folder);
  if (!existsSync(base)) {
    await makeFolders(base);
    await chmod(base, mode === 0o711 ? 0o755 : 0o700);
  }
  await ownFolder(folder, mode);
}

/** Whether `.gantry/` came here with a copy of the app's folder while the original is still in its place: what it says about processes is the original's. */
export async function isCopy(places: Places): Promise<boolean> {
  const recorded = await readLine(cacheRecord(places));
  if (recorded === undefined || recorded === places.cacheDir) return false;
  const owner = await readLine(ownerRecord(recorded));
  return owner !== undefined && owner !== places.folder && existsSync(owner);
}

/** The processes of the original are not adopted, nor stopped, by the copy. */
async function forgetWhatRuns({ runtimeFile }: Places): Promise<void> {
  await rm(runtimeFile, { force: true });
  await rm(`${runtimeFile}.previous`, { force: true });
}

async function bringCacheAlong(places: Places): Promise<void> {
  const recorded = await readLine(cacheRecord(places));
  if (recorded === undefined || recorded === places.cacheDir || !existsSync(recorded) || existsSync(places.cacheDir)) return;
  if (!existsSync(join(recorded, 'data'))) return;
  await cacheFolder(places.cacheDir);
  await rm(join(recorded, 'content'), { recursive: true, force: true });
  await rename(recorded, places.cacheDir).catch((error: unknown) => {
    throw new GantryError('GL4006', `the data of this app lies in ${recorded}, not in ${places.cacheDir}`, {
      where: recorded,
      fix: `Stop the app, then run \`mv '${recorded}' '${places.cacheDir}'\`, or set GANTRY_CACHE to ${dirname(recorded)}.`,
      cause: error,
    });
  });
}

async function readLine(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function writeMissing(file: string, text: string): Promise<void> {
  if (!existsSync(file)) await writeDurably(file, text, { mode: 0o644 });
}

async function writeChanged(file: string, text: string, mode: number): Promise<void> {
  if ((await readLine(file)) !== text.trim()) await writeDurably(file, text, { mode });
}
