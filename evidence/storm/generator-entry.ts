/** The load as a process of its own, so that what it measures is not slowed by who steers it. Arguments: a LoadOptions as JSON. */
import { compare, Ledger, write } from './writers.ts';
import { follow, talk, upload } from './streams.ts';
import { Tally, type StormReport } from './tally.ts';
import { visit } from './pages.ts';
import type { Verdict } from './writers.ts';

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

const writer = (name: string, keepAlive: boolean): Promise<void> =>
  write({ base, name, keepAlive, pauseMs: options.pauseMs, ledger, tally, running });

const clients = [
  ...times(options.keepAlive, async () => writer('kept', true)),
  ...times(options.fresh, async () => writer('fresh', false)),
  ...times(options.uploads, async () => upload({ base, tally, running })),
  ...times(options.events, async () => follow({ base, tally, running })),
  ...times(options.sockets, async () => talk({ base, tally, running })),
  ...times(options.pages, async () => visit({ base, tally, running, epoch: () => epoch })),
];

function say(message: FromLoad): void {
  process.send?.(message);
}

async function end(): Promise<void> {
  isRunning = false;
  await Promise.all(clients);
  say({ report: tally.report(), verdict: await compare(base, ledger) });
  process.disconnect();
}

process.on('message', (message: ToLoad) => {
  if (message === 'epoch') epoch += 1;
  else if (message === 'count') say({ count: tally.requests });
  else void end();
});
