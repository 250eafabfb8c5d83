/** The Storm: Taskly under mixed load while it is released, rolled back, scaled and restarted again and again. */
import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOf, type AppFolder } from '../../test/rig/gantry.ts';
import { connect } from '../../src/platforms/local/client.ts';
import { placesOf } from '../../src/platforms/local/places.ts';
import { bundle } from '../lib/bundle.ts';
import { seeded, type Chance } from '../lib/chance.ts';
import type { FromLoad, LoadOptions, ToLoad } from './generator-entry.ts';
import type { StormReport } from './tally.ts';
import type { Verdict } from './writers.ts';

export interface StormOptions {
  /** Ends when both are reached, or at the deadline. */
  readonly operations: number;
  readonly requests: number;
  readonly deadlineMs: number;
  readonly seed: number;
  readonly clients: Omit<LoadOptions, 'url'>;
  /** Where logs and journal go when a request failed. */
  readonly keep?: string;
  log(line: string): void;
}

export interface StormResult {
  readonly seed: number;
  readonly minutes: number;
  /** By kind: deploys, rollbacks, scalings, restarts, replacements of the ingress. */
  readonly operations: Readonly<Record<string, number>>;
  readonly report: StormReport;
  readonly ledger: Verdict;
  /** What the downtime meter of Gantry itself said, summed over all operations. */
  readonly meter: { readonly requests: number; readonly failed: number; readonly longestGapMs: number };
  /** The slowest of the operations, s. */
  readonly slowestS: number;
}

/** The mix of the standard rig, for two cores. */
export const standardClients: Omit<LoadOptions, 'url'> = {
  keepAlive: 64,
  fresh: 32,
  uploads: 8,
  events: 8,
  sockets: 16,
  pages: 4,
  pauseMs: 60,
};

const bakeMs = 1500;

export async function storm(options: StormOptions): Promise<StormResult> {
  const chance = seeded(options.seed);
  const app = stormApp();
  try {
    const url = await prepared(app);
    const load = await startLoad({ ...options.clients, url });
    const began = performance.now();
    const watch = watchBakes(app, () => load.epoch());
    try {
      const done = await operations(app, load, chance, options, began);
      const { report, verdict } = await load.stop();
      if (report.failed > 0 && options.keep !== undefined) keepEvidence(app, options.keep);
      return { seed: options.seed, minutes: Math.round((performance.now() - began) / 6000) / 10, report, ledger: verdict, ...done };
    } finally {
      watch.stop();
      load.kill();
    }
  } finally {
    await app.remove();
  }
}

/** Taskly with the echo service beside it, three replicas each, and settings that judge a release in seconds. */
function stormApp(): AppFolder {
  const app = copyOf('taskly');
  cpSync(join(import.meta.dirname, 'echo'), join(app.folder, 'echo'), { recursive: true });
  edit(app, 'gantry.yaml', (text) =>
    text
      .replace('scale: { min: 2, max: 6, cpu: 70 }', 'scale: { min: 2, max: 3 }')
      .replace('scale: { min: 2, max: 10, cpu: 70 }', 'scale: { min: 3, max: 5 }')
      .replace('LOG_LEVEL: info }', 'LOG_LEVEL: warn, SIGN_UPS_PER_HOUR: 1000000, EDITION: "0" }')
      .replace('resources:', `${echo}resources:`)
      .concat(`release: { canary: { share: 20, duration: 1s }, bake: ${bakeMs}ms, drain: 5s }\n`),
  );
  return app;
}

/** Everything is built before the load begins: the machine is to be busy with requests, not with bundling. */
async function prepared(app: AppFolder): Promise<string> {
  let url = '';
  for (let edition = editions - 1; edition >= 0; edition -= 1) {
    editPage(app, edition);
    ({ url } = await app.json<{ url: string }>(['up', '--detach'], { timeoutMs: 300_000 }));
  }
  return url;
}

/** Another page: its script has another hash, and so another name. */
function editPage(app: AppFolder, edition: number): void {
  edit(
    app,
    'frontend/src/main.tsx',
    (text) =>
      `${text.replace(/\n\/\/ edition \d+.*$/s, '')}\n// edition ${edition}\nexport const edition = ${edition};\nconsole.debug(edition);\n`,
  );
}

const echo = `  echo:
    build: ./echo
    run: node server.js
    port: 4000
    route: /echo
    health: /echo/health
    scale: { min: 2, max: 2 }
`;

function edit(app: AppFolder, file: string, change: (text: string) => string): void {
  const path = join(app.folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

const watchMs = 100;

/** Calls `late` early in each bake: soon after, the set that older pages came from is gone. */
function watchBakes(app: AppFolder, late: () => void): { stop(): void } {
  const { supervisorSocket } = placesOf(app.folder);
  let baking = false;
  const look = async (): Promise<void> => {
    const client = await connect(supervisorSocket);
    const { operation } = await client.request('status', {}).finally(() => client.close());
    const now = operation?.step === 'bake';
    if (now && !baking) setTimeout(late, bakeMs / 3);
    baking = now;
  };
  const timer = setInterval(() => void look().catch(() => undefined), watchMs);
  return { stop: () => clearInterval(timer) };
}

/** Logs and journal of a run that lost something. */
function keepEvidence(app: AppFolder, folder: string): void {
  const { logDir, storeDir } = placesOf(app.folder);
  cpSync(logDir, join(folder, 'logs'), { recursive: true });
  cpSync(storeDir, join(folder, 'store'), { recursive: true });
}

interface Load {
  count(): Promise<number>;
  epoch(): void;
  stop(): Promise<{ readonly report: StormReport; readonly verdict: Verdict }>;
  kill(): void;
}

async function startLoad(options: LoadOptions): Promise<Load> {
  const file = await bundle(join(import.meta.dirname, 'generator-entry.ts'), 'storm');
  const child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ask = async (message: ToLoad): Promise<FromLoad> => {
    const answer = answerOf(child);
    child.send(message);
    return answer;
  };
  return {
    count: async () => {
      const answer = await ask('count');
      return 'count' in answer ? answer.count : 0;
    },
    epoch: () => void (child.connected && child.send('epoch' satisfies ToLoad)),
    stop: async () => {
      const answer = await ask('stop');
      if ('count' in answer) throw new Error('the load gave no report');
      return answer;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function answerOf(child: ChildProcess): Promise<FromLoad> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`the load ended with ${String(code)}`));
    child.once('exit', end);
    child.once('message', (message) => {
      child.off('exit', end);
      resolve(message as FromLoad);
    });
  });
}

interface Done {
  readonly operations: Record<string, number>;
  readonly meter: { requests: number; failed: number; longestGapMs: number };
  slowestS: number;
}

interface Outcome {
  readonly meter?: { readonly requests: number; readonly failed: number; readonly longestGapMs: number };
}

async function operations(app: AppFolder, load: Load, chance: Chance, options: StormOptions, began: number): Promise<Done> {
  const done: Done = { operations: {}, meter: { requests: 0, failed: 0, longestGapMs: 0 }, slowestS: 0 };
  for (let number = 1; performance.now() - began < options.deadlineMs; number += 1) {
    const requests = await load.count();
    if (number > options.operations && requests >= options.requests) break;
    const [kind, args] = next(app, chance, number);
    const started = performance.now();
    const outcome = args === 'renew' ? await renewIngress(app) : await app.json<Outcome>(args, { timeoutMs: 120_000 });
    const seconds = (performance.now() - started) / 1000;
    done.operations[kind] = (done.operations[kind] ?? 0) + 1;
    done.slowestS = Math.max(done.slowestS, Math.round(seconds * 10) / 10);
    add(done.meter, outcome.meter);
    options.log(`${number}  ${kind}  ${((started - began) / 1000).toFixed(1)} s + ${seconds.toFixed(1)} s  ${requests} requests so far`);
  }
  return done;
}

async function renewIngress({ folder }: AppFolder): Promise<Outcome> {
  const client = await connect(placesOf(folder).supervisorSocket);
  await client.request('renewIngress', {}).finally(() => client.close());
  return {};
}

function add(sum: Done['meter'], one: Outcome['meter']): void {
  if (one === undefined) return;
  sum.requests += one.requests;
  sum.failed += one.failed;
  sum.longestGapMs = Math.max(sum.longestGapMs, one.longestGapMs);
}

const editions = 3;

/** The next operation; a release changes a variable of the backend, and every second one the page and its assets too. */
function next(app: AppFolder, chance: Chance, number: number): [kind: string, args: readonly string[] | 'renew'] {
  const draw = chance.below(100);
  if (number > 2 && draw < 15) return ['rollback', ['rollback', 'local', '--yes']];
  if (draw < 25) return ['scale', ['scale', 'local', `backend=${3 + chance.below(3)}`]];
  if (draw < 30) return ['restart', ['restart', 'local', chance.pick(['backend', 'frontend', 'echo'])]];
  if (draw < 34) return ['ingress', 'renew'];
  edit(app, 'gantry.yaml', (text) => text.replace(/EDITION: "\d+"/, `EDITION: "${number}"`));
  if (number % 2 === 0) editPage(app, number % editions);
  return ['deploy', ['deploy', 'local', '--yes']];
}
