/** Clients that read and write tasks, with a ledger: every write has a title of its own, and afterwards the database must agree. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { problemOf, send, type Answer, type Call } from './http.ts';
import type { Tally } from './tally.ts';

export interface Account {
  readonly cookie: string;
}

/** By account: titles that were acknowledged, and titles that were sent. */
export class Ledger {
  readonly entries = new Map<Account, { readonly acknowledged: Set<string>; readonly sent: Set<string> }>();

  of(account: Account): { readonly acknowledged: Set<string>; readonly sent: Set<string> } {
    const known = this.entries.get(account) ?? { acknowledged: new Set(), sent: new Set() };
    this.entries.set(account, known);
    return known;
  }
}

/** An account holds 10,000 tasks at most. */
const tasksPerAccount = 9000;

/** Making accounts is no part of the load: passwords are hashed slowly on purpose, and an app that has enough of that says so. */
export async function signUp(base: URL): Promise<Account> {
  for (let attempt = 1; ; attempt += 1) {
    const account = await trySignUp(base).catch((error: unknown) => {
      if (attempt === attempts) throw error;
      return undefined;
    });
    if (account !== undefined) return account;
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
  }
}

const attempts = 20;

async function trySignUp(base: URL): Promise<Account> {
  const body = JSON.stringify({ email: `${randomUUID()}@example.com`, password: `correct horse ${randomUUID()}` });
  const answer = await send(base, { method: 'POST', path: '/api/accounts', body }, false);
  if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${answer.body}`);
  return { cookie: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ') };
}

export interface Writer {
  readonly base: URL;
  readonly name: string;
  readonly keepAlive: boolean;
  readonly pauseMs: number;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly account: Account;
  running(): boolean;
}

/** Creates, completes, lists and reads tasks in turn until told to stop. */
export async function write(writer: Writer): Promise<void> {
  const { base, tally, name, keepAlive } = writer;
  const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: false });
  let { account } = writer;
  const known: { id: string; version: number }[] = [];
  for (let turn = 0; writer.running(); turn += 1) {
    if (writer.ledger.of(account).sent.size >= tasksPerAccount) {
      account = await signUp(base);
      known.length = 0;
    }
    const call = nextCall(turn, account, writer.ledger, known);
    const started = performance.now();
    try {
      const answer = await send(base, call, agent);
      const problem = judge(call, answer);
      if (problem === undefined) {
        tally.good(name, performance.now() - started);
        if (call.method === 'POST') known.push(acknowledge(writer.ledger, account, answer));
      } else tally.bad(name, `${call.method} ${problem}`);
    } catch (error) {
      tally.bad(name, `${call.method} ${problemOf(error)}`);
    }
    if (writer.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, writer.pauseMs));
  }
  agent.destroy();
}

function nextCall(turn: number, account: Account, ledger: Ledger, known: { id: string; version: number }[]): Call {
  const headers = { cookie: account.cookie };
  if (turn % 4 === 0) return create(account, ledger, headers);
  const task = turn % 4 === 1 ? known.shift() : undefined;
  if (task !== undefined)
    return { method: 'PATCH', path: `/api/tasks/${task.id}`, headers, body: JSON.stringify({ version: task.version, done: true }) };
  return turn % 4 === 2 ? { method: 'GET', path: '/api/tasks?limit=5', headers } : { method: 'GET', path: '/api/health' };
}

function create(account: Account, ledger: Ledger, headers: Readonly<Record<string, string>>): Call {
  const title = randomUUID();
  ledger.of(account).sent.add(title);
  return { method: 'POST', path: '/api/tasks', headers: { ...headers, 'idempotency-key': title }, body: JSON.stringify({ title }) };
}

function judge(call: Call, { status, body }: Answer): string | undefined {
  if (status !== (call.method === 'POST' ? 201 : 200)) return String(status);
  return body.startsWith('{') && body.endsWith('}') ? undefined : 'wrong body';
}

function acknowledge(ledger: Ledger, account: Account, { body }: Answer): { id: string; version: number } {
  const task = JSON.parse(body) as { id: string; version: number; title: string };
  ledger.of(account).acknowledged.add(task.title);
  return { id: task.id, version: task.version };
}

export interface Verdict {
  readonly acknowledged: number;
  /** Acknowledged, but not there. */
  readonly lost: number;
  /** There more than once. */
  readonly duplicated: number;
  /** There, but never sent. */
  readonly strange: number;
}

/** Compares the ledger with what the application has. */
export async function compare(base: URL, ledger: Ledger): Promise<Verdict> {
  const verdict = { acknowledged: 0, lost: 0, duplicated: 0, strange: 0 };
  for (const [account, { acknowledged, sent }] of ledger.entries) {
    const titles = await allTitles(base, account);
    const there = new Set(titles);
    verdict.acknowledged += acknowledged.size;
    verdict.lost += [...acknowledged].filter((title) => !there.has(title)).length;
    verdict.duplicated += titles.length - there.size;
    verdict.strange += [...there].filter((title) => !sent.has(title)).length;
  }
  return verdict;
}

async function allTitles(base: URL, account: Account): Promise<string[]> {
  const titles: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const path: string = `/api/tasks?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { status, body } = await send(base, { method: 'GET', path, headers: { cookie: account.cookie } }, false);
    if (status !== 200) throw new Error(`the list for the ledger: ${status} ${body}`);
    const list = JSON.parse(body) as { items: { title: string }[]; next: string | null };
    titles.push(...list.items.map(({ title }) => title));
    cursor = list.next;
  }
  return titles;
}
