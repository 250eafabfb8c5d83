/** Deploys one bad release after the other over a good one, under load, and looks at what users saw of each. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { ErrorCode, WireError } from '../../src/errors.ts';
import { emptyFolder, type AppFolder, type Result } from '../../test/rig/gantry.ts';
import { until } from '../../test/rig/until.ts';
import { canaryShare, writeShop } from './folder.ts';
import { kinds as allKinds, type Kind, type Reach } from './kinds.ts';
import { badEdition, startUsers, type Users, type Watch } from './users.ts';

export interface KindResult {
  readonly kind: string;
  readonly what: string;
  readonly reach: Reach;
  /** Where the release ended: `rolled back`, `failed` (before it changed anything), `promoted`. */
  readonly outcome: string;
  readonly exitCode: number | null;
  readonly code: string;
  readonly message: string;
  /** Lines of evidence that came with the error. */
  readonly evidence: number;
  readonly seconds: number;
  /** Of users, sent while the deploy ran. */
  readonly requests: number;
  /** Of them: failed, wrong, or slow. */
  readonly bad: number;
  readonly badKinds: Readonly<Record<string, number>>;
  /** Percent of the requests. */
  readonly badShare: number;
  /** Answers of the bad edition. */
  readonly reached: number;
  /** Sent after the command had ended; both together are 2,000 at least. */
  readonly afterwards: { readonly requests: number; readonly bad: number };
  readonly orphans: number;
  /** What is not as it should be. */
  readonly problems: readonly string[];
}

export interface BadReleasesResult {
  readonly seed: number;
  readonly kinds: readonly KindResult[];
  /** Kinds that were refused or rolled back, of those that should be. */
  readonly stopped: number;
  readonly toBeStopped: number;
  /** The largest share of bad answers among those that show at once, percent. */
  readonly worstShare: number;
}

export interface BadReleasesOptions {
  /** Names; all without it. */
  readonly kinds?: readonly string[];
  /** Of the order. */
  readonly seed: number;
  log(line: string): void;
}

const leastRequests = 2_000;
const requestsAfterwards = 200;
const warmUp = 300;

export async function badReleases({ kinds: names, seed, log }: BadReleasesOptions): Promise<BadReleasesResult> {
  const chosen = shuffled(
    allKinds.filter(({ name }) => names === undefined || names.includes(name)),
    seed,
  );
  const results: KindResult[] = [];
  let place: Place | undefined;
  try {
    for (const kind of chosen) {
      place ??= await open();
      const result = await one(place, kind, results.length + 1);
      results.push(result);
      log(line(result));
      // What one kind has broken must not be blamed on the next.
      if (result.problems.length > 0) place = await close(place);
    }
  } finally {
    await close(place);
  }
  return summary(seed, results);
}

/** Some kinds, of every reach one at least where there is room. */
export function handful(seed: number, count: number): string[] {
  const order = shuffled(allKinds, seed);
  const firsts = (['canary', 'bake', 'unseen', 'accepted', 'refused'] as const).flatMap(
    (reach) => order.find((kind) => kind.reach === reach) ?? [],
  );
  return [...new Set([...firsts, ...order])].slice(0, count).map(({ name }) => name);
}

interface Place {
  readonly app: AppFolder;
  readonly users: Users;
  /** Edition that serves. */
  good: string;
}

async function open(): Promise<Place> {
  const app = emptyFolder('shop');
  writeShop(app.folder, { edition: 'good' });
  const { url } = await app.json<{ url: string }>(['up', '--detach']);
  const users = startUsers(url);
  await users.reached(users.watch(), warmUp);
  return { app, users, good: 'good' };
}

async function close(place: Place | undefined): Promise<undefined> {
  await place?.users.stop();
  await place?.app.remove();
}

interface Document {
  readonly outcome?: string;
  readonly release?: string | null;
  readonly error?: WireError;
  readonly issues?: readonly { readonly code: ErrorCode; readonly message: string }[];
}

interface Seen {
  readonly release: string | null;
  readonly share: number;
  readonly services: readonly { readonly ready: number; readonly desired: number }[];
}

async function one(place: Place, kind: Kind, number: number): Promise<KindResult> {
  const { app, users } = place;
  const edition = `${badEdition}${number}`;
  const { release: old } = await app.json<Seen>(['status', 'local']);
  const { files } = kind;
  writeShop(app.folder, { ...kind, edition, files: typeof files === 'function' ? (files(edition) ?? {}) : (files ?? {}) });
  const during = users.watch();
  const started = performance.now();
  const ended = await deploy(app, kind.interruptMs);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  // Commands read the app file, and one kind has broken it.
  if (kind.reach !== 'accepted') writeShop(app.folder, { edition: place.good });
  const mayServe = kind.reach === 'accepted' || kind.reach === 'unsure';
  // A release that ends at once is looked at for as long as the others: what it did shows afterwards too.
  const after = users.watch();
  await users.reached(after, Math.max(requestsAfterwards, leastRequests - during.requests));
  const document = parsed(ended);
  const state = await app.json<Seen>(['status', 'local']);
  const left = await orphans(mayServe ? null : (document.release ?? null));
  const problems = [
    ...(mayServe ? await judgeServing(place, kind, document, edition) : judgeStopped(kind, ended, document, state, old)),
    ...(kind.reach === 'unsure' ? [] : judgeUsers(kind, during, after, edition)),
    ...(left === 0 ? [] : [`${left} processes of it are left`]),
  ];
  return { ...described(kind, ended, document), seconds, ...counted(during, after, edition), orphans: left, problems };
}

async function deploy(app: AppFolder, interruptMs: number | undefined): Promise<Result> {
  const args = ['deploy', 'local', '--json', '--yes'];
  if (interruptMs === undefined) return app.run(args);
  const child = app.start(args);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.resume();
  const timer = setTimeout(() => child.kill('SIGINT'), interruptMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, stdout, stderr: '' };
}

function parsed({ stdout, stderr }: Result): Document {
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    throw new Error(`gantry deploy gave no JSON:\n${stdout}\n${stderr}`);
  }
}

function described(
  kind: Kind,
  { code: exitCode }: Result,
  document: Document,
): Pick<KindResult, 'kind' | 'what' | 'reach' | 'outcome' | 'exitCode' | 'code' | 'message' | 'evidence'> {
  const { name, what, reach } = kind;
  const [issue] = document.issues ?? [];
  return {
    kind: name,
    what,
    reach,
    outcome: document.outcome ?? 'failed',
    exitCode,
    code: document.error?.code ?? issue?.code ?? '',
    message: document.error?.message ?? issue?.message ?? '',
    evidence: document.error?.lines.length ?? 0,
  };
}

function judgeStopped(kind: Kind, { code: exitCode }: Result, document: Document, state: Seen, old: string | null): string[] {
  const { error, issues = [], outcome } = document;
  const codes = error === undefined ? issues.map(({ code }) => code) : [error.code];
  const said = [error?.message, ...(error?.lines ?? []), ...issues.map((issue) => JSON.stringify(issue)), error?.fix].join('\n');
  const notServing = state.release !== old || state.share !== 0 || state.services.some(({ ready, desired }) => ready < desired);
  return [
    ...(exitCode === 0 ? ['exit code 0'] : []),
    ...(outcome === 'promoted' ? ['it was promoted'] : []),
    ...(codes.some((code) => kind.codes.includes(code))
      ? []
      : [`${codes.join(', ')} instead of ${kind.codes.join(' or ')}: ${error?.message ?? ''}`]),
    ...(kind.says === undefined || kind.says.test(said) ? [] : [`says nothing of ${String(kind.says)}: ${said.slice(0, 300)}`]),
    ...(notServing ? [`the old release does not serve as before: ${JSON.stringify(state)}`] : []),
  ];
}

/** If it serves, the good release after it works and leaves nothing of it. */
async function judgeServing(place: Place, kind: Kind, document: Document, edition: string): Promise<string[]> {
  const { app, users } = place;
  if (document.outcome !== 'promoted')
    return kind.reach === 'unsure' ? [] : [`${document.outcome ?? 'failed'}: ${document.error?.message ?? ''}`];
  const watch = users.watch();
  const good = `after-${edition}`;
  writeShop(app.folder, { edition: good });
  const next = parsed(await app.run(['deploy', 'local', '--json', '--yes']));
  await users.reached(watch, requestsAfterwards);
  const left = await orphans(document.release ?? null);
  if (next.outcome !== 'promoted') return [`the release after ${kind.name}: ${next.error?.message ?? next.outcome ?? ''}`];
  place.good = good;
  return [
    ...(kind.reach === 'unsure' || sum(watch.bad, true) === 0
      ? []
      : [`the release after it: ${text(watch.bad)} of ${watch.requests} requests`]),
    ...(left === 0 ? [] : [`${left} processes of it outlived the release after it`]),
  ];
}

function judgeUsers(kind: Kind, during: Watch, after: Watch, edition: string): string[] {
  const share = shareOf(during);
  const reached = during.editions.get(edition) ?? 0;
  const harmless = kind.reach === 'refused' || kind.reach === 'unseen' || kind.reach === 'accepted';
  return [
    ...(harmless && sum(during.bad, true) > 0 ? [`users saw ${text(during.bad)} of ${during.requests}`] : []),
    ...(kind.reach !== 'accepted' && harmless && reached > 0 ? [`${reached} answers came from it`] : []),
    ...(kind.reach === 'canary' && share > canaryShare ? [`${share.toFixed(2)} % of the answers were bad`] : []),
    ...(sum(after.bad, true) > 0 ? [`afterwards ${text(after.bad)} of ${after.requests} were bad`] : []),
    ...(kind.reach !== 'accepted' && (after.editions.get(edition) ?? 0) > 0 ? ['it answers afterwards'] : []),
  ];
}

function counted(
  during: Watch,
  after: Watch,
  edition: string,
): Pick<KindResult, 'requests' | 'bad' | 'badKinds' | 'badShare' | 'reached' | 'afterwards'> {
  const bad = sum(during.bad);
  return {
    requests: during.requests,
    bad,
    badKinds: Object.fromEntries(during.bad),
    badShare: Math.round(100 * shareOf(during)) / 100,
    reached: during.editions.get(edition) ?? 0,
    afterwards: { requests: after.requests, bad: sum(after.bad) },
  };
}

/** Percent. */
function shareOf({ bad, requests }: Watch): number {
  return requests === 0 ? 0 : (100 * sum(bad)) / requests;
}

/** @param certain without slow answers: a busy machine makes some of its own */
function sum(bad: ReadonlyMap<string, number>, certain = false): number {
  return [...bad].reduce((total, [kind, count]) => (certain && kind === 'slow' ? total : total + count), 0);
}

function text(bad: ReadonlyMap<string, number>): string {
  return [...bad].map(([kind, count]) => `${count} x ${kind}`).join(', ');
}

/** Processes of a release, wherever they hide; what was told to end a moment ago may still be ending. */
async function orphans(release: string | null): Promise<number> {
  if (release === null || !existsSync('/proc/self/environ')) return 0;
  const left = (): number => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && belongsTo(name, release)).length;
  await until('nothing of the release is left', async () => left() === 0, 5_000).catch(() => {});
  return left();
}

function belongsTo(pid: string, release: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`GANTRY_RELEASE=${release}`);
  } catch {
    return false;
  }
}

function summary(seed: number, results: readonly KindResult[]): BadReleasesResult {
  const toBeStopped = results.filter(({ reach }) => reach !== 'accepted' && reach !== 'unsure');
  const atOnce = toBeStopped.filter(({ reach }) => reach !== 'bake');
  return {
    seed,
    kinds: results,
    stopped: toBeStopped.filter(({ problems }) => problems.length === 0).length,
    toBeStopped: toBeStopped.length,
    worstShare: Math.max(0, ...atOnce.map(({ badShare }) => badShare)),
  };
}

function line({ kind, outcome, code, seconds, requests, bad, badShare, afterwards, problems }: KindResult): string {
  const figures = `${bad} bad of ${requests} (${badShare.toFixed(2)} %), then ${afterwards.bad} of ${afterwards.requests}`;
  const verdict = problems.length === 0 ? '' : `  PROBLEM: ${problems.join('; ')}`;
  return `${kind.padEnd(24)} ${outcome.padEnd(12)} ${code.padEnd(7)} ${seconds.toFixed(1).padStart(5)} s  ${figures}${verdict}`;
}

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  let state = seed >>> 0;
  for (let index = order.length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (index + 1));
    [order[index], order[other]] = [order[other] as T, order[index] as T];
  }
  return order;
}
