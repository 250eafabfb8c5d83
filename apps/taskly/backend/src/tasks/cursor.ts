import { createHash } from 'node:crypto';
import * as z from 'zod';
import { invalid } from '../errors.ts';
import type { ListQuery } from './schemas.ts';

/** The order key of the last task of a page: its position, and in the list by date its date before it. */
export interface Place {
  readonly position: string;
  readonly due: string | null;
}

const cursorSchema = z.tuple([z.string(), z.string().regex(/^[0-9A-Za-z]{1,200}$/), z.iso.date().nullable()]);

/** A cursor belongs to one filter and search; with another it would silently skip. */
const listOf = (query: ListQuery): string => createHash('sha256').update(`${query.filter}\n${query.q}`).digest('base64url').slice(0, 8);

export const writeCursor = (query: ListQuery, place: Place): string =>
  Buffer.from(JSON.stringify([listOf(query), place.position, place.due])).toString('base64url');

/** @throws ApiError invalid_request for anything that was not written for this list */
export function readCursor(query: ListQuery): Place | undefined {
  if (query.cursor === undefined) return undefined;
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(query.cursor, 'base64url').toString()));
  if (!parsed.success || parsed.data[0] !== listOf(query))
    throw invalid({ cursor: 'Does not belong to this list. Start again without it.' });
  const [, position, due] = parsed.data;
  if (query.filter === 'due' && due === null) throw invalid({ cursor: 'Does not belong to this list. Start again without it.' });
  return { position, due };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
