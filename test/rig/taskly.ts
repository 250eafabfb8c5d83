/** Clients of Taskly with a ledger: every write has a title of its own, and afterwards the database must agree. */
import { randomUUID } from 'node:crypto';
import { until } from './until.ts';
import { send, type Answer, type Call, type Client } from './load.ts';

export interface Account {
  readonly cookie: string;
}

export interface Ledger {
  /** Titles whose creation was acknowledged, by account. */
  readonly acknowledged: Map<Account, Set<string>>;
  /** Titles that were sent, acknowledged or not. */
  readonly sent: Map<Account, Set<string>>;
}

export async function signUp(url: string): Promise<Account> {
  const body = JSON.stringify({ email: `${randomUUID()}@example.com`, password: `correct horse ${randomUUID()}` });
  const answer = await send(url, { method: 'POST', path: '/api/accounts', body });
  if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${answer.body}`);
  return { cookie: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ') };
}

export function newLedger(accounts: readonly Account[]): Ledger {
  return {
    acknowledged: new Map(accounts.map((account) => [account, new Set()])),
    sent: new Map(accounts.map((account) => [account, new Set()])),
  };
}

/** Loads the page, lists, creates and completes tasks, in turn. */
export function tasklyClient(account: Account, ledger: Ledger, keepAlive: boolean, pauseMs: number): Client {
  const known: { id: string; version: number }[] = [];
  const headers = { cookie: account.cookie };
  let turn = 0;
  return {
    keepAlive,
    pauseMs,
    next: () => {
      turn += 1;
      if (turn % 4 === 0) return { method: 'GET', path: '/', judge: page };
      if (turn % 4 === 1) return create(account, ledger, headers);
      const task = known.shift();
      if (turn % 4 === 2 && task !== undefined)
        return { method: 'PATCH', path: `/api/tasks/${task.id}`, headers, body: JSON.stringify({ version: task.version, done: true }) };
      return { method: 'GET', path: '/api/tasks?limit=5', headers };
    },
    done: (call, answer) => {
      if (call.method === 'POST' && answer !== undefined) known.push(acknowledge(account, ledger, call, answer));
    },
  };
}

function page(status: number, body: string): string | undefined {
  if (status !== 200) return String(status);
  return body.includes('</html>') ? undefined : 'wrong body';
}

function create(account: Account, ledger: Ledger, headers: Readonly<Record<string, string>>): Call {
  const title = randomUUID();
  ledger.sent.get(account)?.add(title);
  return { method: 'POST', path: '/api/tasks', headers: { ...headers, 'idempotency-key': title }, body: JSON.stringify({ title }) };
}

function acknowledge(account: Account, ledger: Ledger, _call: Call, answer: Answer): { id: string; version: number } {
  const task = JSON.parse(answer.body) as { id: string; version: number; title: string };
  ledger.acknowledged.get(account)?.add(task.title);
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
export async function compare(url: string, ledger: Ledger): Promise<Verdict> {
  const verdict = { acknowledged: 0, lost: 0, duplicated: 0, strange: 0 };
  for (const [account, acknowledged] of ledger.acknowledged) {
    const titles = await allTitles(url, account);
    const there = new Set(titles);
    verdict.acknowledged += acknowledged.size;
    verdict.lost += [...acknowledged].filter((title) => !there.has(title)).length;
    verdict.duplicated += titles.length - there.size;
    verdict.strange += [...there].filter((title) => ledger.sent.get(account)?.has(title) !== true).length;
  }
  return verdict;
}

/** The database may just be coming back: the verdict waits for it. */
async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until('the list is answered', async () => {
    answer = await ask();
    return answer.status === 200;
  });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

async function allTitles(url: string, account: Account): Promise<string[]> {
  const titles: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const path: string = `/api/tasks?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await patiently(async () => send(url, { method: 'GET', path, headers: { cookie: account.cookie } }));
    const list = JSON.parse(answer.body) as { items: { title: string }[]; next: string | null };
    titles.push(...list.items.map(({ title }) => title));
    cursor = list.next;
  }
  return titles;
}
