/** Answers that are no success: every one is `{ error: Problem }`, with words for people and without anything of the server's inside. */
import type { FastifyReply } from 'fastify';
import { GantryError, isGantryError, type ErrorCode } from '../../errors.ts';
import type { Refusal } from '../api/index.ts';
import { problemOf } from '../problem.ts';

export interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: GantryError;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  GC1003: 404,
  GC1004: 404,
  GC2001: 401,
  GC2002: 401,
  GC2003: 403,
  GC2004: 400,
  GC2005: 404,
  GC2006: 404,
  GC2007: 400,
  GC2008: 409,
  GC2009: 429,
  GR1001: 409,
  GR1005: 409,
};

/** What a route threw, as an answer. What is nobody's fault but the program's is told to `onBug` and not to the client. */
export function refusedBy(thrown: unknown, onBug: (error: unknown) => void): Refused {
  if (isGantryError(thrown)) return { status: statusOf(thrown), headers: {}, error: thrown };
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  // Fastify refuses what it cannot read (size, JSON, encoding) by an error with a status of 4xx.
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, headers: {}, error: new GantryError('GC2004', unreadable(status)) };
  }
  onBug(thrown);
  return { status: 500, headers: {}, error: new GantryError('GC2010', 'The dashboard could not answer because of a mistake in Gantry.') };
}

/** What has no row: 422 for a wrong file or question, 502 when the environment could not do it. */
function statusOf({ code, exitCode }: GantryError): number {
  return statuses[code] ?? (exitCode === 2 ? 422 : 502);
}

function unreadable(status: number): string {
  return status === 413 ? 'The body is too large.' : 'The request could not be read.';
}

export function bodyOf({ error }: Refused): Refusal {
  return { error: problemOf(error) };
}

export function answerRefusal(reply: FastifyReply, refused: Refused): FastifyReply {
  return reply
    .code(refused.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(bodyOf(refused)));
}
