/** Which of two copies of a journal is to be believed, and what they say together; pure. */
import { dirname } from 'node:path';
import { GantryError } from '../errors.ts';
import type { Copy, JournalState } from './journal-copies.ts';
import { encodeJournal, encodeRecord, inForce, journalHeader, skippedIn, told, type JournalRecord } from './journal-file.ts';

/**
 * A copy without damage is believed if the other one has nothing beyond it. The second copy may be one record behind: then the machine
 * stopped between the two writes.
 * @throws GantryError GL4013 (damaged), GL4014 (newer format)
 */
export function oneStory(first: Copy, second: Copy): JournalState {
  refuseNewer(first, second);
  const skipped = [first, second].map(({ decoded }) => skippedIn(decoded.records));
  if (skipped[0] !== skipped[1]) return compactedSince(first, second, (skipped[0] ?? 0) > (skipped[1] ?? 0));
  return sameBeginning(first, second);
}

/** One whose bytes behind the header are those of the other has a damaged header. */
function refuseNewer(first: Copy, second: Copy): void {
  const newer = [first, second].find(({ decoded }) => decoded.isNewer);
  if (newer === undefined) return;
  const other = newer === first ? second : first;
  if (!other.decoded.isNewer && other.bytes !== undefined && behindHeader(newer).equals(behindHeader(other))) return;
  throw new GantryError('GL4014', `${newer.file} was written by a newer version of Gantry`, { where: newer.file });
}

function behindHeader({ bytes = journalHeader }: Copy): Buffer {
  return bytes.subarray(journalHeader.length);
}

/** The machine stopped while the journal was being compacted, or one copy lost its beginning: either of them, whole, has everything. */
function compactedSince(first: Copy, second: Copy, isFirst: boolean): JournalState {
  const [newer, older] = isFirst ? [first, second] : [second, first];
  const isSound = ({ decoded }: Copy): boolean => decoded.damagedAt === undefined;
  const [best, other] = isSound(newer) ? [newer, older] : [older, newer];
  if (!isSound(best) || knowsMore(other, best)) throw damaged(first, second);
  const isExpected = best === first && isSound(other) && other.bytes !== undefined;
  return state(first, second, best.decoded.records, asNow(best), isExpected ? [] : [notice(other, best)]);
}

/** What was written under an older lock than the newest of the other one is no knowledge. */
function knowsMore(one: Copy, other: Copy): boolean {
  const [mine, theirs] = [told(one.decoded.records), told(other.decoded.records)];
  return mine.sequence > theirs.sequence && mine.token >= theirs.token;
}

function sameBeginning(first: Copy, second: Copy): JournalState {
  const [best, other] = second.decoded.wholeBytes > first.decoded.wholeBytes ? [second, first] : [first, second];
  const [longer, shorter] =
    best.decoded.damagedAt !== undefined && other.decoded.wholeBytes === best.decoded.wholeBytes ? [other, best] : [best, other];
  const { wholeBytes, damagedAt, records } = longer.decoded;
  const overlap = shorter.decoded.wholeBytes;
  if (damagedAt !== undefined) throw damaged(first, second);
  if (shorter.bytes !== undefined && !agree(longer, shorter, overlap)) return outvoted(first, second);
  const isWhole = overlap === wholeBytes && shorter.decoded.damagedAt === undefined;
  const isOneBehind =
    shorter === second && shorter.decoded.damagedAt === undefined && records.length - shorter.decoded.records.length === 1;
  return state(first, second, records, asNow(longer), isWhole || isOneBehind ? [] : [notice(shorter, longer)]);
}

function agree(longer: Copy, shorter: Copy, upTo: number): boolean {
  const [long, short] = [longer, shorter].map(({ bytes = journalHeader }) => bytes.subarray(journalHeader.length, upTo));
  return long !== undefined && short !== undefined && long.equals(short);
}

/** Its bytes in the present format, which differs from the earlier one in the header alone. */
function asNow(copy: Copy): Buffer {
  return copy.decoded.isOlder ? Buffer.concat([journalHeader, behindHeader(copy)]) : (copy.bytes ?? journalHeader);
}

/** A copy that is not, byte for byte, what counts is written anew before anything is added; so are files of an older format. */
function state(first: Copy, second: Copy, records: readonly JournalRecord[], bytes: Buffer, notices: readonly string[]): JournalState {
  const differing = [first, second].filter((copy) => copy.bytes?.equals(bytes) !== true);
  return { records, bytes, repair: differing.map(({ file }) => file), notices };
}

/**
 * Somebody who had lost the lock wrote at the same moment as who has it now, and the copies have the two in different orders. What counts
 * is what counts in both, and what the newest holder wrote: the other one was never told that its entry is kept.
 */
function outvoted(first: Copy, second: Copy): JournalState {
  if (first.decoded.damagedAt !== undefined || second.decoded.damagedAt !== undefined) throw damaged(first, second);
  const [ours, theirs] = [first, second].map(({ decoded }) => inForce(decoded.records).map(keyed));
  if (ours === undefined || theirs === undefined) throw damaged(first, second);
  const newest = Math.max(...[...ours, ...theirs].map(({ record }) => record.token));
  const [left, right] = [counting(ours, theirs, newest), counting(theirs, ours, newest)];
  const [longer, shorter] = left.length >= right.length ? [left, right] : [right, left];
  if (!shorter.every(({ key }, index) => longer[index]?.key === key)) throw damaged(first, second);
  const text = `${first.file} and its copy differ in what was written under a lock that had been lost; that was left out`;
  const records = longer.map(({ record }) => record);
  return state(first, second, records, encodeJournal(records), [text]);
}

interface Keyed {
  readonly record: JournalRecord;
  readonly key: string;
}

function keyed(record: JournalRecord): Keyed {
  return { record, key: encodeRecord(record).toString('latin1') };
}

function counting(own: readonly Keyed[], others: readonly Keyed[], newest: number): readonly Keyed[] {
  const known = new Set(others.map(({ key }) => key));
  return own.filter(({ key, record }) => known.has(key) || record.token === newest);
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
