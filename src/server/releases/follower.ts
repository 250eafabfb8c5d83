/** Hears what the release under way says, where the platform can tell. */
import type { StepEvent } from '../../platforms/platform.ts';
import type { Served } from '../served.ts';
import type { WatchClock } from '../watch/clock.ts';
import { Said } from './said.ts';

export interface FollowerOptions {
  readonly clock: WatchClock;
  /** Something was said; at most ten times a second. */
  onNews(): void;
  /** An operation that was heard has ended. */
  onEnd(): void;
}

const newsEveryMs = 100;

export class Follower {
  readonly #served: Pick<Served, 'platform' | 'context'>;
  readonly #options: FollowerOptions;
  #said = new Said();
  #following: AbortController | undefined;
  #cancelNews: (() => void) | undefined;

  constructor(served: Pick<Served, 'platform' | 'context'>, options: FollowerOptions) {
    this.#served = served;
    this.#options = options;
  }

  /** Of the operation that was followed last. */
  get said(): Said {
    return this.#said;
  }

  /** To be called again and again while a release is under way: who says it may have been replaced. */
  follow(): void {
    const { platform, context } = this.#served;
    if (this.#following !== undefined || platform.progress === undefined) return;
    const following = new AbortController();
    this.#following = following;
    const said = new Said();
    const hear = (event: StepEvent): void => {
      if (!following.signal.aborted) this.#hear(said, event);
    };
    const ended = (): void => {
      if (this.#following === following) this.#following = undefined;
      if (this.#said === said) this.#options.onEnd();
    };
    platform.progress(hear, { ...context, signal: AbortSignal.any([context.signal, following.signal]) }).then(ended, ended);
  }

  stop(): void {
    this.#following?.abort();
    this.#following = undefined;
    this.#cancelNews?.();
    this.#cancelNews = undefined;
  }

  /** Only the first word of an operation takes the place of the one before. */
  #hear(said: Said, event: StepEvent): void {
    this.#said = said;
    said.hear(event);
    this.#cancelNews ??= this.#options.clock.after(newsEveryMs, () => {
      this.#cancelNews = undefined;
      this.#options.onNews();
    });
  }
}
