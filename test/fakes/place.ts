/** A place that exists in memory only: an engine, a platform and a builder that agree with each other, and fail where they are told to. */
import { GantryError } from '../../src/errors.ts';
import { Secret } from '../../src/exec/secret.ts';
import type { Builder } from '../../src/builders/builder.ts';
import type { Engine } from '../../src/engines/engine.ts';
import type { Platform, SecretInfo, Secrets, Status } from '../../src/platforms/platform.ts';
import { digest } from '../../src/stack/names.ts';
import { renderFiles } from '../../src/stack/render.ts';

/** What a caller touches the place with. */
export interface Hands {
  readonly engine: Engine;
  readonly platform: Platform;
  readonly builder: Builder;
}

/** Goes round every call: may wait, refuse, or kill the caller before or after `work`, which is the whole effect. */
export type Around = <T>(name: string, work: () => T) => Promise<T>;

export interface Place extends Hands {
  /** What was done, in order: `provision`, `migrate backend`, `apply live+next`, `shift 100`, ... */
  readonly log: string[];
  /** Release ids by set, as users would find them. */
  live: string | undefined;
  next: string | undefined;
  share: number;
  /** Releases whose sets stand and are ready. */
  readonly ready: Set<string>;
  /** Replicas of every service. */
  count: number;
  /** Content that the builder gives out. */
  content: string;
  /** Throws when a step of that name is reached. */
  failAt: string | undefined;
  readonly secrets: Map<string, { value: string; version: number; origin: SecretInfo['origin'] }>;
  /** Another caller's engine, platform and builder of the same place. */
  hands(around: Around): Hands;
}

export function newPlace(): Place {
  const place: Omit<Place, keyof Hands> = {
    log: [],
    live: undefined,
    next: undefined,
    share: 0,
    ready: new Set(),
    count: 4,
    content: 'v1',
    failAt: undefined,
    secrets: new Map(),
    hands: (around) => handsOn(place as Place, around),
  };
  return Object.assign(
    place,
    handsOn(place as Place, async (_name, work) => work()),
  );
}

function handsOn(place: Place, around: Around): Hands {
  return { engine: engine(place, around), platform: platform(place, around), builder: builder(place, around) };
}

function step(place: Place, name: string): void {
  place.log.push(name);
  if (place.failAt === name) throw new GantryError('GX1002', `${name} failed as told`);
}

/** A set that is not wanted any more is gone; a new one has still to become ready. */
function want(place: Place, live: string | undefined, next: string | undefined): void {
  Object.assign(place, { live, next, share: 0 });
  for (const release of place.ready) if (release !== live && release !== next) place.ready.delete(release);
}

function engine(place: Place, around: Around): Engine {
  return {
    name: 'process',
    render: (stack, content) =>
      renderFiles(stack, (part) => JSON.stringify('image' in part ? (content[part.set][part.image]?.address ?? null) : part)),
    check: async () => ({ ok: true, tools: [] }),
    plan: async (stack) => around(`plan ${stack.id}`, () => ({ stack: stack.id, changes: [], artifact: '' })),
    outputs: async () => around('outputs', () => ({ 'db.host': '127.0.0.1', 'db.port': 5432, 'db.user': 'app', 'db.name': 'app' })),
    async *apply(stack, _plan, context) {
      const files = this.render(stack, context.content);
      if (stack.phase === 'foundation') await around('provision', () => step(place, 'provision'));
      if (stack.phase === 'release') {
        const [live, next] = ['sets/live.json', 'sets/next.json'].map((path) =>
          files[path] === undefined ? undefined : (JSON.parse(files[path]) as { release: string }).release,
        );
        const name = `apply ${[live === undefined ? '' : 'live', next === undefined ? '' : 'next'].filter(Boolean).join('+')}`;
        await around(name, () => {
          step(place, name);
          want(place, live, next);
        });
      }
      yield { subject: stack.id, message: 'ok', state: 'done' };
    },
    async *destroy(stack) {
      await around(`destroy ${stack.id}`, () => {
        step(place, `destroy ${stack.id}`);
        want(place, undefined, undefined);
      });
      yield { subject: stack.id, message: 'gone', state: 'done' };
    },
  };
}

function platform(place: Place, around: Around): Platform {
  return {
    name: 'fake',
    entry: async () => around('entry', () => ({ url: 'http://127.0.0.1:1', headers: {} })),
    status: async () => around('status', () => status(place)),
    logs: async function* () {},
    metrics: async () => ({ unsupported: 'fake' }),
    run: async (job) =>
      around(`migrate ${job.name}`, () => {
        step(place, `migrate ${job.name}`);
        return { name: job.name, exitCode: 0, lines: [] };
      }),
    exec: async () => 0,
    awaitReady: async (set) =>
      around('healthy', () => {
        step(place, 'healthy');
        const release = place[set];
        if (release === undefined) throw new GantryError('GL1029', `there is no ${set} set`);
        place.ready.add(release);
        return 2;
      }),
    shift: async (share) =>
      around(`shift ${share}`, () => {
        step(place, `shift ${share}`);
        place.share = share;
      }),
    drain: async () => {},
    scale: async (_service, count) =>
      around('scale', () => {
        step(place, 'scale');
        if (count !== 'auto') place.count = count;
      }),
    restart: async () => around('restart', () => step(place, 'restart')),
    drift: async () => [],
    secrets: () => secrets(place),
    store: async () => Promise.reject(new Error('the test has the store')),
  };
}

function status(place: Place): Status {
  const { count } = place;
  const service = { name: 'backend', kind: 'web' as const, desired: count, pinned: false, ready: count, degraded: false, replicas: [] };
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

function builder(place: Place, around: Around): Builder {
  const address = async (): Promise<{ kind: 'folder'; address: string }> => ({ kind: 'folder', address: digest(place.content) });
  return {
    name: 'folder',
    check: async () => ({ ok: true, tools: [] }),
    address,
    build: async (service) => {
      await around(`build ${service.name}`, () => step(place, `build ${service.name}`));
      return address();
    },
    has: async () => true,
    prune: async () => around('prune', () => {}),
  };
}
