/**
 * A journal kept twice. Both copies are on the disk before an event counts as written, so one damaged file, wherever the damage is and
 * even if the file is gone, costs nothing; only damage to both is an error, and never is a damaged journal taken for an empty one.
 */
import { constants, existsSync } from 'node:fs';
import { link, open, rm, truncate, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asDiskError, makeFolders, syncFolder, temporaryName, writeDurably, writeSynced } from '../exec/files.ts';
import { GantryError } from '../errors.ts';
import { decodeJournal, encodeRecord, journalHeader, type DecodedJournal, type JournalRecord } from './journal-file.ts';

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

interface Copy {
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
  const newer = [first, second].find(({ decoded }) => decoded.isNewer);
  if (newer !== undefined) throw new GantryError('GL4014', `${newer.file} was written by a newer version of Gantry`, { where: newer.file });
  return judge(first, second);
}

async function readCopy(file: string): Promise<Copy> {
  const bytes = await readPlain(file);
  return { file, bytes, decoded: decodeJournal(bytes ?? Buffer.alloc(0)) };
}

/**
 * A copy without damage is believed if the other one has nothing beyond it. The second copy may be one record behind: then the machine
 * stopped between the two writes.
 */
function judge(first: Copy, second: Copy): JournalState {
  const [best, other] = second.decoded.wholeBytes > first.decoded.wholeBytes ? [second, first] : [first, second];
  const [longer, shorter] =
    best.decoded.damagedAt !== undefined && other.decoded.wholeBytes === best.decoded.wholeBytes ? [other, best] : [best, other];
  const { wholeBytes, damagedAt, records } = longer.decoded;
  const bytes = longer.bytes ?? Buffer.alloc(0);
  const overlap = shorter.decoded.wholeBytes;
  if (damagedAt !== undefined || !bytes.subarray(0, overlap).equals((shorter.bytes ?? bytes).subarray(0, overlap)))
    throw damaged(first, second);
  const isWhole = overlap === wholeBytes && shorter.decoded.damagedAt === undefined;
  const isOneBehind =
    shorter === second && shorter.decoded.damagedAt === undefined && records.length - shorter.decoded.records.length === 1;
  const notices = isWhole || isOneBehind ? [] : [notice(shorter, longer)];
  return { records, bytes, repair: isWhole ? [] : [shorter.file], notices };
}

function notice(shorter: Copy, longer: Copy): string {
  const lost = longer.decoded.records.length - shorter.decoded.records.length;
  const what =
    shorter.bytes === undefined
      ? 'is missing'
      : shorter.decoded.damagedAt === undefined
        ? `lacks its last ${lost} entries`
        : `is damaged from byte ${shorter.decoded.damagedAt} on`;
  return lost === 0 && shorter.bytes !== undefined
    ? `${shorter.file} ended in an entry that was never finished; it was cut off`
    : `${shorter.file} ${what}; its copy ${longer.file} is whole, nothing was lost`;
}

function damaged(first: Copy, second: Copy): GantryError {
  const say = ({ file, bytes, decoded }: Copy): string =>
    bytes === undefined
      ? `${file} is missing`
      : decoded.damagedAt === undefined
        ? `${file} has ${decoded.records.length} entries`
        : `${file} is damaged from byte ${decoded.damagedAt} on, after ${decoded.records.length} entries`;
  return new GantryError('GL4013', 'neither copy of the journal can be believed', {
    where: dirname(first.file),
    lines: [say(first), say(second)],
  });
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

/** Repairs what has to be, then adds a record to both copies. When it throws, the record was taken back as far as the disk allows. */
export async function appendToCopies(folder: string, state: JournalState, record: JournalRecord): Promise<void> {
  for (const file of state.repair) await writeDurably(file, state.bytes);
  const added = encodeRecord(record);
  const files = copyNames(folder);
  try {
    for (const file of files) await append(file, added);
  } catch (error) {
    for (const file of files) await truncate(file, state.bytes.length).catch(() => undefined);
    throw await asDiskError(error, folder);
  }
}

async function append(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's bytes, or undefined when it is missing. Follows no link and waits for no pipe. */
async function readPlain(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw notOurs(file, 'is not a plain file');
    if (stats.uid !== (process.getuid?.() ?? stats.uid)) throw notOurs(file, `belongs to user ${stats.uid}`);
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

export function notOurs(path: string, problem: string): GantryError {
  return new GantryError('GL4016', `${path} ${problem}`, { where: path });
}
