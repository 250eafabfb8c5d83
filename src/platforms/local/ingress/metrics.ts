/** Counters of the ingress: the numbers for the gates, the autoscaler and the dashboard. */
import type { ServiceStats } from './table.ts';

/** Upper bounds of the duration histogram, ms. */
export const durationBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/** How long the numbers of a release that is in no set are kept, and of how many such releases at most. */
const keptMs = 10 * 60_000;
const mostRetired = 32;

/** What one service of one release has served. */
export class ServiceCounters {
  readonly service: string;
  readonly release: string;
  readonly byClass = [0, 0, 0, 0, 0];
  /** Requests by bucket, the last one beyond all bounds; not cumulative. */
  readonly buckets: number[] = Array.from({ length: durationBounds.length + 1 }, () => 0);
  requests = 0;
  totalMs = 0;
  bytes = 0;
  retries = 0;
  cut = 0;
  inFlight = 0;

  constructor(service: string, release: string) {
    this.service = service;
    this.release = release;
  }

  served(status: number, ms: number, bytes: number, retries: number): void {
    this.requests += 1;
    this.totalMs += ms;
    this.bytes += bytes;
    this.retries += retries;
    const index = Math.min(4, Math.max(0, Math.floor(status / 100) - 1));
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
    let bucket = 0;
    while (bucket < durationBounds.length && ms > (durationBounds[bucket] as number)) bucket += 1;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  /** Takes in what another one has served. */
  add(other: ServiceCounters): void {
    this.requests += other.requests;
    this.totalMs += other.totalMs;
    this.bytes += other.bytes;
    this.retries += other.retries;
    this.cut += other.cut;
    this.inFlight += other.inFlight;
    other.byClass.forEach((count, at) => (this.byClass[at] = (this.byClass[at] ?? 0) + count));
    other.buckets.forEach((count, at) => (this.buckets[at] = (this.buckets[at] ?? 0) + count));
  }

  /** @param set what the release is at the moment */
  toStats(set: string, awaited = 0): ServiceStats {
    const { service, release, requests, inFlight, byClass, cut, buckets, totalMs, bytes, retries } = this;
    return {
      service,
      set,
      release,
      requests,
      inFlight,
      awaited,
      byClass: [...byClass],
      cut,
      buckets: [...buckets],
      totalMs,
      bytes,
      retries,
    };
  }
}

/**
 * Counters are kept by service and release, so that a release's numbers go on when the next set becomes the live one. Those of a release
 * that has long been in no set are added to what its service served before, and dropped: `totals` never goes back, `services` stays small.
 */
export class Metrics {
  requests = 0;
  held = 0;
  readonly upstreamErrors = new Map<string, number>();
  readonly rejected = new Map<number, number>();
  readonly #services = new Map<string, ServiceCounters>();
  readonly #dropped = new Map<string, ServiceCounters>();
  /** Releases that are in no set, with the monotonic ms since when; the longest first. */
  readonly #retired = new Map<string, number>();

  /** The counters of one service in one release; the name `-` stands for requests that reached none. */
  of(service: string, release = ''): ServiceCounters {
    const key = `${release}/${service}`;
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const counters = new ServiceCounters(service, release);
    this.#services.set(key, counters);
    return counters;
  }

  get services(): readonly ServiceCounters[] {
    return [...this.#services.values()];
  }

  /** One for each service, over all releases that there ever were. */
  totals(): readonly ServiceCounters[] {
    const totals = new Map<string, ServiceCounters>();
    for (const counters of [...this.#dropped.values(), ...this.#services.values()]) addTo(totals, counters);
    return [...totals.values()];
  }

  /**
   * Drops what is no longer of interest.
   * @param inSets releases of the sets that there are
   */
  tidy(inSets: ReadonlySet<string>, now: number): void {
    const releases = new Set(this.services.map(({ release }) => release));
    for (const release of releases) {
      if (inSets.has(release) || release === '') this.#retired.delete(release);
      else if (!this.#retired.has(release)) this.#retired.set(release, now);
    }
    let tooMany = this.#retired.size - mostRetired;
    for (const [release, since] of this.#retired) {
      if (tooMany <= 0 && now - since < keptMs) return;
      tooMany -= 1;
      this.#drop(release);
    }
  }

  #drop(release: string): void {
    const own = [...this.#services].filter(([, counters]) => counters.release === release);
    if (own.some(([, { inFlight }]) => inFlight > 0)) return;
    for (const [key, counters] of own) {
      this.#services.delete(key);
      addTo(this.#dropped, counters);
    }
    this.#retired.delete(release);
  }

  upstreamError(kind: string): void {
    this.upstreamErrors.set(kind, (this.upstreamErrors.get(kind) ?? 0) + 1);
  }

  reject(status: number): void {
    this.rejected.set(status, (this.rejected.get(status) ?? 0) + 1);
  }
}

function addTo(totals: Map<string, ServiceCounters>, counters: ServiceCounters): void {
  const total = totals.get(counters.service) ?? new ServiceCounters(counters.service, '');
  totals.set(counters.service, total);
  total.add(counters);
}
