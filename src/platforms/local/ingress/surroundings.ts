/** What the exchanges and the ingress around them know of each other. */
import type { EntryLimits } from '../../../stack/process.ts';
import type { Served } from './access-log.ts';
import type { FrontRequest } from './front.ts';
import type { RequestHead } from './headers.ts';
import type { Metrics, ServiceCounters } from './metrics.ts';
import type { Group } from './routing.ts';

/** A request whose deadlines are watched. */
export interface Watched {
  /** Ends with a fitting status if `now` (monotonic ms) is past its deadline. */
  expire(now: number): void;
  /** Looks for a replica again. */
  attempt(): void;
  /** Ends whatever it is doing. */
  cut(): void;
}

/** What an exchange needs of the ingress around it. */
export interface Surroundings {
  readonly limits: EntryLimits;
  readonly metrics: Metrics;
  /** Exchanges whose deadlines are watched. */
  readonly active: Set<Watched>;
  /** The replicas for a request; asked again after every wait, as the table may have changed. `elsewhere`: it is not for replicas. */
  locate(place: Place): Group | 'elsewhere' | undefined;
  /** Starts anew with a request that turned out not to be for replicas. */
  dispatch(front: FrontRequest, head: RequestHead, place: Place): void;
  /** Exchanges that wait for a replica. */
  readonly held: Set<Watched>;
  served(served: Served, counters: ServiceCounters, startedAt: number): void;
}

/** Reads its destination again after a wait. */
export interface Place {
  readonly path: string;
  /** What was drawn for this request, from 0 to below 100. */
  readonly drawn: number;
  readonly set: 'live' | 'next' | undefined;
  /** It came to an internal address. */
  readonly inside: { readonly release: string; readonly service: string } | undefined;
}
