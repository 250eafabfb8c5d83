/** The status of one environment, as fresh as somebody wants it. */
import { isDeepStrictEqual } from 'node:util';
import { GantryError, isGantryError } from '../../errors.ts';
import type { ScalingDecision, Status } from '../api/index.ts';
import type { Hub, Interest } from '../hub.ts';
import type { Status as PlatformStatus } from '../../platforms/platform.ts';
import { problemOf } from '../problem.ts';
import type { Served } from '../served.ts';
import type { WatchClock } from './clock.ts';
import { Poller } from './poller.ts';

export interface PlaceOptions {
  readonly clock: WatchClock;
  /** Of releases by their ids. Asked again for an id that it did not have. */
  numbers(): Promise<Readonly<Record<string, number>>>;
}

const restMs = 1000;
const busyMs = 250;
/** So long after a change the next one is likely. */
const livelyMs = 5000;
const giveUpMs = 4000;
/** What has not changed is told again, so that its time shows that it is so still. */
const repeatMs = 5000;
/** So long the status waits for numbers. */
const numbersMs = 1000;
/** From one look for a number that is not known to the next. */
const lookUpMs = 2000;
const mostDecisions = 500;

export class PlaceWatch {
  readonly #served: Pick<Served, 'env' | 'platform' | 'context'>;
  readonly #hub: Hub;
  readonly #options: PlaceOptions;
  readonly #poller: Poller<PlatformStatus>;
  readonly #interest: Interest;
  #status: Status;
  #looks = '';
  #changedAt = -Infinity;
  #toldAt = -Infinity;
  #numbers: Readonly<Record<string, number>> = {};
  #lookedUpAt = -Infinity;
  #isLookingUp = false;
  #decisions: ScalingDecision[] = [];

  constructor(served: Pick<Served, 'env' | 'platform' | 'context'>, hub: Hub, options: PlaceOptions) {
    this.#served = served;
    this.#hub = hub;
    this.#options = options;
    this.#interest = `${served.env.name}/status`;
    this.#status = { at: options.clock.epoch(), place: null, problem: null, numbers: {} };
    this.#poller = new Poller({
      clock: options.clock,
      what: `the status of ${served.env.name}`,
      giveUpMs,
      ask: async (signal) => this.#ask(signal),
      onAnswer: (place) => this.#answered(place),
      onFailure: (error) => this.#failed(error),
      interval: () => (hub.isWanted(this.#interest) ? this.#interval() : undefined),
    });
  }

  /** Newest first. */
  get decisions(): readonly ScalingDecision[] {
    return this.#decisions;
  }

  get isStopped(): boolean {
    return this.#status.place?.state === 'stopped';
  }

  async status(): Promise<Status> {
    await this.#poller.fresh(this.#interval());
    return this.#status;
  }

  plan(): void {
    this.#poller.plan();
  }

  /** Something is about to change. */
  refresh(): void {
    this.#changedAt = this.#options.clock.now();
    this.#poller.plan();
  }

  close(): void {
    this.#poller.close();
  }

  #interval(): number {
    const isLively = this.#options.clock.now() - this.#changedAt < livelyMs;
    return isLively || isUnderWay(this.#status.place) ? busyMs : restMs;
  }

  async #ask(signal: AbortSignal): Promise<PlatformStatus> {
    const { platform, context } = this.#served;
    const place = await platform.status({ ...context, signal: AbortSignal.any([context.signal, signal]) });
    await this.#learnNumbers(place);
    return place;
  }

  #answered(place: PlatformStatus): void {
    const looks = looksOf(place);
    const hasChanged = looks !== this.#looks;
    if (hasChanged && this.#looks !== '') this.#changedAt = this.#options.clock.now();
    this.#looks = looks;
    this.#remember(place.scaling);
    const numbers = this.#numbersOf(place);
    const before = this.#status;
    const isNews = hasChanged || before.problem !== null || hasTraffic(place) || hasTraffic(before.place);
    this.#set({ place, problem: null, numbers }, isNews || !isDeepStrictEqual(numbers, before.numbers));
  }

  #failed(error: unknown): void {
    const problem = problemOf(toldError(error, this.#served.env.name));
    this.#set({ ...this.#status, problem }, !isDeepStrictEqual(problem, this.#status.problem));
  }

  #set(status: Omit<Status, 'at'>, hasChanged: boolean): void {
    const { clock } = this.#options;
    this.#status = { ...status, at: clock.epoch() };
    if (!hasChanged && clock.now() - this.#toldAt < repeatMs) return;
    this.#toldAt = clock.now();
    this.#hub.publish({ type: 'status', environment: this.#served.env.name, status: this.#status });
  }

  /** Numbers are worth having, and nothing to wait for long: a store that does not answer keeps nobody from seeing what runs. */
  async #learnNumbers(place: PlatformStatus): Promise<void> {
    const { clock, numbers } = this.#options;
    const isKnown = releasesOf(place).every((id) => id in this.#numbers);
    if (isKnown || this.#isLookingUp || clock.now() - this.#lookedUpAt < lookUpMs) return;
    this.#lookedUpAt = clock.now();
    this.#isLookingUp = true;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(numbersMs, resolve);
      const end = (): void => {
        this.#isLookingUp = false;
        cancel();
        resolve();
      };
      numbers().then((known) => {
        this.#numbers = known;
        end();
      }, end);
    });
  }

  #numbersOf(place: PlatformStatus): Record<string, number> {
    return Object.fromEntries(releasesOf(place).flatMap((id) => (id in this.#numbers ? [[id, this.#numbers[id] as number]] : [])));
  }

  #remember(decisions: readonly ScalingDecision[]): void {
    const known = new Set(this.#decisions.map(keyOf));
    const added = decisions.filter((one) => !known.has(keyOf(one)));
    if (added.length > 0) this.#decisions = [...added, ...this.#decisions].slice(0, mostDecisions);
  }
}

function keyOf({ at, service, reason }: ScalingDecision): string {
  return `${at} ${service} ${reason}`;
}

/** Two sets side by side, or something on its way up or down. */
function isUnderWay(place: PlatformStatus | null): boolean {
  if (place === null || place.state === 'stopped') return false;
  if (place.operation !== null || (place.next ?? null) !== null || place.state === 'starting') return true;
  return place.services.some(({ replicas }) => replicas.some(({ state }) => state === 'starting' || state === 'stopping'));
}

/** All but what changes with every request. */
function looksOf(place: PlatformStatus): string {
  return JSON.stringify(place, (key, value: unknown) => (key === 'inFlight' ? undefined : value));
}

function hasTraffic(place: PlatformStatus | null): boolean {
  return place?.services.some(({ replicas }) => replicas.some(({ inFlight }) => inFlight > 0)) === true;
}

function releasesOf({ release, next, services }: PlatformStatus): string[] {
  const all = [...services, ...(next?.services ?? [])].flatMap(({ replicas }) => replicas.map((one) => one.release));
  return [...new Set([...(release === null ? [] : [release]), ...(next ? [next.release] : []), ...all])];
}

function toldError(error: unknown, environment: string): GantryError {
  if (isGantryError(error)) return error;
  return new GantryError('GC2020', `${environment} cannot be asked: ${error instanceof Error ? error.message : String(error)}`);
}
