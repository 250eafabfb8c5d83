/**
 * The bytes of a journal. A file begins with eight bytes that name its format; each record is a head of twelve bytes (length of the body,
 * CRC-32 of the body, CRC-32 of these eight bytes; little endian) and a body of JSON. The head has a checksum of its own, so that a
 * damaged length cannot make the records behind it look like an unfinished one.
 */
import { crc32 } from 'node:zlib';
import type { StoreEvent } from './store.ts';

export interface JournalRecord {
  /** Fencing token of the lease under which it was written. */
  readonly token: number;
  readonly event: StoreEvent;
}

export interface DecodedJournal {
  readonly records: readonly JournalRecord[];
  /** How many bytes from the start are whole. */
  readonly wholeBytes: number;
  /** Offset of the first byte that cannot be read; undefined when all is well. */
  readonly damagedAt: number | undefined;
  /** The file names a format that this version does not know. */
  readonly isNewer: boolean;
}

const magic = 'GANTRYJ';
const format = '1';
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

/** Reads as far as everything is whole. */
export function decodeJournal(bytes: Buffer): DecodedJournal {
  const name = bytes.toString('latin1', 0, journalHeader.length);
  if (name !== magic + format)
    return {
      records: [],
      wholeBytes: 0,
      damagedAt: 0,
      isNewer: name.length === journalHeader.length && name.startsWith(magic) && /[2-9]$/.test(name),
    };
  const records: JournalRecord[] = [];
  let at = journalHeader.length;
  for (let record = decodeRecord(bytes, at); record !== undefined; record = decodeRecord(bytes, at)) {
    records.push(record.value);
    at = record.end;
  }
  return { records, wholeBytes: at, damagedAt: at === bytes.length ? undefined : at, isNewer: false };
}

function decodeRecord(bytes: Buffer, at: number): { value: JournalRecord; end: number } | undefined {
  if (at + headBytes > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const isHead = bytes.readUInt32LE(at + 8) === crc32(bytes.subarray(at, at + 8)) && length <= longestBody;
  const body = bytes.subarray(at + headBytes, at + headBytes + length);
  if (!isHead || body.length < length || bytes.readUInt32LE(at + 4) !== crc32(body)) return undefined;
  return { value: JSON.parse(body.toString('utf8')) as JournalRecord, end: at + headBytes + length };
}
