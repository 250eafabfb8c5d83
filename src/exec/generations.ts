/**
 * A lock in a folder, for processes of one machine. Each holder makes the next numbered file; the highest number is the lock and a
 * fencing token. Nobody ever removes or replaces the newest file of another, so two processes that take over from a dead holder
 * at the same moment cannot both succeed: only one of them can create the next number.
 */
import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asDiskError, makeFolders, temporaryName } from './files.ts';

export interface Claim {
  /** Higher than that of every earlier holder. */
  readonly token: number;
  /** The holder before this one did not give the lock back: it died, or was pushed out. It may still be in the middle of something. */
  readonly inherited: boolean;
  /** False once somebody else has claimed the lock. */
  isNewest(): Promise<boolean>;
  /** Does nothing when the lock is somebody else's by now. */
  release(): Promise<void>;
}

/** The newest holder, whether or not it has released the lock. */
export interface Newest<R> {
  readonly token: number;
  readonly held: boolean;
  /** Undefined when it cannot be read. */
  readonly record: R | undefined;
}

export type ClaimResult<R> = { readonly claim: Claim } | { readonly holder: R };

export interface ClaimOptions<R> {
  readonly folder: string;
  /** JSON that says who holds the lock. */
  readonly record: R;
  /** Whether the holder with that record still works; a dead one's lock is taken over. */
  isAlive(record: R, token: number): Promise<boolean>;
  /** The token will be higher than this. */
  readonly floor?: number;
}

/** Files of past holders that stay, so that a reader who lists the folder while it changes sees at least one newer number. */
const kept = 16;

/** Claims the lock, or says who holds it. Never waits. */
export async function claim<R>(options: ClaimOptions<R>): Promise<ClaimResult<R>> {
  try {
    await makeFolders(options.folder, 0o700);
    for (;;) {
      const newest = await newestIn(options.folder);
      const holder = newest.held ? await recordOf<R>(options.folder, newest.token, true) : undefined;
      if (holder !== undefined && (await options.isAlive(holder, newest.token))) return { holder };
      const made = await make(options, Math.max(newest.token, options.floor ?? 0) + 1, newest);
      if (made !== undefined) return { claim: made };
    }
  } catch (error) {
    throw await asDiskError(error, options.folder);
  }
}

/** The newest holder, which may be dead; undefined when there was none. */
export async function newestHolder<R>(folder: string): Promise<Newest<R> | undefined> {
  const { held, token } = await newestIn(folder);
  return token === 0 ? undefined : { token, held, record: await recordOf<R>(folder, token, held) };
}

/** Changes what a claim's file says, so that whoever comes next finds it. */
export async function amend<R>(folder: string, token: number, record: R): Promise<void> {
  const file = join(folder, `${token}.held`);
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

type Found = Pick<Newest<unknown>, 'token' | 'held'>;

async function newestIn(folder: string): Promise<Found> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const token = names.reduce((highest, name) => Math.max(highest, tokenOf(name)), 0);
  return { token, held: names.includes(`${token}.held`) && !names.includes(`${token}.free`) };
}

function tokenOf(name: string): number {
  return Number(/^(\d{1,15})\.(?:held|free)$/.exec(name)?.[1] ?? 0);
}

/** Written completely before it gets its name; one that cannot be read was damaged from outside and protects nobody. */
async function recordOf<R>(folder: string, token: number, held: boolean): Promise<R | undefined> {
  const text = await readFile(join(folder, `${token}.${held ? 'held' : 'free'}`), 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as R;
  } catch {
    return undefined;
  }
}

async function make<R>(options: ClaimOptions<R>, token: number, before: Found): Promise<Claim | undefined> {
  const { folder } = options;
  const held = join(folder, `${token}.held`);
  if (!(await createWhole(held, JSON.stringify(options.record)))) return undefined;
  const isOurs = await newestIn(folder).then(
    (newest) => newest.token === token && newest.held,
    async (error: unknown) => {
      await rm(held, { force: true }).catch(() => undefined);
      throw error;
    },
  );
  if (!isOurs) {
    await rm(held, { force: true });
    return undefined;
  }
  await forget(folder, token - kept).catch(() => undefined);
  return {
    token,
    inherited: before.held || before.token < (options.floor ?? 0),
    isNewest: async () => (await newestIn(folder)).token === token,
    release: async () => rename(held, join(folder, `${token}.free`)).catch(ifGone),
  };
}

/** Files of holders long past are forgotten. */
function ifGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/**
 * Creates a file with its whole content, or tells that the name is taken. Not synced: a power cut ends every holder anyway. A name that
 * cannot be removed afterwards does not undo what has been created.
 */
async function createWhole(file: string, text: string): Promise<boolean> {
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function forget(folder: string, upTo: number): Promise<void> {
  const old = (await readdir(folder)).filter((name) => tokenOf(name) > 0 && tokenOf(name) <= upTo);
  await Promise.all(old.map(async (name) => rm(join(folder, name), { force: true })));
}
