/** Many deploys of one app at once: one runs, the others are told who does; and when its holder is killed, somebody takes over. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { isGantryError } from '../../src/errors.ts';
import { folderStore } from '../../src/platforms/folder-store.ts';
import { connect } from '../../src/platforms/local/client.ts';
import { history } from '../../src/release/history.ts';
import { readEvents } from '../../src/release/journal.ts';
import { App, freePort, freeze, type Said } from '../crash/app.ts';

export interface RacersOptions {
  readonly count: number;
  /** Processes that run at any moment. */
  readonly atOnce: number;
  log(line: string): void;
}

export interface RacersResult {
  readonly count: number;
  readonly atOnce: number;
  /** Deploys that ran; one at a time, and only one of those that raced with it. */
  readonly ran: number;
  /** Told at once, with code GR1001 and with a name, who changes the environment. */
  readonly told: number;
  /** What the others said, if anything else. */
  readonly other: readonly string[];
  /**
   * From asking for the environment until being told, by programs that ask on the same socket while the others race.
   * A command asks once Node has started and it has read the app file; on few cores, twenty that start at once wait for each other there.
   */
  readonly attempts: Spread & { readonly count: number; readonly told: number };
  /** From the start of a command's process, Node's start included, until it had ended; alone: with no other at the same time. */
  readonly toldMs: Spread & { readonly alone: number };
  readonly cores: number;
  readonly takeover: Takeover;
}

/** ms */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export interface Takeover {
  /** From the kill until another process held the lock; nobody did anything. */
  readonly heldMs: number;
  /** From the kill until that one had finished the release, with the bake from its beginning, or taken it back. */
  readonly settledMs: number;
  readonly ended: 'old' | 'new' | 'neither';
  /** Whether the command that had begun it said the truth about its end. */
  readonly commandIsRight: boolean;
  /** Operations that the journal shows at the same time as another one. */
  readonly overlapping: number;
}

/** The first deploy has to last as long as the race does; killed in the middle, its bake begins anew. */
const bakeSecondsEach = 0.45;
const leastBakeSeconds = 15;
const settledMs = 180_000;

export async function racers({ count, atOnce, log }: RacersOptions): Promise<RacersResult> {
  const frozen = freeze();
  const app = new App(frozen, await freePort());
  try {
    app.edit();
    await app.up();
    slowRelease(app, Math.max(leastBakeSeconds, Math.ceil(count * bakeSecondsEach)));
    const winner = app.start(deployWords);
    await underWay(app);
    const alone = await race(app);
    log(`alone, told after ${Math.round(alone.ms)} ms: ${firstLine(alone.text)}`);
    const attempts = keepAsking(app);
    const results = await many(app, count - 1, atOnce);
    const asked = await attempts.stop();
    const told = results.filter(isTold);
    log(`${told.length} of ${results.length} told who is at work, ${asked.told} of ${asked.count} attempts within ${asked.max} ms`);
    const takeover = await killHolder(app, winner.said, log);
    return {
      count,
      atOnce,
      ran: 1 + results.filter(({ code }) => code === 0).length,
      told: told.length,
      other: results.filter((one) => !isTold(one)).map(({ code, text }) => `exit ${code}: ${text}`),
      attempts: asked,
      toldMs: { alone: Math.round(alone.ms), ...spread(told.map(({ ms }) => ms)) },
      cores: cpus().length,
      takeover,
    };
  } finally {
    await app.remove();
    rmSync(frozen, { recursive: true, force: true });
  }
}

const deployWords = ['deploy', 'local', '--yes'] as const;

/** Long enough for all of the others to come in between. */
function slowRelease(app: App, bakeSeconds: number): void {
  app.edit();
  const file = join(app.folder, 'gantry.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('bake: 0s', `bake: ${bakeSeconds}s`));
}

async function underWay(app: App): Promise<void> {
  const deadline = performance.now() + settledMs;
  while ((await app.status()).operation?.step !== 'bake') {
    if (performance.now() > deadline) throw new Error('the first deploy does not get as far as the bake');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Raced {
  readonly ms: number;
  readonly code: number | null;
  readonly text: string;
}

async function race(app: App): Promise<Raced> {
  const started = performance.now();
  const { code, text } = await app.run(deployWords);
  return { ms: performance.now() - started, code, text };
}

/** Starting a process stops this one for a moment, and with it the clock of those that ask. */
const apartMs = 20;

async function many(app: App, count: number, atOnce: number): Promise<Raced[]> {
  const results: Raced[] = [];
  let begun = 0;
  const lane = async (index: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, index * apartMs));
    while (begun < count) {
      begun += 1;
      results.push(await race(app));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => lane(index)));
  return results;
}

/** `this environment is being changed by ana@laptop (deploy, since 10:41:02, step bake)` */
function isTold({ code, text }: Raced): boolean {
  return code === 1 && text.includes('GR1001') && /by \S+@\S+ \(deploy, since \d\d:\d\d:\d\d, step \w+\)/.test(text);
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.includes('GR1001')) ?? text.trim();
}

interface Asking {
  stop(): Promise<RacersResult['attempts']>;
}

const askEachMs = 25;

/** One attempt after the other, each over a connection of its own, as a command makes it. */
function keepAsking(app: App): Asking {
  let running = true;
  const times: number[] = [];
  let told = 0;
  const loop = (async (): Promise<void> => {
    while (running) {
      const started = performance.now();
      const code = await ask(app).catch((error: unknown) => (isGantryError(error) ? error.code : String(error)));
      times.push(performance.now() - started);
      if (code === 'GR1001') told += 1;
      await new Promise((resolve) => setTimeout(resolve, askEachMs));
    }
  })();
  return {
    stop: async () => {
      running = false;
      await loop;
      return { count: times.length, told, ...spread(times) };
    },
  };
}

async function ask(app: App): Promise<never> {
  const client = await connect(app.places.supervisorSocket);
  try {
    await client.request('operate', { operation: 'deploy', request: {}, who: 'racer', path: '' });
    throw new Error('a second operation was let in');
  } finally {
    client.close();
  }
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: quantile(sorted, 1) };
}

function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

async function killHolder(app: App, command: Promise<Said>, log: (line: string) => void): Promise<Takeover> {
  const { live: old, release: next } = await journalStates(app);
  if (next === null) throw new Error('the first deploy has ended before the race did');
  const { pid } = await app.hello();
  const killed = performance.now();
  process.kill(pid, 'SIGKILL');
  const since = (): number => Math.round(performance.now() - killed);
  const heldMs = await heldByAnother(app, pid).then(since);
  const standing = await app.settled(settledMs);
  const ms = since();
  const { code, text } = await command;
  const ended = standing.release === next ? 'new' : standing.release === old ? 'old' : 'neither';
  log(`killed the holder in the bake: taken over after ${heldMs} ms, ${ended} release after ${ms} ms; the command ended with ${code}`);
  if ((code === 0) !== (ended === 'new')) log(lastLines(text));
  return { heldMs, settledMs: ms, ended, commandIsRight: (code === 0) === (ended === 'new'), overlapping: await overlapping(app) };
}

async function heldByAnother(app: App, dead: number): Promise<void> {
  const store = folderStore(app.places.storeDir);
  const deadline = performance.now() + settledMs;
  for (let holder = await store.holder(); holder === undefined || holder.pid === dead; holder = await store.holder()) {
    if (performance.now() > deadline) throw new Error('nobody takes over');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join(' | ');
}

async function journalStates(app: App): Promise<{ readonly live: string | null; readonly release: string | null }> {
  const state = await app.journal();
  return { live: state.live, release: 'release' in state ? state.release : null };
}

/** By the order of the journal; times are for people. */
async function overlapping(app: App): Promise<number> {
  const records = history(await readEvents(folderStore(app.places.storeDir)));
  return records.slice(0, -1).filter(({ outcome }) => outcome === 'running').length;
}
