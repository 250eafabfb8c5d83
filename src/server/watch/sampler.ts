/** The numbers of one environment: every two seconds while somebody looks at them, and for its history every ten. */
import type { Metrics, Unsupported } from '../../platforms/platform.ts';
import type { Marker } from '../api/index.ts';
import type { Hub, Interest } from '../hub.ts';
import type { Served } from '../served.ts';
import type { WatchClock } from './clock.ts';
import { measuredBetween } from './measured.ts';
import { Poller } from './poller.ts';
import { changeBetween, type Change } from './rates.ts';
import { Rings, type Columns } from './rings.ts';

const watchedMs = 2000;
const restMs = 10_000;
/** While there is nothing yet to compare with. */
const firstMs = 1000;
const giveUpMs = 4000;
/** Until a platform that cannot tell is asked again. */
const unsupportedMs = 60_000;
/** So long after a history was read somebody still looks at it. */
const readMs = 30_000;
const mostRestarts = 200;

export class Sampler {
  readonly #served: Pick<Served, 'env' | 'platform' | 'context'>;
  readonly #hub: Hub;
  readonly #clock: WatchClock;
  readonly #poller: Poller<Metrics | Unsupported>;
  readonly #interest: Interest;
  readonly #rings = new Rings();
  readonly #isStopped: () => boolean;
  #before: Metrics | undefined;
  #unsupported: string | null = null;
  #restarts: Marker[] = [];
  #readAt = -Infinity;

  /** @param isStopped whether nothing runs that could be measured, as far as is known */
  constructor(served: Pick<Served, 'env' | 'platform' | 'context'>, hub: Hub, clock: WatchClock, isStopped: () => boolean) {
    this.#served = served;
    this.#hub = hub;
    this.#clock = clock;
    this.#isStopped = isStopped;
    this.#interest = `${served.env.name}/sample`;
    this.#poller = new Poller({
      clock,
      what: `the numbers of ${served.env.name}`,
      giveUpMs,
      ask: async (signal) => this.#ask(signal),
      onAnswer: (answer) => this.#answered(answer),
      onFailure: () => this.#gap(),
      interval: () => this.#interval(),
    });
  }

  get unsupported(): string | null {
    return this.#unsupported;
  }

  /** Oldest first. */
  get restarts(): readonly Marker[] {
    return this.#restarts;
  }

  /** Also keeps it coming for a while. */
  async read(minutes: number): Promise<Columns> {
    this.#readAt = this.#clock.now();
    this.#poller.plan();
    if (this.#before === undefined && this.#unsupported === null) await this.#poller.fresh(restMs);
    return this.#rings.read(minutes, this.#clock.epoch());
  }

  plan(): void {
    this.#poller.plan();
  }

  close(): void {
    this.#poller.close();
  }

  #interval(): number {
    const isWatched = this.#hub.isWanted(this.#interest) || this.#clock.now() - this.#readAt < readMs;
    if (this.#unsupported !== null) return unsupportedMs;
    if (!isWatched || (this.#poller.isFailing && this.#isStopped())) return restMs;
    return this.#before === undefined ? firstMs : watchedMs;
  }

  async #ask(signal: AbortSignal): Promise<Metrics | Unsupported> {
    const { platform, context } = this.#served;
    return platform.metrics({ ...context, signal: AbortSignal.any([context.signal, signal]) }, { usage: true });
  }

  #answered(answer: Metrics | Unsupported): void {
    const environment = this.#served.env.name;
    if ('unsupported' in answer) {
      this.#gap();
      this.#unsupported = answer.unsupported;
      this.#hub.publish({ type: 'sample', environment, sample: { unsupported: answer.unsupported } });
      return;
    }
    this.#unsupported = null;
    const change = this.#before && changeBetween(this.#before, answer);
    this.#before = answer;
    if (change === undefined) return this.#rings.gap();
    const at = this.#clock.epoch();
    this.#rings.add(change, at);
    this.#mark(change, at);
    this.#hub.publish({ type: 'sample', environment, sample: measuredBetween(change, at) });
  }

  #gap(): void {
    this.#before = undefined;
    this.#rings.gap();
  }

  #mark({ replicas }: Change, at: number): void {
    const restarted = replicas.filter((one) => one.restarted > 0);
    if (restarted.length === 0) return;
    const added = restarted.map(({ now }): Marker => ({ at, kind: 'restart', text: `${now.id} restarted` }));
    this.#restarts = [...this.#restarts, ...added].slice(-mostRestarts);
  }
}
