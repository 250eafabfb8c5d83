/**
 * A journal kept twice. Both copies are on the disk before an event counts as written, so one damaged file, wherever the damage is and
 * even if the file is gone, costs nothing; only damage to both is an error, and never is a damaged journal taken for an empty one.
 * Older snapshots are not kept beside them: they would bring back a state that is not the present one.
 */
import { constants, existsSync, type BigIntStats } from 'node:fs';
import { link, lstat, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asDiskError, makeFolders, syncFolder, temporaryName, writeDurably, writeSynced } from '../exec/files.ts';
import { GantryError } from '../errors.ts';
import { decodeJournal, encodeJournal, encodeRecord, journalHeader, type DecodedJournal, type JournalRecord } from './journal-file.ts';
import { oneStory } from './journal-judge.ts';

export interface JournalState {
  readonly records: readonly JournalRecord[];
  /** The whole journal. */
  readonly bytes: Buffer;
  /** Copies that have to be written anew before the next append. */
  readonly repair: readonly string[];
  /** What a person should know about the damage that was found. */
  readonly notices: readonly string[];
}

/** In the order in which they are written. */
export function copyNames(folder: string): readonly [string, string] {
  return [join(folder, 'journal'), join(folder, 'journal.copy')];
}

/** One of the two files. */
export interface Copy {
  readonly file: string;
  /** Undefined when the file is missing. */
  readonly bytes: Buffer | undefined;
  readonly decoded: DecodedJournal;
}

/**
 * Reads both copies and says which of them is to be believed.
 * @returns undefined when there is no journal at all
 * @throws GantryError GL4013 (damaged), GL4014 (newer format), GL4016 (not a plain file), GX2xxx
 */
export async function readCopies(folder: string): Promise<JournalState | undefined> {
  const [first, second] = await Promise.all(copyNames(folder).map(readCopy));
  if (first === undefined || second === undefined || (first.bytes === undefined && second.bytes === undefined)) return undefined;
  return oneStory(first, second);
}

async function readCopy(file: string): Promise<Copy> {
  const bytes = await readPlain(file);
  return { file, bytes, decoded: decodeJournal(bytes ?? Buffer.alloc(0)) };
}

/** Makes an empty journal unless there is one; several processes may do so at once. */
export async function createCopies(folder: string): Promise<void> {
  try {
    await makeFolders(folder, 0o700);
    for (const file of copyNames(folder)) await createWhole(file);
    await syncFolder(folder);
  } catch (error) {
    throw await asDiskError(error, folder);
  }
}

async function createWhole(file: string): Promise<void> {
  if (existsSync(file)) return;
  const temporary = temporaryName(file);
  try {
    await writeSynced(temporary, journalHeader, 0o600);
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The end of a journal as it was last seen: enough to add to it without reading all of it again. */
export interface Tip {
  readonly size: number;
  /** The last bytes: a record, or the header. */
  readonly last: Buffer;
  /** Of each copy; undefined until they were written by this process. Differs when anybody else has touched the file since. */
  readonly stamps: readonly string[] | undefined;
}

/** Repairs what has to be. */
export async function mendedTip({ repair, bytes, records }: JournalState): Promise<Tip> {
  for (const file of repair) await writeDurably(file, bytes);
  const last = records.at(-1);
  return { size: bytes.length, last: last === undefined ? journalHeader : encodeRecord(last), stamps: undefined };
}

/**
 * Adds a record to both copies, if they are what they were. When it throws, the record was taken back as far as the disk allows.
 * @returns the new tip; undefined, with nothing written, when somebody else has touched a copy
 */
export async function appendAtTip(folder: string, tip: Tip, record: JournalRecord): Promise<Tip | undefined> {
  const opened: FileHandle[] = [];
  try {
    for (const file of copyNames(folder)) opened.push(await open(file, appending));
    if (!(await areAt(opened, tip))) return undefined;
    return await addTo(opened, tip, encodeRecord(record));
  } catch (error) {
    if (opened.length < 2 && ['ENOENT', 'ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw await asDiskError(error, folder);
  } finally {
    await Promise.all(opened.map(async (handle) => handle.close()));
  }
}

const appending = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function areAt(copies: readonly FileHandle[], tip: Tip): Promise<boolean> {
  const found = await Promise.all(copies.map(async (handle, index) => isAt(handle, tip, tip.stamps?.[index])));
  return found.every(Boolean);
}

async function isAt(handle: FileHandle, { size, last }: Tip, stamp: string | undefined): Promise<boolean> {
  const stats = await handle.stat({ bigint: true });
  if (stats.size !== BigInt(size) || (stamp !== undefined && stampOf(stats) !== stamp)) return false;
  const { buffer } = await handle.read(Buffer.alloc(last.length), 0, last.length, size - last.length);
  return buffer.equals(last);
}

async function addTo(copies: readonly FileHandle[], tip: Tip, added: Buffer): Promise<Tip> {
  const size = tip.size + added.length;
  try {
    for (const handle of copies) {
      await handle.writeFile(added);
      await handle.sync();
    }
    return { size, last: added, stamps: await Promise.all(copies.map(async (handle) => stampOf(await handle.stat({ bigint: true })))) };
  } catch (error) {
    await Promise.all(copies.map(async (handle) => takeBack(handle, tip.size, size).catch(() => undefined)));
    throw error;
  }
}

/** Only what this append has written: behind it may lie what the next holder of the lock wrote. */
async function takeBack(handle: FileHandle, from: number, to: number): Promise<void> {
  if ((await handle.stat()).size <= to) await handle.truncate(from);
}

/** Whoever writes to a file, or puts another in its place, changes this: the time of change cannot be set by hand. */
function stampOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Of both files; a missing one has none. */
export async function copiesStamp(folder: string): Promise<string> {
  const stamps = copyNames(folder).map(async (file) =>
    lstat(file, { bigint: true }).then(stampOf, async (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw await asDiskError(error, file);
    }),
  );
  return (await Promise.all(stamps)).join(', ');
}

/** Puts another journal in the place of both copies, one after the other. */
export async function replaceCopies(folder: string, records: readonly JournalRecord[]): Promise<void> {
  const bytes = encodeJournal(records);
  for (const file of copyNames(folder)) await writeDurably(file, bytes);
}

/** A file's bytes, or undefined when it is missing. Follows no link and waits for no pipe. */
async function readPlain(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw notOurs(file, 'is not a plain file');
    if (stats.uid !== (process.getuid?.() ?? stats.uid)) throw notOurs(file, `belongs to user ${stats.uid}`);
    if ((stats.mode & writableByOthers) !== 0) throw openToOthers(file, dirname(file));
    return await handle.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP' || code === 'ENXIO') throw notOurs(file, 'is not a plain file');
    throw await asDiskError(error, file);
  } finally {
    await handle?.close();
  }
}

/** Whoever may write here could make Gantry believe anything. */
export const writableByOthers = 0o022;

/** @param store the folder, in which more may be as open as the path */
export function openToOthers(path: string, store: string): GantryError {
  return new GantryError('GL4016', `other users may write to ${path}`, { where: path, fix: `Run: chmod -R go-w '${store}'` });
}

export function notOurs(path: string, problem: string): GantryError {
  return new GantryError('GL4016', `${path} ${problem}`, { where: path });
}
