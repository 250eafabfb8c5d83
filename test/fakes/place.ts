/** A place that exists in memory only: an engine, a platform and a builder that agree with each other, and fail where they are told to. */
import { GantryError } from '../../src/errors.ts';
import { Secret } from '../../src/exec/secret.ts';
import type { Builder } from '../../src/builders/builder.ts';
import type { Engine } from '../../src/engines/engine.ts';
import type { Platform, SecretInfo, Secrets, Status } from '../../src/platforms/platform.ts';
import { digest } from '../../src/stack/names.ts';
import { renderFiles } from '../../src/stack/render.ts';

export interface Place {
  readonly engine: Engine;
  readonly platform: Platform;
  readonly builder: Builder;
  /** What was done, in order: `provision`, `migrate backend`, `apply live+next`, `shift 100`, ... */
  readonly log: string[];
  /** Release ids by set, as users would find them. */
  live: string | undefined;
  next: string | undefined;
  share: number;
  /** Content that the builder gives out. */
  content: string;
  /** Throws when a step of that name is reached. */
  failAt: string | undefined;
  readonly secrets: Map<string, { value: string; version: number; origin: SecretInfo['origin'] }>;
}

export function newPlace(): Place {
  const place: Place = {
    log: [],
    live: undefined,
    next: undefined,
    share: 0,
    content: 'v1',
    failAt: undefined,
    secrets: new Map(),
    engine: undefined as never,
    platform: undefined as never,
    builder: undefined as never,
  };
  return Object.assign(place, { engine: engine(place), platform: platform(place), builder: builder(place) });
}

function step(place: Place, name: string): void {
  place.log.push(name);
  if (place.failAt === name) throw new GantryError('GX1002', `${name} failed as told`);
}

function engine(place: Place): Engine {
  return {
    name: 'process',
    render: (stack, content) =>
      renderFiles(stack, (part) => JSON.stringify('image' in part ? (content[part.set][part.image]?.address ?? null) : part)),
    check: async () => ({ ok: true, tools: [] }),
    plan: async (stack) => ({ stack: stack.id, changes: [], artifact: '' }),
    outputs: async () => ({ 'db.host': '127.0.0.1', 'db.port': 5432, 'db.user': 'app', 'db.name': 'app' }),
    async *apply(stack, _plan, context) {
      const files = this.render(stack, context.content);
      if (stack.phase === 'foundation') step(place, 'provision');
      if (stack.phase === 'release') {
        const [live, next] = ['sets/live.json', 'sets/next.json'].map((path) =>
          files[path] === undefined ? undefined : (JSON.parse(files[path]) as { release: string }).release,
        );
        step(place, `apply ${[live === undefined ? '' : 'live', next === undefined ? '' : 'next'].filter(Boolean).join('+')}`);
        Object.assign(place, { live, next, share: 0 });
      }
      yield { subject: stack.id, message: 'ok', state: 'done' };
    },
    async *destroy(stack) {
      step(place, `destroy ${stack.id}`);
      Object.assign(place, { live: undefined, next: undefined, share: 0 });
      yield { subject: stack.id, message: 'gone', state: 'done' };
    },
  };
}

function platform(place: Place): Platform {
  return {
    name: 'fake',
    entry: async () => ({ url: 'http://127.0.0.1:1', headers: {} }),
    status: async () => status(place),
    logs: async function* () {},
    metrics: async () => ({ unsupported: 'fake' }),
    run: async (job) => {
      step(place, `migrate ${job.name}`);
      return { name: job.name, exitCode: 0, lines: [] };
    },
    exec: async () => 0,
    awaitReady: async () => {
      step(place, 'healthy');
      return 2;
    },
    shift: async (share) => {
      step(place, `shift ${share}`);
      place.share = share;
    },
    drain: async () => {},
    scale: async () => {},
    restart: async () => {},
    drift: async () => [],
    secrets: () => secrets(place),
    store: async () => Promise.reject(new Error('the test has the store')),
  };
}

function status(place: Place): Status {
  const service = { name: 'backend', kind: 'web' as const, desired: 4, pinned: false, ready: 4, degraded: false, replicas: [] };
  return {
    app: 'a',
    environment: 'local',
    url: '',
    release: place.live ?? null,
    state: 'running',
    services: place.live === undefined ? [] : [service],
    resources: [],
    scaling: [],
    operation: null,
    share: place.share,
  };
}

function secrets(place: Place): Secrets {
  return {
    put: async (name, value, origin) => {
      const version = (place.secrets.get(name)?.version ?? 0) + 1;
      place.secrets.set(name, { value, version, origin });
      return version;
    },
    read: async (name) => {
      const found = place.secrets.get(name);
      return found === undefined ? undefined : new Secret(found.value);
    },
    list: async () => [...place.secrets].map(([name, { version, origin }]) => ({ name, version, origin, updated: '' })),
    remove: async (name) => place.secrets.delete(name),
    versions: async (name) => [place.secrets.get(name)?.version ?? 0],
  };
}

function builder(place: Place): Builder {
  const address = async (): Promise<{ kind: 'folder'; address: string }> => ({ kind: 'folder', address: digest(place.content) });
  return {
    name: 'folder',
    check: async () => ({ ok: true, tools: [] }),
    address,
    build: async (service) => {
      step(place, `build ${service.name}`);
      return address();
    },
    has: async () => true,
    prune: async () => {},
  };
}
