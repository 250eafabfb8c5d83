/** The downtime meter: requests of its own through the public entry while a release, rollback or scaling is under way. */
import { Agent } from 'node:http';
import { GantryError } from '../errors.ts';
import type { Entry, MeterFigures } from '../platforms/platform.ts';
import { MeterClock } from './meter-clock.ts';
import { probe, probePaths, type Outcome, type ProbePath } from './meter-probe.ts';
import { kindsOf, Tally, type Failure } from './meter-tally.ts';
import { platformContext, type Work } from './work.ts';

export type MeterResult = MeterFigures;

export interface Meter {
  /** Requests sent so far. They are no users. */
  sent(): number;
  soFar(): MeterResult;
  /** Ends the measuring, with the answers that are still under way; called again, it gives the same result. */
  stop(): Promise<MeterResult>;
}

export type MeterInput = Pick<Work, 'app' | 'env' | 'folder' | 'signal' | 'platform' | 'live' | 'settings' | 'report'>;

/** A request every so many ticks of the clock: 50 a second. */
const ticksPerProbe = 2;
const mostWaiting = 10;
const baselineMs = 60;
const baselineProbes = 30;
/** What answers with more than this is not asked again and again. */
const bodyLimit = 1024 * 1024;
const shownFailures = 20;

/**
 * @param breached called once, when more requests have failed than `settings.budget` allows
 * @returns undefined when nothing serves yet, or when nothing there can be asked
 */
export async function startMeter(input: MeterInput, breached: (reason: GantryError) => void): Promise<Meter | undefined> {
  const { live, platform, settings } = input;
  const paths = live === undefined ? [] : probePaths(live.app);
  if (paths.length === 0) return undefined;
  const entry = await platform.entry('public', platformContext(input)).catch(() => undefined);
  if (entry === undefined) return undefined;
  const agent = new Agent({ keepAlive: true, maxSockets: mostWaiting });
  const baseline = new Baseline(entry, paths, agent);
  await baseline.taken();
  if (baseline.answering.length === 0 && baseline.silent === 0) {
    agent.destroy();
    return undefined;
  }
  return new RunningMeter(entry, agent, baseline, settings.budget, breached);
}

/** How the live release answers before anything changes. A path that fails already, or answers too much, is not asked any more. */
class Baseline {
  readonly times: number[] = [];
  readonly #entry: Entry;
  readonly #agent: Agent;
  readonly #paths: readonly ProbePath[];
  readonly #statuses = new Map<ProbePath, number>();
  readonly #clock = new MeterClock();
  /** Paths whose first answer has not come yet; one that comes later counts from then on. */
  silent: number;
  #turn = 0;
  #taken = false;

  constructor(entry: Entry, paths: readonly ProbePath[], agent: Agent) {
    this.#entry = entry;
    this.#agent = agent;
    this.#paths = paths;
    this.silent = paths.length;
  }

  /** Those that can be asked, as far as is known now. */
  get answering(): readonly ProbePath[] {
    return [...this.#statuses.keys()];
  }

  /** A 4xx is a failure only where there was none before. */
  judge(path: ProbePath, { status, failure }: Outcome): string | undefined {
    const refused = status >= 400 && status < 500;
    return failure ?? (refused && !isRefusal(this.#statuses.get(path)) ? String(status) : undefined);
  }

  /** Ends with enough answers, at the latest after 60 ms. */
  async taken(): Promise<void> {
    const firsts = Promise.all(this.#paths.map(async (path) => this.#first(path)));
    const late = new Promise<void>((resolve) => setTimeout(resolve, baselineMs).unref());
    await Promise.race([firsts.then(async () => Promise.race([Promise.all([this.#more(true), this.#more(false)]), late])), late]);
    this.#taken = true;
    this.#clock.stop();
  }

  async #first(path: ProbePath): Promise<void> {
    const answer = await probe(this.#entry, path);
    this.silent -= 1;
    if (answer.failure === undefined && answer.bytes <= bodyLimit) this.#statuses.set(path, answer.status);
  }

  async #more(keepAlive: boolean): Promise<void> {
    while (!this.#taken && this.times.length < baselineProbes) {
      const path = this.answering[(this.#turn += 1) % Math.max(1, this.#statuses.size)];
      if (path === undefined) return;
      const startedAt = this.#clock.now();
      await probe(this.#entry, path, keepAlive ? { agent: this.#agent } : {});
      if (!this.#taken) this.times.push(this.#clock.now() - startedAt);
    }
  }
}

function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500;
}

class RunningMeter implements Meter {
  readonly #entry: Entry;
  readonly #agent: Agent;
  readonly #baseline: Baseline;
  readonly #budget: number;
  readonly #breached: (reason: GantryError) => void;
  readonly #clock: MeterClock;
  readonly #tally: Tally;
  readonly #waiting = new Set<Promise<void>>();
  #sent = 0;
  #ticks = 0;
  #told = false;
  #stopped: Promise<MeterResult> | undefined;

  constructor(entry: Entry, agent: Agent, baseline: Baseline, budget: number, breached: (reason: GantryError) => void) {
    this.#entry = entry;
    this.#agent = agent;
    this.#baseline = baseline;
    this.#budget = budget;
    this.#breached = breached;
    this.#clock = new MeterClock(() => this.#tick());
    this.#tally = new Tally(baseline.times, this.#clock.now());
  }

  sent(): number {
    return this.#sent;
  }

  soFar(): MeterResult {
    return this.#tally.soFar(this.#clock.now());
  }

  async stop(): Promise<MeterResult> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<MeterResult> {
    this.#tally.close(this.#clock.now());
    await Promise.all(this.#waiting);
    this.#clock.stop();
    this.#agent.destroy();
    return this.#tally.result();
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#stopped !== undefined || this.#ticks % ticksPerProbe !== 0 || this.#waiting.size >= mostWaiting) return;
    const paths = this.#baseline.answering;
    const path = paths[Math.floor(this.#sent / 2) % Math.max(1, paths.length)];
    if (path === undefined) return;
    const one = this.#probe(path, this.#sent % 2 === 0).finally(() => this.#waiting.delete(one));
    this.#waiting.add(one);
    this.#sent += 1;
  }

  async #probe(path: ProbePath, keepAlive: boolean): Promise<void> {
    const startedAt = this.#clock.now();
    const outcome = await probe(this.#entry, path, keepAlive ? { agent: this.#agent } : {});
    const at = this.#clock.now();
    this.#tally.add({ at, ms: at - startedAt, path: path.path, failure: this.#baseline.judge(path, outcome), time: new Date() });
    if (this.#told || this.#tally.failures.length <= this.#budget) return;
    this.#told = true;
    this.#breached(overBudget(this.#tally.failures, this.#tally.requests, this.#budget));
  }
}

function overBudget(failures: readonly Failure[], requests: number, budget: number): GantryError {
  const what = `${failures.length} of ${requests} requests failed (${kindsOf(failures)})`;
  return new GantryError('GR4003', `${what}; the budget is ${budget}`, {
    where: 'release.budget',
    lines: failures.slice(0, shownFailures).map(({ time, path, failure }) => `${time.toISOString()} GET ${path} ${failure}`),
  });
}
