/** A platform that says what it is told to, counts how often it is asked, and hangs or fails on demand. */
import { GantryError } from '../../../errors.ts';
import type { Metrics, Platform, ReplicaMetrics, ReplicaStatus, ServiceMetrics, Status, Unsupported } from '../../../platforms/platform.ts';
import type { ServerEvent } from '../../api/index.ts';
import type { Hub, Interest, Sink } from '../../hub.ts';
import type { Served } from '../../served.ts';

export class FakePlace {
  status: Status = runningStatus();
  metrics: Metrics | Unsupported = numbers(0);
  /** Thrown instead of any answer. */
  error: Error | undefined;
  isHanging = false;
  /** Whether a question that hangs ends when it is given up. */
  heeds = true;
  asked = { status: 0, metrics: 0 };
  atOnce = 0;
  mostAtOnce = 0;

  get served(): Pick<Served, 'env' | 'platform' | 'context'> {
    const platform: Partial<Platform> = {
      status: async ({ signal }) => this.#answer('status', signal, () => this.status),
      metrics: async ({ signal }) => this.#answer('metrics', signal, () => this.metrics),
    };
    const context = { app: 'taskly', environment: 'local', folder: '/app', signal: new AbortController().signal };
    return { env: { name: 'local' }, platform, context } as unknown as Served;
  }

  async #answer<T>(kind: 'status' | 'metrics', signal: AbortSignal, answer: () => T): Promise<T> {
    this.asked[kind] += 1;
    this.atOnce += Number(kind === 'status');
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      if (this.isHanging) await hanging(this.heeds ? signal : undefined);
      if (this.error !== undefined) throw this.error;
      return answer();
    } finally {
      this.atOnce -= Number(kind === 'status');
    }
  }
}

async function hanging(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

export function unreachable(): GantryError {
  return new GantryError('GL1010', 'the connection was closed before the answer came');
}

export function replica(id: string, more: Partial<ReplicaStatus> = {}): ReplicaStatus {
  const since = '2026-01-01T00:00:00.000Z';
  return { id, pid: 1, port: 4000, state: 'ready', restarts: 0, set: 'live', release: 'r1', since, inFlight: 0, ...more };
}

export function runningStatus(more: Partial<Status> = {}): Status {
  const web = {
    name: 'web',
    kind: 'web' as const,
    route: '/',
    desired: 1,
    pinned: false,
    ready: 1,
    degraded: false,
    replicas: [replica('web-1')],
  };
  return {
    app: 'taskly',
    environment: 'local',
    url: 'http://127.0.0.1:8080',
    release: 'r1',
    state: 'running',
    services: [web],
    resources: [],
    scaling: [],
    operation: null,
    share: 0,
    next: null,
    ...more,
  };
}

export const bounds = [1, 2, 5, 10];

/** One service and one replica after so many milliseconds, of `perSecond` requests of 1 to 2 ms each, and half a core. */
export function numbers(
  atMs: number,
  perSecond = 10,
  more: { service?: Partial<ServiceMetrics>; replica?: Partial<ReplicaMetrics> } = {},
): Metrics {
  const requests = (perSecond * atMs) / 1000;
  return {
    atMs,
    bounds,
    services: [
      {
        service: 'web',
        set: 'live',
        release: 'r1',
        requests,
        errors: 0,
        refused: 0,
        buckets: [0, requests, 0, 0, 0],
        bytes: 0,
        retries: 0,
        inFlight: 2,
        ...more.service,
      },
    ],
    replicas: [
      {
        id: 'web-1',
        service: 'web',
        release: 'r1',
        set: 'live',
        ready: true,
        restarts: 0,
        requests,
        failures: 0,
        inFlight: 2,
        cpuSeconds: atMs / 2000,
        memoryBytes: 1000,
        cpuLimit: 1,
        memoryLimit: 4096,
        ...more.replica,
      },
    ],
  };
}

/** Everything of a type that somebody with these interests is told. */
export function audience(hub: Hub, ...interests: Interest[]): { told: ServerEvent[]; close(): void } {
  const told: ServerEvent[] = [];
  const sink: Sink = {
    write: (_id, event) => told.push(event) > 0,
    drained: async () => undefined,
  };
  const stream = hub.open(new Set(interests), undefined, sink);
  return { told, close: () => stream.close() };
}
