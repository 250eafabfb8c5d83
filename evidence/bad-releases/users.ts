/** Users of the shop who never ask twice. What they saw is counted by the time at which they asked. */
import { Agent } from 'node:http';
import { send, type Answer, type Call } from '../../test/rig/load.ts';

/** What came of the requests that were sent while it was the current one. */
export interface Watch {
  requests: number;
  /** By kind: `502`, `ECONNRESET`, `wrong body`, `slow`, ... */
  readonly bad: Map<string, number>;
  /** Answers by edition, as far as they say one. */
  readonly editions: Map<string, number>;
}

export interface Users {
  /** Begins a new count; requests under way stay with the one before. */
  watch(): Watch;
  /** Resolves when so many requests of the watch have come back; rejects after a while. */
  reached(watch: Watch, requests: number): Promise<void>;
  stop(): Promise<void>;
}

const clients = 24;
const pauseMs = 45;
const pollMs = 20;
const patienceMs = 180_000;
/** Answers take some 10 ms. What is slow about the good edition is the machine's doing. */
const slowMs = 150;
/** How editions of bad releases begin. */
export const badEdition = 'bad';

interface Ask extends Call {
  wrong(body: string): boolean;
}

export function startUsers(url: string): Users {
  let current = newWatch();
  let running = true;
  const loop = async (number: number): Promise<void> => {
    const agent = number % 3 === 0 ? new Agent({ keepAlive: false }) : new Agent({ keepAlive: true, maxSockets: 1 });
    const user = newUser(number);
    while (running) {
      const watch = current;
      await user(url, agent, watch);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  };
  const loops = Array.from({ length: clients }, async (_none, number) => loop(number));
  return {
    watch: () => (current = newWatch()),
    reached: async (watch, requests) => {
      const deadline = performance.now() + patienceMs;
      while (watch.requests < requests) {
        if (performance.now() > deadline) throw new Error(`only ${watch.requests} of ${requests} requests came back`);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    stop: async () => {
      running = false;
      await Promise.all(loops);
    },
  };
}

function newWatch(): Watch {
  return { requests: 0, bad: new Map(), editions: new Map() };
}

/** Opens the page, loads the script that it names, reads, writes, asks for the report, and so on. Half of them keep cookies. */
function newUser(number: number): (url: string, agent: Agent, watch: Watch) => Promise<void> {
  const cookies = new Map<string, string>();
  let turn = number;
  let script: string | undefined;
  return async (url, agent, watch) => {
    turn += 1;
    const ask = nextAsk(turn, script, `${number}-${turn}`);
    script = undefined;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const started = performance.now();
    const { answer, problem } = await attempt(url, agent, { ...ask, headers: { ...ask.headers, ...(cookie === '' ? {} : { cookie }) } });
    const ms = performance.now() - started;
    const edition = answer === undefined ? undefined : editionOf(answer.body);
    const bad = problem ?? (ms >= slowMs && edition?.startsWith(badEdition) === true ? 'slow' : undefined);
    watch.requests += 1;
    if (bad !== undefined) watch.bad.set(bad, (watch.bad.get(bad) ?? 0) + 1);
    if (answer === undefined) return;
    if (edition !== undefined) watch.editions.set(edition, (watch.editions.get(edition) ?? 0) + 1);
    if (ask.path === '/') script = / src="([^"]+)"/.exec(answer.body)?.[1];
    if (number % 2 === 0) keep(cookies, answer);
  };
}

function nextAsk(turn: number, script: string | undefined, id: string): Ask {
  if (script !== undefined) return { method: 'GET', path: script, wrong: (body) => !body.startsWith('console.log') };
  switch (turn % 4) {
    case 0:
      return {
        method: 'GET',
        path: '/',
        headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' },
        wrong: (body) => !body.includes('</html>'),
      };
    case 1:
      return { method: 'GET', path: '/api/items', wrong: (body) => !body.includes('chair') };
    case 2:
      return { method: 'POST', path: '/api/items', body: JSON.stringify({ id }), wrong: (body) => !body.includes(`"${id}"`) };
    default:
      return { method: 'GET', path: '/api/report', wrong: (body) => !body.includes('"sold":42') };
  }
}

async function attempt(url: string, agent: Agent, ask: Ask): Promise<{ readonly answer?: Answer; readonly problem?: string }> {
  try {
    const answer = await send(url, ask, agent);
    if (answer.status >= 300) return { answer, problem: String(answer.status) };
    return ask.wrong(answer.body) ? { answer, problem: 'wrong body' } : { answer };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: code ?? message };
  }
}

function editionOf(body: string): string | undefined {
  return /"edition":"([^"]+)"|data-edition="([^"]+)"/
    .exec(body)
    ?.slice(1)
    .find((found) => found !== undefined);
}

function keep(cookies: Map<string, string>, { headers }: Answer): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}
