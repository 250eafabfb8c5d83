/** The record of one environment, read anew only when it has grown, and who is at work on it. */
import type { Store } from '../../platforms/store.ts';
import { promotedReleases } from '../../release/history.ts';
import { readRef } from '../../release/journal.ts';
import { pastIn, refDigests, type Past } from '../../release/past.ts';
import type { ReleaseRef } from '../../stack/stack.ts';
import type { Served } from '../served.ts';
import { attemptsOf, type Attempt } from './attempts.ts';

export interface Recorded {
  readonly past: Past;
  /** Oldest first; one for each record. */
  readonly attempts: readonly Attempt[];
  readonly digests: ReadonlyMap<string, string>;
  /** Ids of all that were promoted. */
  readonly promoted: ReadonlySet<string>;
  /** The attempt that has no end yet, if somebody carries it on. */
  readonly underWay: Attempt | undefined;
}

export class Chronicle {
  readonly #served: Pick<Served, 'platform' | 'context' | 'isRunnable'>;
  readonly #runnable = new Map<string, Promise<boolean>>();
  #store: Promise<Store> | undefined;
  #stamp: string | undefined;
  #recorded: Recorded | undefined;

  constructor(served: Pick<Served, 'platform' | 'context' | 'isRunnable'>) {
    this.#served = served;
  }

  /** As it was when it was last read. */
  get recorded(): Recorded | undefined {
    return this.#recorded;
  }

  /** @returns whether anything is different. @throws GantryError what the store says */
  async look(): Promise<boolean> {
    const store = await this.#open();
    const stamp = await store.stamp();
    const hasGrown = stamp !== this.#stamp || this.#recorded === undefined;
    const before = this.#recorded;
    const known = hasGrown || before === undefined ? await read(store) : before;
    const underWay = await this.#underWay(store, known);
    this.#stamp = stamp;
    this.#recorded = { ...known, underWay };
    const hasEnded = before?.underWay !== undefined && underWay === undefined;
    if (hasEnded || ended(known) !== (before === undefined ? -1 : ended(before))) this.#runnable.clear();
    return hasGrown || hasEnded || before?.underWay?.key !== underWay?.key;
  }

  /** @returns undefined when it was never named, or is not kept any more */
  async ref(release: string): Promise<ReleaseRef | undefined> {
    const digest = this.#recorded?.digests.get(release);
    return readRef(await this.#open(), digest).catch(() => undefined);
  }

  /** Content is removed at the end of a release; until then what was true stays true. */
  async isRunnable(release: string): Promise<boolean> {
    const known = this.#runnable.get(release) ?? this.#askRunnable(release);
    this.#runnable.set(release, known);
    return known;
  }

  async #askRunnable(release: string): Promise<boolean> {
    const ref = await this.ref(release);
    return ref !== undefined && (await this.#served.isRunnable(ref).catch(() => false));
  }

  async #open(): Promise<Store> {
    const { platform, context } = this.#served;
    this.#store ??= platform.store(context).catch((error: unknown) => {
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }

  /** Whoever carries it on holds the lock; without one it is half-way, and stands still. */
  async #underWay(store: Store, { past, attempts }: Pick<Recorded, 'past' | 'attempts'>): Promise<Attempt | undefined> {
    const { phase } = past.state;
    if (phase !== 'running' && phase !== 'reverting') return undefined;
    return (await store.holder()) === undefined ? undefined : attempts.at(-1);
  }
}

async function read(store: Store): Promise<Omit<Recorded, 'underWay'>> {
  const past = await pastIn(store);
  const attempts = attemptsOf(past.events, past.records);
  return { past, attempts, digests: refDigests(past.events), promoted: new Set(promotedReleases(past.records)) };
}

function ended({ past }: Pick<Recorded, 'past'>): number {
  return past.records.filter(({ outcome }) => outcome !== 'running').length;
}
