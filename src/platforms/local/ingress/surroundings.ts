/** What the exchanges and the ingress around them know of each other. */
import type { EntryLimits } from '../../../stack/process.ts';
import type { Served } from './access-log.ts';
import type { FirstAnswer } from './first-answer.ts';
import type { FrontRequest } from './front.ts';
import type { RequestHead } from './headers.ts';
import type { Metrics, ServiceCounters } from './metrics.ts';
import type { Group, Place } from './routing.ts';
import type { TwoSets } from './two-sets.ts';
import type { Replica } from './upstream.ts';

/** An answer that is not there after so long is awaited, ms. */
export const awaitedMs = 1_000;

/** A request whose deadlines are watched. */
export interface Watched {
  /** Ends with a fitting status if `now` (monotonic ms) is past its deadline. */
  expire(now: number): void;
  /** Who counts it, if a replica has owed the answer for a second or longer; event streams and slow clients do not count. */
  awaited(now: number): ServiceCounters | undefined;
  /** Looks for a replica again. */
  attempt(): void;
  /** Its time is over: ends whatever it is doing; with a replica, only if it is there. */
  cut(replica?: Replica): void;
}

/** What an exchange needs of the ingress around it. */
export interface Surroundings {
  readonly limits: EntryLimits;
  readonly metrics: Metrics;
  /** Exchanges whose deadlines are watched. */
  readonly active: Set<Watched>;
  /** Exchanges that wait for a replica. */
  readonly held: Set<Watched>;
  readonly twoSets: TwoSets;
  /** The replicas for a request; asked again after every wait, as the table may have changed. `elsewhere`: it is not for replicas. */
  locate(place: Place): Group | 'elsewhere' | undefined;
  /** Starts anew with a request that turned out not to be for replicas, or that the other set is asked for. */
  dispatch(front: FrontRequest, head: RequestHead, place: Place): void;
  /** `first`: the other set was asked, with or without success. */
  served(served: Served, counters: ServiceCounters, startedAt: number, first?: FirstAnswer): void;
}
