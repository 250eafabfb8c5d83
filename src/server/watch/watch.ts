/** Watches one environment for all pages together: its status, its numbers, and both over time. */
import type { History, Marker, Status } from '../api/index.ts';
import type { Hub } from '../hub.ts';
import type { Served } from '../served.ts';
import { systemClock, type WatchClock } from './clock.ts';
import { scaleMarkers } from './markers.ts';
import { PlaceWatch } from './place.ts';
import { Sampler } from './sampler.ts';

export interface WatchOptions {
  /** Of releases by their ids; of all that are known. Asked again when the platform names one that was not among them. */
  numbers(): Promise<Readonly<Record<string, number>>>;
  /** Of releases, for the history; see `markersOf`. */
  markers(): Promise<readonly Marker[]>;
  readonly clock?: WatchClock;
}

export interface EnvironmentWatch {
  /** No older than a second, unless the environment cannot be asked: then `problem` says why. Never rejects. */
  status(): Promise<Status>;
  /** @param minutes back from now; 360 at most */
  history(minutes: number): Promise<History>;
  /** Something is about to change there: looks often for a few seconds. */
  refresh(): void;
  close(): void;
}

/** Publishes `status` and `sample` to the hub, as often as somebody is interested. */
export function watchEnvironment(served: Pick<Served, 'env' | 'platform' | 'context'>, hub: Hub, options: WatchOptions): EnvironmentWatch {
  const { clock = systemClock } = options;
  const place = new PlaceWatch(served, hub, { clock, numbers: options.numbers });
  const sampler = new Sampler(served, hub, clock, () => place.isStopped);
  const plan = (): void => {
    place.plan();
    sampler.plan();
  };
  const forget = hub.onInterest(plan);
  plan();
  return {
    status: async () => place.status(),
    history: async (minutes) => history(minutes, { place, sampler, clock, markers: options.markers }),
    refresh: () => place.refresh(),
    close() {
      forget();
      place.close();
      sampler.close();
    },
  };
}

interface HistoryParts {
  readonly place: PlaceWatch;
  readonly sampler: Sampler;
  readonly clock: WatchClock;
  markers(): Promise<readonly Marker[]>;
}

async function history(minutes: number, { place, sampler, clock, markers }: HistoryParts): Promise<History> {
  const [columns, released] = await Promise.all([sampler.read(minutes), markers().catch(() => []), place.status()]);
  const from = clock.epoch() - minutes * 60_000;
  const decisions = place.decisions.filter(({ at }) => Date.parse(at) >= from);
  const all = [...released, ...sampler.restarts, ...scaleMarkers(decisions)].filter(({ at }) => at >= from);
  return { ...columns, markers: all.toSorted((a, b) => a.at - b.at), decisions, unsupported: sampler.unsupported };
}
