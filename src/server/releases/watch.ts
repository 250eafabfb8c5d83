/** Watches the releases of one environment for all pages together: the list, what is under way, and what could be. */
import type { Comparison, Marker, Plan, Progress, ReleaseDetail, ReleaseSummary } from '../api/index.ts';
import type { Hub } from '../hub.ts';
import type { Served } from '../served.ts';
import { systemClock, type WatchClock } from '../watch/clock.ts';
import { Poller } from '../watch/poller.ts';
import { allMarkers, attemptOf, comparison, numbersOf, planOf, summaries, summaryOf } from './answers.ts';
import { Chronicle, type Recorded } from './chronicle.ts';
import { detailOf, progressOf } from './detail.ts';
import { Follower } from './follower.ts';

export interface ReleaseWatchOptions {
  readonly clock?: WatchClock;
}

/** Every answer is by the record as it is now. @throws GantryError what the store says when it cannot be read */
export interface ReleaseWatch {
  /** Newest first. @param before key of an attempt: only older ones. @throws GantryError GC2006 */
  list(limit: number, before?: string): Promise<readonly ReleaseSummary[]>;
  /** @throws GantryError GC2006 when there is no such attempt */
  detail(key: string): Promise<ReleaseDetail>;
  /** Ids of two releases that were promoted. @throws GantryError GC2006 when one was not, or is not kept */
  compare(from: string, to: string): Promise<Comparison>;
  /** Of the folder as it is now. */
  plan(): Promise<Plan>;
  /** The newest number of each release, by id. */
  numbers(): Promise<Readonly<Record<string, number>>>;
  /** Releases, and what people have steered, oldest first. */
  markers(): Promise<readonly Marker[]>;
  /** Something is about to change there: looks at once. */
  refresh(): void;
  close(): void;
}

const restMs = 500;
const busyMs = 250;
/** What somebody asks for is no older than this. */
const freshMs = 100;
const giveUpMs = 8_000;
const listed = 50;

/** Publishes `releases` when the record has grown, and `progress` while a release is under way, as long as somebody is interested. */
export function watchReleases(served: Served, hub: Hub, { clock = systemClock }: ReleaseWatchOptions = {}): ReleaseWatch {
  return new Watch(served, hub, clock);
}

class Watch implements ReleaseWatch {
  readonly #served: Served;
  readonly #hub: Hub;
  readonly #chronicle: Chronicle;
  readonly #follower: Follower;
  readonly #poller: Poller<boolean>;
  readonly #forget: () => void;
  #problem: Error | undefined;

  constructor(served: Served, hub: Hub, clock: WatchClock) {
    this.#served = served;
    this.#hub = hub;
    this.#chronicle = new Chronicle(served);
    this.#follower = new Follower(served, { clock, onNews: () => this.#tellProgress(), onEnd: () => this.refresh() });
    this.#poller = new Poller({
      clock,
      what: `the record of ${served.env.name}`,
      giveUpMs,
      ask: async () => this.#chronicle.look(),
      onAnswer: (isNew) => this.#answered(isNew),
      onFailure: (error) => void (this.#problem = error instanceof Error ? error : new Error(String(error))),
      interval: () => (this.#isWanted ? (this.#chronicle.recorded?.underWay === undefined ? restMs : busyMs) : undefined),
    });
    this.#forget = hub.onInterest(() => this.#plan());
    this.#plan();
  }

  async list(limit: number, before?: string): Promise<readonly ReleaseSummary[]> {
    return summaries(this.#chronicle, await this.#now(), limit, before);
  }

  async detail(key: string): Promise<ReleaseDetail> {
    const recorded = await this.#now();
    const attempt = attemptOf(recorded, key);
    const said = recorded.underWay?.key === key ? this.#follower.said : undefined;
    return detailOf(await summaryOf(this.#chronicle, recorded, attempt), attempt, said);
  }

  async compare(from: string, to: string): Promise<Comparison> {
    return comparison(this.#chronicle, await this.#now(), this.#served, [from, to]);
  }

  async plan(): Promise<Plan> {
    return planOf(await this.#now(), this.#served);
  }

  async numbers(): Promise<Readonly<Record<string, number>>> {
    return numbersOf(await this.#now());
  }

  async markers(): Promise<readonly Marker[]> {
    return allMarkers(await this.#now());
  }

  refresh(): void {
    void this.#poller.ask();
  }

  close(): void {
    this.#forget();
    this.#poller.close();
    this.#follower.stop();
  }

  get #isWanted(): boolean {
    const { name } = this.#served.env;
    return this.#hub.isWanted(`${name}/releases`) || this.#hub.isWanted(`${name}/progress`);
  }

  #plan(): void {
    if (!this.#isWanted) this.#follower.stop();
    this.#poller.plan();
  }

  async #now(): Promise<Recorded> {
    await this.#poller.fresh(freshMs);
    const { recorded } = this.#chronicle;
    if (this.#problem !== undefined || recorded === undefined) throw this.#problem ?? new Error('the releases are not watched any more');
    return recorded;
  }

  #answered(isNew: boolean): void {
    this.#problem = undefined;
    const { recorded } = this.#chronicle;
    if (recorded === undefined) return;
    if (recorded.underWay === undefined) this.#follower.stop();
    else if (this.#isWanted) this.#follower.follow();
    if (isNew) void this.#tellReleases(recorded);
    this.#tellProgress();
  }

  async #tellReleases(recorded: Recorded): Promise<void> {
    const releases = await summaries(this.#chronicle, recorded, listed);
    if (recorded.past !== this.#chronicle.recorded?.past) return;
    this.#hub.publish({ type: 'releases', environment: this.#served.env.name, releases });
  }

  #tellProgress(): void {
    const underWay = this.#chronicle.recorded?.underWay;
    const progress: Progress | null = underWay === undefined ? null : progressOf(underWay, this.#follower.said);
    this.#hub.publish({ type: 'progress', environment: this.#served.env.name, progress });
  }
}
