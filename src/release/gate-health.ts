/** Whether the replicas of the next set stay up while users are on them, compared with those of the live set; pure. */
import type { Status } from '../platforms/platform.ts';

export interface SeenReplica {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly ready: boolean;
  /** The place has given up on it for now: a crash loop, a start that took too long. */
  readonly failed: boolean;
  readonly restarts: number;
  /** Why it is not ready, or how its last process ended. */
  readonly detail: string;
}

export interface HealthProblem {
  readonly replica: string;
  readonly message: string;
}

/** Ends of a process that somebody else caused: no verdict on the program, unless they come again and again. */
const fromOutside = /^(SIGKILL|SIGTERM|SIGINT|SIGHUP|exit code unknown|it is stopped by a signal.*)$/;
const mostFromOutside = 2;
/** How often a replica may lose its readiness and get it back. */
const mostStumbles = 1;
/** How long a service may be without any ready replica. */
const deadMs = 2_000;

/** The replicas of all sets, each once: a service that only the next set has is listed there alone. */
export function seenReplicas({ services, next }: Pick<Status, 'services' | 'next'>): SeenReplica[] {
  const all = [...services, ...(next?.services ?? [])].flatMap(({ name, replicas }) =>
    replicas
      .filter(({ state }) => state !== 'stopping')
      .map(({ id, release, state, restarts, detail = '' }) => ({
        id,
        service: name,
        release,
        ready: state === 'ready',
        failed: state === 'failed',
        restarts,
        detail,
      })),
  );
  return [...new Map(all.map((replica) => [replica.id, replica])).values()];
}

interface Record {
  restarts: number;
  ready: boolean;
  /** It has been ready since the watch began. */
  wasReady: boolean;
}

class Ends {
  own = 0;
  outside = 0;
  stumbles = 0;
}

export class HealthWatch {
  readonly #release: string;
  readonly #known = new Map<string, Record>();
  readonly #next = new Ends();
  readonly #live = new Ends();
  /** By service: since when none of its replicas is ready. */
  readonly #deadSince = new Map<string, number>();

  /** @param release id of the next set's release */
  constructor(release: string, before: readonly SeenReplica[]) {
    this.#release = release;
    for (const { id, restarts, ready } of before) this.#known.set(id, { restarts, ready, wasReady: ready });
  }

  /** What is wrong with the next set, if it is worse than what happens to the live one; undefined while it stands. */
  look(seen: readonly SeenReplica[], now: number): HealthProblem | undefined {
    const problems = seen.map((replica) => this.#lookAt(replica));
    const next = seen.filter(({ release }) => release === this.#release);
    const failed = next.find((replica) => replica.failed);
    if (failed !== undefined) return problem(failed, `${failed.id} does not stay up${because(failed)}`);
    return problems.find((found) => found !== undefined) ?? this.#dead(next, now);
  }

  /** A replica of the next set that was ready and is not now. */
  fallen(seen: readonly SeenReplica[]): HealthProblem | undefined {
    const down = seen.find(({ id, release, ready }) => release === this.#release && !ready && this.#known.get(id)?.wasReady === true);
    return down === undefined ? undefined : problem(down, `${down.id} was ready, and is not ready again${because(down)}`);
  }

  #lookAt(replica: SeenReplica): HealthProblem | undefined {
    const before = this.#known.get(replica.id);
    const { restarts, ready } = replica;
    this.#known.set(replica.id, { restarts, ready, wasReady: ready || before?.wasReady === true });
    if (before?.wasReady !== true) return undefined;
    const isNext = replica.release === this.#release;
    const ends = isNext ? this.#next : this.#live;
    const ended = Math.max(0, restarts - before.restarts);
    const outside = ended > 0 && fromOutside.test(replica.detail);
    if (outside) ends.outside += ended;
    else ends.own += ended;
    if (ended === 0 && before.ready && !ready) ends.stumbles += 1;
    return isNext ? this.#compare(replica) : undefined;
  }

  #compare(replica: SeenReplica): HealthProblem | undefined {
    if (this.#next.own > this.#live.own) return problem(replica, `${replica.id} ended while users were on it${because(replica)}`);
    if (this.#next.outside > this.#live.outside + mostFromOutside)
      return problem(replica, `${this.#next.outside} processes of the next set were ended${because(replica)}`);
    if (this.#next.stumbles > this.#live.stumbles + mostStumbles)
      return problem(replica, `${replica.id} lost its readiness again and again${because(replica)}`);
    return undefined;
  }

  #dead(next: readonly SeenReplica[], now: number): HealthProblem | undefined {
    for (const service of new Set(next.map(({ service }) => service))) {
      const own = next.filter((replica) => replica.service === service);
      if (own.some(({ ready }) => ready)) this.#deadSince.delete(service);
      else if (!this.#deadSince.has(service)) this.#deadSince.set(service, now);
      const [first] = own;
      if (first !== undefined && now - (this.#deadSince.get(service) ?? now) >= deadMs)
        return problem(first, `no replica of ${service} is ready${because(first)}`);
    }
    return undefined;
  }
}

function problem({ id }: SeenReplica, message: string): HealthProblem {
  return { replica: id, message };
}

function because({ detail }: SeenReplica): string {
  return detail === '' ? '' : ` (${detail})`;
}
