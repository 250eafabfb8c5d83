import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { App, Deps } from '../app.ts';
import type { Database, Query } from '../db/database.ts';
import { ApiError, invalid, notSignedIn } from '../errors.ts';
import { failureSchema } from '../http/schemas.ts';
import { isCommon } from './common-passwords.ts';
import { accountKey, addressKey, forgive, hit, type Rule } from './rate-limits.ts';
import { accountSchema, signInBody, signUpBody, type Account } from './schemas.ts';
import { clearCookie, endSession, findSession, readToken, setCookie, startSession, type Session } from './sessions.ts';

const HOUR = 3600;
const QUARTER = 900;

/** The session of a request. @throws ApiError not_signed_in */
export async function requireSession(db: Database, request: FastifyRequest): Promise<Session> {
  const token = readToken(request);
  const session = token ? await db.read(request.budget, (query) => findSession(query, token)) : undefined;
  if (!session) throw notSignedIn();
  return session;
}

export function accountRoutes(app: App, deps: Deps): void {
  signUp(app, deps);
  signIn(app, deps);
  app.delete(
    '/api/session',
    { schema: { summary: 'Sign out', response: { 204: z.null(), default: failureSchema } } },
    async (request, reply) => {
      const token = readToken(request);
      if (token) await deps.db.write(request.budget, (query) => endSession(query, token), true);
      clearCookie(request, reply);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/me',
    { schema: { summary: 'Who is signed in', response: { 200: accountSchema, default: failureSchema } } },
    async (request) => {
      const session = await requireSession(deps.db, request);
      return session.account;
    },
  );
}

function signUp(app: App, { db, passwords, config }: Deps): void {
  const schema = { summary: 'Create an account and sign in', body: signUpBody, response: { 201: accountSchema, default: failureSchema } };
  app.post('/api/accounts', { schema }, async (request, reply) => {
    const { email, password, name = null } = request.body;
    if (isCommon(password, email)) throw invalid({ password: 'Is too easy to guess.' });
    const rule = { key: addressKey('sign-up', request.ip), limit: config.signUpsPerHour, seconds: HOUR };
    await db.write(request.budget, (query) => hit(query, [rule]));
    const passwordHash = await passwords.hash(password);
    const { account, token } = await db.write(request.budget, async (query) => {
      const created = await insertAccount(query, email, name, passwordHash);
      return { account: created, token: await replaceSession(query, created.id, readToken(request)) };
    });
    request.log.info({ account: account.id }, 'account created');
    setCookie(request, reply, token);
    return reply.code(201).send(account);
  });
}

function signIn(app: App, { db, passwords, config }: Deps): void {
  const schema = { summary: 'Sign in', body: signInBody, response: { 200: accountSchema, default: failureSchema } };
  app.post('/api/session', { schema }, async (request, reply) => {
    const { email, password } = request.body;
    const byAccount: Rule = { key: accountKey(email), limit: config.signInsPerAccount, seconds: QUARTER };
    const byAddress: Rule = { key: addressKey('sign-in', request.ip), limit: config.signInsPerAddress, seconds: QUARTER };
    await db.write(request.budget, (query) => hit(query, [byAccount, byAddress]));
    const found = await db.read(request.budget, (query) => findByEmail(query, email));
    const matches = await passwords.verify(found?.password_hash, password);
    if (!found || !matches) {
      request.log.info({ address: request.ip, account: found?.id }, 'sign-in refused');
      throw new ApiError('wrong_credentials', 'The e-mail address or the password is wrong.');
    }
    const token = await db.write(request.budget, async (query) => {
      await forgive(query, byAccount.key, byAddress.key);
      return replaceSession(query, found.id, readToken(request));
    });
    request.log.info({ account: found.id }, 'signed in');
    setCookie(request, reply, token);
    return toAccount(found);
  });
}

/** A sign-in always gets a new token, and the browser's old session ends: a token planted before is worth nothing after. */
async function replaceSession(query: Query, accountId: string, oldToken: string | undefined): Promise<string> {
  if (oldToken) await endSession(query, oldToken);
  return startSession(query, accountId);
}

interface AccountRow {
  id: string;
  email: string;
  name: string | null;
  password_hash: string;
  created_at: Date;
}

const toAccount = (row: AccountRow): Account => ({ id: row.id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() });

async function findByEmail(query: Query, email: string): Promise<AccountRow | undefined> {
  const [row] = await query<AccountRow>('select id, email, name, password_hash, created_at from accounts where email = $1', [email]);
  return row;
}

async function insertAccount(query: Query, email: string, name: string | null, passwordHash: string): Promise<Account> {
  const [row] = await query<AccountRow>(
    `insert into accounts (email, name, password_hash) values ($1, $2, $3) on conflict (email) do nothing
     returning id, email, name, password_hash, created_at`,
    [email, name, passwordHash],
  );
  if (!row)
    throw new ApiError('email_taken', 'This e-mail address already has an account. Sign in instead.', {
      fields: { email: 'Already has an account.' },
    });
  await query('insert into account_state (account_id) values ($1)', [row.id]);
  return toAccount(row);
}
