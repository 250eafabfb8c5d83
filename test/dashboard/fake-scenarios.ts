/** What fake servers tell: small apps and hostile ones, at rest and under way. Times are fixed but for those that pages compare with now. */
import type {
  EnvironmentSummary,
  History,
  LogEntry,
  Overview,
  Comparison,
  Plan,
  PlaceStatus,
  Problem,
  Progress,
  ReleaseDetail,
  ReleaseSummary,
  Replica,
  ReplicaSample,
  Resource,
  Sample,
  Service,
  ServiceSample,
  Shape,
  Status,
  Traffic,
  Tries,
} from '../../src/server/api/index.ts';
import { comparison, detail, plan } from './fake-parts.ts';

export interface FakeEnvironment {
  summary: EnvironmentSummary;
  shape: Shape;
  status: Status;
  sample: Sample;
  history: History;
  /** Oldest first. */
  logs: LogEntry[];
  releases: ReleaseSummary[];
  /** By key; what is not there is made of the summary. */
  details: Record<string, ReleaseDetail>;
  comparison: Comparison;
  plan: Plan;
  progress: Progress | null;
  tries: Tries;
}

export interface Scenario {
  readonly app: string;
  readonly environments: readonly FakeEnvironment[];
}

export const releaseA = 'a3f1c92b0d44';
export const releaseB = 'b77e02c4d819';
const MiB = 1024 * 1024;

const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export function overviewOf({ app, environments }: Scenario): Overview {
  return { app, folder: `/apps/${app}`, version: '0.1.0', environments: environments.map(({ summary }) => summary) };
}

export interface Make {
  readonly set?: 'live' | 'next';
  readonly release?: string;
  readonly state?: Replica['state'];
}

export function replicaOf(service: string, ordinal: number, { set = 'live', release = releaseA, state = 'ready' }: Make = {}): Replica {
  return {
    id: `${service}-${release.slice(0, 4)}-${ordinal}`,
    pid: state === 'waiting' ? 0 : 4000 + ordinal,
    port: 41_000 + ordinal,
    state,
    restarts: 0,
    set,
    release,
    since: secondsAgo(600 + ordinal),
    readyMs: 240,
    inFlight: 0,
  };
}

export function serviceOf(name: string, kind: Service['kind'], replicas: readonly Replica[], route?: string): Service {
  const ready = replicas.filter(({ state }) => state === 'ready').length;
  return {
    name,
    kind,
    ...(route === undefined ? {} : { route }),
    desired: replicas.length,
    pinned: false,
    ready,
    degraded: false,
    replicas,
  };
}

function replicasOf(service: string, count: number, make: Make = {}): Replica[] {
  return Array.from({ length: count }, (_, index) => replicaOf(service, index + 1, make));
}

export function trafficOf(perSecond: number, errors = 0): Traffic {
  const latencies = perSecond === 0 ? { p50: null, p95: null, p99: null } : { p50: 4.2, p95: 18, p99: 41 };
  return { perSecond, errors, refused: 0, ...latencies };
}

/** Requests spread evenly over the services and replicas that are there. */
export function sampleOf(place: PlaceStatus, perSecond: number): Sample {
  const sets = [place.services, place.next?.services ?? []] as const;
  const share = (set: 'live' | 'next'): number => (perSecond * (set === 'next' ? place.share : 100 - place.share)) / 100;
  const services: ServiceSample[] = sets.flatMap((list, index) => {
    const set = index === 0 ? 'live' : 'next';
    const web = list.filter(({ kind }) => kind === 'web');
    const release = (set === 'live' ? place.release : place.next?.release) ?? '';
    return web.map(({ name }) => ({ service: name, set, release, inFlight: 1, traffic: trafficOf(share(set) / web.length) }) as const);
  });
  const replicas = sets.flatMap((list) => list.flatMap((service) => service.replicas.map((replica) => replicaSample(service, replica))));
  return { at: Date.now(), overMs: 1000, total: trafficOf(perSecond), services, replicas };
}

function replicaSample({ name }: Service, { id, release, set, state, restarts }: Replica): ReplicaSample {
  const usage = { perSecond: 10, failures: 0, inFlight: 0, cpu: 0.06, cpuLimit: 0.25, memory: 62 * MiB, memoryLimit: 256 * MiB };
  return { id, service: name, release, set, ready: state === 'ready', restarts, ...usage };
}

const database: Resource = {
  name: 'db',
  type: 'postgres',
  state: 'ready',
  version: '17.10',
  pid: 3990,
  port: 54_311,
  connection: 'postgres://taskly@127.0.0.1:54311/taskly',
};

export function placeOf(app: string, services: readonly Service[], over: Partial<PlaceStatus> = {}): PlaceStatus {
  return {
    app,
    environment: 'local',
    url: 'http://127.0.0.1:8080',
    release: releaseA,
    state: 'running',
    services,
    resources: [database],
    scaling: [],
    operation: null,
    share: 0,
    ...over,
  };
}

function shapeOf({ app, environment, services, resources }: PlaceStatus): Shape {
  return {
    app,
    environment,
    services: services.map(({ name, kind, route, replicas }) => ({
      name,
      kind,
      route: route ?? null,
      min: 1,
      max: Math.max(6, replicas.length),
      limits: { cpu: 0.25, memory: 256 * MiB },
      uses: route === '/' ? [] : resources.map((resource) => resource.name),
    })),
    resources: resources.map(({ name, type }) => ({ name, type, version: 17, external: false })),
  };
}

/** Promoted releases, newest first. */
export function releasesOf(numbers: readonly number[]): ReleaseSummary[] {
  return numbers.map((number, index) => ({
    key: `k${number}`,
    number,
    release: index === 0 ? releaseA : `${number}`.padStart(12, 'c'),
    operation: 'deploy',
    outcome: 'promoted',
    live: index === 0,
    runnable: true,
    who: 'ana@laptop',
    begun: secondsAgo(7200 * (index + 1) + 17),
    ended: secondsAgo(7200 * (index + 1)),
    durationMs: 17_200,
    commit: '9f3c2ab',
    meter: { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3, longestGapMs: 41 },
    failed: null,
  }));
}

const noHistory: History = { stepMs: 1000, times: [], services: [], markers: [], decisions: [], unsupported: null };

/** An environment with everything that follows from what runs there. */
export function environmentOf(place: PlaceStatus, over: Partial<FakeEnvironment> = {}): FakeEnvironment {
  const { environment: name, url, state, release } = place;
  const number = release === null ? 0 : 42;
  const numbers = { ...(release === null ? {} : { [release]: number }), ...(place.next ? { [place.next.release]: number + 1 } : {}) };
  return {
    summary: {
      name,
      target: 'local',
      title: 'This machine',
      canTry: true,
      url,
      state,
      release: release === null ? null : { id: release, number },
      problem: null,
      parity: [],
    },
    shape: shapeOf(place),
    status: { at: Date.now(), place, problem: null, numbers },
    sample: sampleOf(place, 42),
    history: noHistory,
    logs: [],
    releases: release === null ? [] : releasesOf([42, 41, 40]),
    details: {},
    comparison,
    plan,
    progress: null,
    tries: { unsupported: null, good: 'TRY_IT = 1 in backend', bad: 'TRY_IT = fail in backend' },
    ...over,
  };
}

export function detailOf(summary: ReleaseSummary): ReleaseDetail {
  return { ...detail, ...summary };
}

function tasklyServices(make: Make = {}): Service[] {
  return [
    serviceOf('frontend', 'web', replicasOf('frontend', 2, make), '/'),
    serviceOf('backend', 'web', replicasOf('backend', 3, make), '/api'),
  ];
}

/** Two services and a database, as in the first five minutes; the autoscaler has just acted. */
export function taskly(): Scenario {
  const reason = 'cpu 93 % of the limit, target 70 %';
  const place = placeOf('taskly', tasklyServices(), {
    scaling: [{ at: secondsAgo(95), service: 'backend', from: 2, to: 3, reason }],
  });
  return { app: 'taskly', environments: [environmentOf(place), staging()] };
}

/** Another place, which cannot tell any figures and where nothing can be tried. */
function staging(): FakeEnvironment {
  const place = placeOf('taskly', tasklyServices(), { environment: 'staging', url: 'http://staging.test', resources: [] });
  const environment = environmentOf(place, { sample: { unsupported: 'This place does not count requests.' } });
  return { ...environment, summary: { ...environment.summary, target: 'compose', title: 'Docker Compose', canTry: false } };
}

/** Both sets stand, and a share of the users is on the next one. */
export function releasing(share = 10, step = 'canary'): Scenario {
  const next = { release: releaseB, services: tasklyServices({ set: 'next', release: releaseB }) };
  const operation = { name: 'deploy', who: 'ana@laptop', since: secondsAgo(14), step };
  const environment = environmentOf(placeOf('taskly', tasklyServices(), { next, share, operation }));
  const [newest] = environment.releases as [ReleaseSummary, ...ReleaseSummary[]];
  const running: ReleaseSummary = {
    ...newest,
    key: 'k43',
    number: 43,
    release: releaseB,
    outcome: 'running',
    live: false,
    runnable: false,
    begun: secondsAgo(14),
    ended: null,
    durationMs: null,
    meter: null,
  };
  return { app: 'taskly', environments: [{ ...environment, releases: [running, ...environment.releases], progress: progressOf(share) }] };
}

function progressOf(share: number): Progress {
  const figures = { requests: 412, failed: 0, errorRate: 0, p95Ms: 19 };
  const gate = { step: 'canary', share, verdict: null, reason: null, judgedOn: null, durationMs: 10_000, elapsedMs: 4000 };
  return {
    key: 'k43',
    operation: 'deploy',
    walk: ['lock', 'guard', 'build', 'plan', 'migrate', 'apply', 'healthy', 'smoke', 'canary'].map((step, index) => ({
      step,
      about: `what ${step} is for`,
      state: step === 'canary' ? 'running' : 'done',
      startedAt: Date.now() - 14_000 + index * 1000,
      endedAt: step === 'canary' ? null : Date.now() - 13_000 + index * 1000,
      message: step === 'healthy' ? 'backend 3/3, frontend 2/2' : '',
    })),
    gate: { ...gate, live: figures, next: { ...figures, requests: 55 } },
    meter: { requests: 320, failed: 0, failures: {}, p99DeltaMs: 2, longestGapMs: 33 },
  };
}

/** One replica crashes again and again, so that the service is degraded. */
export function degraded(): Scenario {
  const [frontend, backend] = tasklyServices() as [Service, Service];
  const replicas = backend.replicas.map((replica, index) =>
    index === 1
      ? { ...replica, state: 'waiting' as const, pid: 0, restarts: 4, detail: 'exit 137: out of memory at 256 MiB; again in 8 s' }
      : replica,
  );
  const place = placeOf('taskly', [frontend, { ...backend, replicas, ready: 2, degraded: true }], { state: 'degraded' });
  return { app: 'taskly', environments: [environmentOf(place)] };
}

/** Eight services of 25 replicas. */
export function crowd(services = 8, each = 25): Scenario {
  const names = Array.from({ length: services }, (_, index) => `service-${String.fromCodePoint(97 + index)}`);
  const list = names.map((name, index) => serviceOf(name, 'web', replicasOf(name, each), index === 0 ? '/' : `/${name}`));
  return { app: 'crowd', environments: [environmentOf(placeOf('crowd', list))] };
}

/** Every name tries to be something else than a name. */
export function hostile(): Scenario {
  const script = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  const long = `backend-${'very-long-name-'.repeat(12)}`;
  const state = { state: 'unready', detail: `${script}\u202e\u0000\u001b[31mred javascript:window.hacked=1` } as const;
  const services = [
    serviceOf(script, 'web', [{ ...replicaOf('x', 1), id: `${script}-1`, ...state }], `/${script}`),
    { ...serviceOf(long, 'web', [replicaOf(long, 1)], '/'), degraded: true },
    serviceOf('__proto__', 'worker', [replicaOf('__proto__', 1), replicaOf('constructor', 2)]),
  ];
  const resources: Resource[] = [{ ...database, name: script, connection: `javascript:window.hacked=1//${script}`, detail: script }];
  const problems = [{ subject: 'state' as const, since: secondsAgo(9), message: script }];
  const place = placeOf('taskly', services, { url: 'javascript:window.hacked=1', resources, problems });
  const environment = environmentOf(place, { releases: releasesOf([42]).map((release) => ({ ...release, who: script })) });
  return { app: script, environments: [environment] };
}

/** Files are there, and nothing was ever released. */
export function fresh(): Scenario {
  const running = placeOf('taskly', tasklyServices());
  const place = { ...running, url: '', release: null, state: 'stopped' as const, services: [], resources: [] };
  const environment = environmentOf(place, { shape: shapeOf(running) });
  return { app: 'taskly', environments: [{ ...environment, sample: { unsupported: 'Nothing runs.' } }] };
}

/** It was released and then stopped. */
export function stopped(): Scenario {
  const [environment] = fresh().environments as [FakeEnvironment];
  return {
    app: 'taskly',
    environments: [{ ...environment, releases: releasesOf([42, 41]).map((release) => ({ ...release, live: false })) }],
  };
}

const unreachableProblem: Problem = {
  code: 'GL1004',
  message: 'The place does not answer.',
  fix: 'See that it is switched on, then wait: the page goes on by itself.',
  lines: ['connect ETIMEDOUT 192.0.2.1:22'],
  exitCode: 1,
};

/** The place was there and cannot be asked any more: everything that is known of it is old. */
export function unreachable(): Scenario {
  const environment = environmentOf(placeOf('taskly', tasklyServices()));
  const summary = { ...environment.summary, state: 'unknown' as const, problem: unreachableProblem };
  const status = { ...environment.status, at: Date.now() - 95_000, problem: unreachableProblem };
  return { app: 'taskly', environments: [{ ...environment, summary, status, sample: { unsupported: 'The place cannot be asked.' } }] };
}
