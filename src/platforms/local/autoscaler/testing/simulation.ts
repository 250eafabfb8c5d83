/** A service in simulated time, under any load, and the autoscaler that looks after it. */
import { decide, type AutoscalerState, type Decision } from '../decide.ts';
import type { Reading, ReplicaReading, ServiceReading } from '../reading.ts';
import { defaultSettings } from '../settings.ts';

export const step = defaultSettings.intervalMs;

/** Replicas that share a load, each ready since its start, and an autoscaler that looks every step. */
export class Simulation {
  now = 1000;
  count: number;
  /** Everything decided, with its time. */
  readonly decided: (Decision & { readonly at: number })[] = [];
  state: AutoscalerState = {};
  readonly #used = new Map<number, number>();
  #first = 0;
  readonly #reading: Partial<Reading>;
  readonly #service: Partial<ServiceReading>;

  constructor(count: number, service: Partial<ServiceReading> = {}, reading: Partial<Reading> = {}) {
    this.count = count;
    this.#service = service;
    this.#reading = reading;
  }

  get changes(): (Decision & { readonly at: number })[] {
    return this.decided.filter(({ from, to }) => from !== to);
  }

  /** Other processes in place of those that run. */
  restart(): void {
    this.#first += 1000;
  }

  /** @param load requests in flight, and percent of a replica's limit, over all replicas together */
  look(
    load: { readonly cpu?: number; readonly inFlight?: number },
    change: (one: ReplicaReading) => Partial<ReplicaReading> = () => ({}),
    more: Partial<Reading> = {},
  ): Decision[] {
    this.now += step;
    const replicas = Array.from({ length: this.count }, (_, index) => this.#replica(index + this.#first, load, change));
    const service: ServiceReading = {
      name: 'web',
      scale: { min: 1, max: 10, cpu: 50 },
      count: this.count,
      cost: 0.1,
      pinned: false,
      replicas,
      ...this.#service,
    };
    const committed = this.count * service.cost;
    const reading: Reading = { cores: 64, committed, operating: false, services: [service], ...this.#reading, ...more };
    const { state, decisions } = decide(this.state, reading, this.now, defaultSettings);
    this.state = state;
    for (const decision of decisions) {
      this.decided.push({ ...decision, at: this.now });
      this.count = decision.to;
    }
    return [...decisions];
  }

  /** Looks for so long; gives the decisions of that time. */
  run(
    ms: number,
    load: (at: number) => { readonly cpu?: number; readonly inFlight?: number },
    change?: (one: ReplicaReading) => Partial<ReplicaReading>,
  ): Decision[] {
    const until = this.now + ms;
    const found: Decision[] = [];
    while (this.now < until) found.push(...this.look(load(this.now), change));
    return found;
  }

  #replica(
    index: number,
    { cpu = 0, inFlight = 0 }: { readonly cpu?: number; readonly inFlight?: number },
    change: (one: ReplicaReading) => Partial<ReplicaReading>,
  ): ReplicaReading {
    const used = (this.#used.get(index) ?? 0) + ((cpu / this.count / 100) * 0.1 * step) / 1000;
    this.#used.set(index, used);
    const one = { key: `web-${index}`, ready: true, limit: 0.1, cpuSeconds: used, inFlight: inFlight / this.count };
    return { ...one, ...change(one) };
  }
}

export const minute = 60_000;
