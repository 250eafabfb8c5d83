/** JSON on disk with a checksum and the snapshot before it: damage is noticed, and never read as "nothing is there". */
import { constants } from 'node:fs';
import { link, open, rename, rm, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { GantryError, isGantryError } from '../../../errors.ts';
import { asDiskError, temporaryName, writeDurably } from '../../../exec/files.ts';

interface Envelope {
  readonly format: number;
  readonly crc: string;
  readonly value: unknown;
}

/** Raised whenever an older version would misread what is written. The checksum is over the value alone in every format. */
const format = 1;

export interface Loaded<T> {
  readonly value: T;
  /** The file itself was missing or damaged, and the snapshot before it was read. */
  readonly fromPrevious: boolean;
}

/** Replaces the file in one step and keeps what it was as `FILE.previous`. */
export async function saveState(file: string, value: unknown): Promise<void> {
  await keepPrevious(file);
  await writeDurably(file, serialise(value));
}

/** The same for what a power cut makes worthless anyhow: the file is whole after a crash of this process, and nothing waits for the disk. */
export async function saveQuickly(file: string, value: unknown): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, serialise(value), { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw await asDiskError(error, file);
  }
}

function serialise(value: unknown): string {
  const envelope: Envelope = { format, crc: checksum(value), value };
  return `${JSON.stringify(envelope)}\n`;
}

/**
 * The newest state that is whole; undefined when none was ever saved.
 * @throws GantryError GL1017 when there is something, and all of it is damaged; GL1032 when a newer version of Gantry wrote it
 */
export async function loadState<T>(file: string): Promise<Loaded<T> | undefined> {
  const current = await readEnvelope(file);
  if (current !== undefined && current !== 'damaged') return { value: current.value as T, fromPrevious: false };
  const previous = await readEnvelope(previousOf(file));
  if (previous !== undefined && previous !== 'damaged') return { value: previous.value as T, fromPrevious: true };
  if (current === undefined && previous === undefined) return undefined;
  throw new GantryError('GL1017', `${file} is damaged, and so is its previous snapshot`, { where: file });
}

function previousOf(file: string): string {
  return `${file}.previous`;
}

/** A second name for the present content; the present name is never missing meanwhile. */
async function keepPrevious(file: string): Promise<void> {
  if ((await readEnvelope(file)) === 'damaged') return;
  const temporary = temporaryName(file);
  try {
    await link(file, temporary);
    await rename(temporary, previousOf(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw await asDiskError(error, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readEnvelope(file: string): Promise<Envelope | 'damaged' | undefined> {
  const text = await readPlain(file);
  if (text === undefined || text === 'damaged') return text;
  try {
    const envelope = JSON.parse(text) as Partial<Envelope>;
    if (envelope.crc !== checksum(envelope.value)) return 'damaged';
    if (Number.isInteger(envelope.format) && Number(envelope.format) > format) throw newer(file);
    return envelope.format === format ? (envelope as Envelope) : 'damaged';
  } catch (error) {
    if (isGantryError(error)) throw error;
    return 'damaged';
  }
}

/** The snapshot before it may be older and readable, but it is not what should be. */
function newer(file: string): GantryError {
  return new GantryError('GL1032', `${file} was written by a newer version of Gantry`, { where: file });
}

/** Links, folders and pipes in the file's place are damage. */
async function readPlain(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return (await handle.stat()).isFile() ? await handle.readFile('utf8') : 'damaged';
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (['ELOOP', 'EISDIR', 'ENXIO'].includes(code)) return 'damaged';
    throw await asDiskError(error, file);
  }
}

/** Of the value's canonical text as JSON.stringify gives it, which parsing and writing again does not change. */
function checksum(value: unknown): string {
  return crc32(JSON.stringify(value) ?? '')
    .toString(16)
    .padStart(8, '0');
}
