/**
 * The bytes of a journal. A file begins with eight bytes that name its format; each record is a head of twelve bytes (length of the body,
 * CRC-32 of the body, CRC-32 of these eight bytes; little endian) and a body of JSON. The head has a checksum of its own, so that a
 * damaged length cannot make the records behind it look like an unfinished one.
 */
import { crc32 } from 'node:zlib';
import type { StoreEvent } from './store.ts';

/** Written under a lease; its fencing token says under which. */
export type JournalRecord = EventRecord | MarkRecord;

export interface EventRecord {
  readonly token: number;
  readonly event: StoreEvent;
}

/** After it, nothing with an older token counts. In front of a compacted journal it says how many events were left out. */
export interface MarkRecord {
  readonly token: number;
  readonly skipped?: number;
}

export interface DecodedJournal {
  readonly records: readonly JournalRecord[];
  /** How many bytes from the start are whole. */
  readonly wholeBytes: number;
  /** Offset of the first byte that cannot be read; undefined when all is well. */
  readonly damagedAt: number | undefined;
  /** The file names a format that this version does not know. */
  readonly isNewer: boolean;
  /** The file is of a format that is read, and written anew before anything is added. */
  readonly isOlder: boolean;
}

const magic = 'GANTRYJ';
/** Format 1 had no marks. */
const format = '2';
const readable = ['1', format];
const headBytes = 12;
/** Far above any event; a length beyond it is damage. */
const longestBody = 16 * 1024 * 1024;

export const journalHeader: Buffer = Buffer.from(magic + format, 'latin1');

export function encodeRecord(record: JournalRecord): Buffer {
  const body = Buffer.from(JSON.stringify(record));
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  head.writeUInt32LE(crc32(head.subarray(0, 8)), 8);
  return Buffer.concat([head, body]);
}

export function encodeJournal(records: readonly JournalRecord[]): Buffer {
  return Buffer.concat([journalHeader, ...records.map(encodeRecord)]);
}

/** Reads as far as everything is whole. */
export function decodeJournal(bytes: Buffer): DecodedJournal {
  const name = bytes.toString('latin1', 0, journalHeader.length);
  const found = name.startsWith(magic) ? name.slice(magic.length) : '';
  if (!readable.includes(found)) return { records: [], wholeBytes: 0, damagedAt: 0, isNewer: /^[2-9]$/.test(found), isOlder: false };
  const records: JournalRecord[] = [];
  let at = journalHeader.length;
  for (let record = decodeRecord(bytes, at); record !== undefined; record = decodeRecord(bytes, at)) {
    records.push(record.value);
    at = record.end;
  }
  return { records, wholeBytes: at, damagedAt: at === bytes.length ? undefined : at, isNewer: false, isOlder: found !== format };
}

function decodeRecord(bytes: Buffer, at: number): { value: JournalRecord; end: number } | undefined {
  if (at + headBytes > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const isHead = bytes.readUInt32LE(at + 8) === crc32(bytes.subarray(at, at + 8)) && length <= longestBody;
  const body = bytes.subarray(at + headBytes, at + headBytes + length);
  if (!isHead || body.length < length || bytes.readUInt32LE(at + 4) !== crc32(body)) return undefined;
  const value = parse(body);
  return value === undefined ? undefined : { value, end: at + headBytes + length };
}

/** What has the right checksum and is no JSON was not written by Gantry. */
function parse(body: Buffer): JournalRecord | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as JournalRecord;
  } catch {
    return undefined;
  }
}

export interface Told {
  readonly events: readonly StoreEvent[];
  /** Number of events ever, with those that were left out by compaction. */
  readonly sequence: number;
  /** The newest token. */
  readonly token: number;
}

/** What the records say: an event with an older token than one before it was written by somebody who had lost the lock; it never happened. */
export function told(records: readonly JournalRecord[]): Told {
  const counting = inForce(records);
  const events = counting.flatMap((record) => ('event' in record ? [record.event] : []));
  return { events, sequence: skippedIn(records) + events.length, token: counting.at(-1)?.token ?? 0 };
}

export function inForce<R extends JournalRecord>(records: readonly R[]): readonly R[] {
  let newest = 0;
  return records.filter(({ token }) => {
    newest = Math.max(newest, token);
    return token === newest;
  });
}

export function skippedIn([first]: readonly JournalRecord[]): number {
  return first !== undefined && 'skipped' in first ? (first.skipped ?? 0) : 0;
}
