/** The load as a process of its own, so that what it measures is not slowed by who steers it. Arguments: a LoadOptions as JSON. */
import { compare, Ledger, signUp, write, type Account, type Verdict } from './writers.ts';
import { follow, talk, upload } from './streams.ts';
import { Tally, type StormReport } from './tally.ts';
import { visit } from './pages.ts';

export interface LoadOptions {
  readonly url: string;
  /** Clients of each kind. */
  readonly keepAlive: number;
  readonly fresh: number;
  readonly uploads: number;
  readonly events: number;
  readonly sockets: number;
  readonly pages: number;
  /** Pause of a reader or writer between two requests, ms. */
  readonly pauseMs: number;
}

/** epoch: pages opened before are not sure to find their assets any more. */
export type ToLoad = 'epoch' | 'count' | 'stop';
export type FromLoad = { readonly count: number } | { readonly report: StormReport; readonly verdict: Verdict };

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const base = new URL(options.url);
const tally = new Tally();
const ledger = new Ledger();
let isRunning = true;
let epoch = 0;
const running = (): boolean => isRunning;

function times(count: number, start: () => Promise<void>): Promise<void>[] {
  return Array.from({ length: count }, start);
}

async function accounts(count: number): Promise<Account[]> {
  const made: Account[] = [];
  while (made.length < count) made.push(await signUp(base));
  return made;
}

async function startClients(): Promise<Promise<void>[]> {
  const writers = await accounts(options.keepAlive + options.fresh);
  return [
    ...writers.map(async (account, index) => {
      const keepAlive = index < options.keepAlive;
      return write({ base, name: keepAlive ? 'kept' : 'fresh', keepAlive, pauseMs: options.pauseMs, ledger, tally, account, running });
    }),
    ...times(options.uploads, async () => upload({ base, tally, running })),
    ...times(options.events, async () => follow({ base, tally, running })),
    ...times(options.sockets, async () => talk({ base, tally, running })),
    ...times(options.pages, async () => visit({ base, tally, running, epoch: () => epoch })),
  ];
}

const clients = startClients();

function say(message: FromLoad): void {
  process.send?.(message);
}

async function end(): Promise<void> {
  isRunning = false;
  await Promise.all(await clients);
  say({ report: tally.report(), verdict: await compare(base, ledger) });
  process.disconnect();
}

process.on('message', (message: ToLoad) => {
  if (message === 'epoch') epoch += 1;
  else if (message === 'count') void clients.then(() => say({ count: tally.requests }));
  else void end();
});
