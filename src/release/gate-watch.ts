/** Watches both sets while users are on the next one, and throws as soon as that is worse. */
import { GantryError } from '../errors.ts';
import type { GateFigures, LogSelector, Metrics } from '../platforms/platform.ts';
import { HealthWatch, seenReplicas, type HealthProblem, type SeenReplica } from './gate-health.ts';
import { smokeTraffic } from './gate-smoke.ts';
import { counted, SetWatch, type Counted } from './gate-window.ts';
import { figures, figuresLine, judgeSets, leastRequests, limits, type Moment, type Window } from './gate.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { pause, platformContext, type Work } from './work.ts';

export interface WatchPlan {
  readonly step: 'canary' | 'bake';
  /** Percent of users on the next set. */
  readonly share: number;
  readonly durationMs: number;
  /** What the next set is compared with; without it, what the live set does meanwhile. */
  readonly baseline?: Window | undefined;
}

export interface Watched {
  /** Numbers of the old set that the next one was compared with. */
  readonly live: Window;
  readonly message: string;
}

interface Sets {
  readonly live: ReleaseRef;
  readonly next: ReleaseRef;
}

const lookMs = 200;
const reportMs = 1_000;
/** How long a replica that has fallen may take to be ready again at the end. */
const recoveryMs = 10_000;
const shownLines = 20;
/** Going back waits no longer than this for the lines that tell why. */
const evidenceMs = 300;

export class GateWatch {
  readonly #work: Work;
  readonly #sets: Sets;
  readonly #plan: WatchPlan;
  readonly #health: HealthWatch;
  readonly #live: SetWatch | undefined;
  readonly #next: SetWatch | undefined;
  readonly #probesBefore: number;
  readonly #startedAt = performance.now();
  #reportedAt = 0;
  /** Requests of our own, beside those of the meter. */
  #filled = 0;
  #seen: readonly SeenReplica[];
  #windows: { readonly live: Window; readonly next: Window } | undefined;

  private constructor(work: Work, sets: Sets, plan: WatchPlan, before: Look) {
    this.#work = work;
    this.#sets = sets;
    this.#plan = plan;
    this.#seen = before.replicas;
    this.#health = new HealthWatch(sets.next.id, before.replicas);
    this.#live = before.live === undefined ? undefined : new SetWatch(before.live);
    this.#next = before.next === undefined ? undefined : new SetWatch(before.next);
    this.#probesBefore = work.meter?.sent() ?? 0;
  }

  /** Counts from now on. */
  static async begin(work: Work, sets: Sets, plan: WatchPlan): Promise<GateWatch> {
    return new GateWatch(work, sets, plan, await look(work, sets));
  }

  /** @throws GantryError GR4001 (worse), GR4002 (does not stay up); whatever the release is aborted with */
  async run(): Promise<Watched> {
    const { signal } = this.#work;
    const end = this.#startedAt + this.#plan.durationMs;
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      await pause(Math.min(lookMs, left), signal);
      await this.#look('early');
    }
    const fallen = await this.#recovered();
    if (fallen !== undefined) throw await this.#unstable(fallen);
    // What users got is judged before requests of our own thin it out.
    if (this.#windows !== undefined) await this.#judge(this.#windows, 'end');
    await this.#fill();
    return this.#conclude();
  }

  async #look(moment: Moment): Promise<void> {
    const now = await look(this.#work, this.#sets);
    this.#seen = now.replicas;
    const problem = this.#health.look(now.replicas, performance.now());
    if (problem !== undefined) throw await this.#unstable(problem);
    if (now.live === undefined || now.next === undefined || this.#live === undefined || this.#next === undefined) return;
    const { ofLive, ofNext } = this.#probes();
    const live = this.#live.add(now.live, ofLive);
    this.#windows = { live: this.#plan.baseline ?? live, next: this.#next.add(now.next, ofNext) };
    await this.#judge(this.#windows, moment);
    this.#report(this.#windows);
  }

  async #judge({ live, next }: { readonly live: Window; readonly next: Window }, moment: Moment): Promise<void> {
    const verdict = judgeSets(live, next, this.#work.settings.gates, moment, this.#plan.baseline === undefined);
    if (verdict.verdict !== 'stop') return;
    await this.#note({ live, next }, 'stop', verdict.reason).catch(() => {});
    throw new GantryError('GR4001', verdict.reason, {
      where: `${this.#plan.step}, ${this.#plan.share} % of the requests`,
      lines: await this.#lines({ release: this.#sets.next.id }),
    });
  }

  #report(windows: { readonly live: Window; readonly next: Window }): void {
    const now = performance.now();
    if (now - this.#reportedAt < reportMs) return;
    this.#reportedAt = now;
    const gate = this.#figures(windows);
    const { step, durationMs, elapsedMs } = gate;
    const left = Math.max(0, Math.round((durationMs - elapsedMs) / 1000));
    const message = `${this.#head()}  ${line(windows)}  ${left} s left`;
    this.#work.report({ step, state: 'running', message, elapsedMs, measured: { gate } });
  }

  #figures({ live, next }: { readonly live: Window; readonly next: Window }): GateFigures {
    const { step, share, durationMs } = this.#plan;
    return {
      step,
      share,
      durationMs,
      elapsedMs: Math.round(performance.now() - this.#startedAt),
      live: figures(live),
      next: figures(next),
      limits: limits(live, this.#work.settings.gates),
    };
  }

  /** What has fallen may still get up. */
  async #recovered(): Promise<HealthProblem | undefined> {
    for (const deadline = performance.now() + recoveryMs; performance.now() < deadline;) {
      if (this.#health.fallen(this.#seen) === undefined) return undefined;
      await pause(lookMs, this.#work.signal);
      await this.#look('early');
    }
    return this.#health.fallen(this.#seen);
  }

  /** Where users are too few, requests of our own take their place; where the platform has no numbers, those are all there is. */
  async #fill(): Promise<void> {
    const { baseline } = this.#plan;
    const now = this.#windows;
    const missing = (window: Window | undefined): number => Math.max(0, leastRequests - (window?.requests ?? 0));
    const ofLive = missing(baseline ?? now?.live);
    const [live, next] = await this.#lookingOn(
      Promise.all([smokeTraffic(this.#work, 'live', ofLive), smokeTraffic(this.#work, 'next', missing(now?.next))]),
    );
    this.#work.signal.throwIfAborted();
    this.#filled = next.requests;
    if (now === undefined) this.#windows = { live: ofLive === 0 && baseline !== undefined ? baseline : live, next };
    else if (live.requests + next.requests > 0) {
      await this.#look('end');
      if (baseline !== undefined && ofLive > 0 && this.#windows !== undefined) this.#windows = { live, next: this.#windows.next };
    }
  }

  /** A set that answers nothing any more is found out while it is asked. */
  async #lookingOn<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => {});
    for (;;) {
      await Promise.race([done, pause(lookMs, this.#work.signal)]);
      if (isDone) return done;
      await this.#look('early');
    }
  }

  async #conclude(): Promise<Watched> {
    const windows = this.#windows;
    if (windows === undefined) return { live: empty, message: this.#head() };
    await this.#judge(windows, 'end');
    await this.#note(windows, 'go');
    const basis = this.#hasUsers(windows.next) ? '' : '  (judged on smoke only)';
    return { live: windows.live, message: `${this.#head()}  ${line(windows)}${basis}` };
  }

  /** Requests of the meter reach the next set by its share, like everybody's. */
  #probes(): { readonly ofLive: number; readonly ofNext: number } {
    const sent = (this.#work.meter?.sent() ?? 0) - this.#probesBefore;
    const ofNext = (sent * this.#plan.share) / 100;
    return { ofLive: sent - ofNext, ofNext };
  }

  #hasUsers(next: Window): boolean {
    return next.requests - this.#filled - this.#probes().ofNext >= leastRequests;
  }

  async #note({ live, next }: { readonly live: Window; readonly next: Window }, verdict: 'go' | 'stop', reason?: string): Promise<void> {
    await this.#work.journal.note('gate', {
      ...this.#figures({ live, next }),
      verdict,
      ...(reason === undefined ? {} : { reason }),
      judgedOn: this.#hasUsers(next) ? 'users' : 'smoke only',
    });
  }

  async #unstable({ replica, message }: HealthProblem): Promise<GantryError> {
    return new GantryError('GR4002', message, {
      where: `${this.#plan.step}, ${this.#plan.share} % of the requests`,
      lines: await this.#lines({ replica }),
    });
  }

  async #lines(which: Pick<LogSelector, 'replica' | 'release'>): Promise<string[]> {
    const lines: string[] = [];
    const read = async (): Promise<void> => {
      const selector = { ...which, follow: false, tail: shownLines };
      for await (const { text } of this.#work.platform.logs(selector, platformContext(this.#work))) lines.push(text);
    };
    const late = new Promise<void>((resolve) => setTimeout(resolve, evidenceMs).unref());
    await Promise.race([read().catch(() => {}), late]);
    return lines.slice(-shownLines);
  }

  #head(): string {
    const { step, share, durationMs } = this.#plan;
    return `${step === 'canary' ? `${share} % ` : ''}${Math.round(durationMs / 100) / 10} s`;
  }
}

interface Look {
  readonly replicas: readonly SeenReplica[];
  readonly live: Counted | undefined;
  readonly next: Counted | undefined;
}

/** A place that cannot tell at the moment is asked again at the next look. */
async function look(work: Work, { live, next }: Sets): Promise<Look> {
  const context = platformContext(work);
  const [metrics, status] = await Promise.all([
    work.platform.metrics(context, { usage: false }).catch(() => undefined),
    work.platform.status(context).catch(() => undefined),
  ]);
  work.signal.throwIfAborted();
  const numbers: Metrics | undefined = metrics === undefined || 'unsupported' in metrics ? undefined : metrics;
  return {
    replicas: status === undefined ? [] : seenReplicas(status),
    live: numbers === undefined ? undefined : counted(numbers, 'live', live.id),
    next: numbers === undefined ? undefined : counted(numbers, 'next', next.id),
  };
}

function line({ live, next }: { readonly live: Window; readonly next: Window }): string {
  return figuresLine(figures(live), figures(next));
}

const empty: Window = { requests: 0, failed: 0, refused: 0, waiting: 0, probes: 0, bounds: [], buckets: [0] };
