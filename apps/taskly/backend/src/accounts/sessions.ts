import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Query } from '../db/database.ts';
import { recordChange } from '../events/changes.ts';
import type { Account } from './schemas.ts';

const ABSOLUTE_DAYS = 30;
const IDLE_DAYS = 7;
const MAX_SESSIONS = 50;
const ALIVE = `s.expires_at > now() and s.last_used_at > now() - interval '${IDLE_DAYS} days'`;

export interface Session {
  readonly id: string;
  readonly account: Account;
}

// Behind https the name's prefix makes browsers refuse a cookie that a neighbouring host or a plain page has set.
const cookieName = (request: FastifyRequest): string => (request.protocol === 'https' ? '__Host-taskly' : 'taskly');

export const readToken = (request: FastifyRequest): string | undefined => request.cookies[cookieName(request)];

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

export function setCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const secure = request.protocol === 'https';
  reply.setCookie(cookieName(request), token, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: ABSOLUTE_DAYS * 86_400 });
}

export function clearCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), { path: '/', httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https' });
}

interface SessionRow {
  id: string;
  account_id: string;
  email: string;
  name: string | null;
  created_at: Date;
  aged: boolean;
}

/** The living session of a token. The time of its last use is written at most every five minutes. */
export async function findSession(query: Query, token: string): Promise<Session | undefined> {
  const [row] = await query<SessionRow>(
    `select s.id, s.account_id, a.email, a.name, a.created_at, s.last_used_at < now() - interval '5 minutes' as aged
     from sessions s join accounts a on a.id = s.account_id where s.token_hash = $1 and ${ALIVE}`,
    [digest(token)],
  );
  if (!row) return undefined;
  if (row.aged) await query('update sessions set last_used_at = now() where id = $1', [row.id]);
  return { id: row.id, account: { id: row.account_id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() } };
}

/** Which of these sessions still live. */
export async function aliveSessions(query: Query, ids: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ id: string }>(`select s.id from sessions s where s.id = any($1) and ${ALIVE}`, [ids]);
  return new Set(rows.map((row) => row.id));
}

/** A new session; of very many the oldest go. @returns its token, which is stored nowhere */
export async function startSession(query: Query, accountId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await query(`insert into sessions (token_hash, account_id, expires_at) values ($1, $2, now() + interval '${ABSOLUTE_DAYS} days')`, [
    digest(token),
    accountId,
  ]);
  await query('delete from sessions where id in (select id from sessions where account_id = $1 order by created_at desc offset $2)', [
    accountId,
    MAX_SESSIONS,
  ]);
  return token;
}

/** Ends a session and tells every replica, so that its streams end too. */
export async function endSession(query: Query, token: string): Promise<void> {
  const [row] = await query<{ id: string; account_id: string }>('delete from sessions where token_hash = $1 returning id, account_id', [
    digest(token),
  ]);
  if (row) await recordChange(query, row.account_id, { op: 'signed-out', sessionId: row.id });
}
