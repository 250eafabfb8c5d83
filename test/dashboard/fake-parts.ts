/** Parts of a server without any environment behind them: every answer has everything that its schema knows. */
import { GantryError } from '../../src/errors.ts';
import type {
  Comparison,
  History,
  LogPage,
  Operation,
  Overview,
  Plan,
  ReleaseDetail,
  ReleaseSummary,
  ServerEvent,
  Shape,
  Status,
} from '../../src/server/api/index.ts';
import type { Hub, Sink } from '../../src/server/hub.ts';
import type { EnvironmentParts, Parts } from '../../src/server/parts.ts';

const moment = '2026-01-02T03:04:05.000Z';
const problem = { code: 'GR3005', message: 'no', fix: 'wait', lines: ['a line'], exitCode: 1, where: 'backend', state: 'nothing changed' };
const meter = { requests: 1, failed: 0, failures: { reset: 0 }, p99DeltaMs: null, longestGapMs: 3 };

export const overview: Overview = {
  app: 'taskly',
  folder: '/apps/taskly',
  version: '1.0.0',
  environments: [
    {
      name: 'local',
      target: 'local',
      title: 'This machine',
      canTry: true,
      url: 'http://127.0.0.1:8080',
      state: 'running',
      release: { id: 'aaaaaaaaaaaa', number: 1 },
      problem,
      parity: [{ feature: 'health', path: 'services.backend.health', level: 'approximated', reason: 'so' }],
    },
  ],
};

export const shape: Shape = {
  app: 'taskly',
  environment: 'local',
  services: [{ name: 'backend', kind: 'web', route: '/api', min: 1, max: 3, limits: { cpu: 1, memory: 1024 }, uses: ['db'] }],
  resources: [{ name: 'db', type: 'postgres', version: 17, external: false }],
};

export const status: Status = {
  at: 1,
  place: {
    app: 'taskly',
    environment: 'local',
    url: 'http://127.0.0.1:8080',
    release: 'aaaaaaaaaaaa',
    state: 'running',
    services: [
      {
        name: 'backend',
        kind: 'web',
        route: '/api',
        desired: 1,
        pinned: false,
        ready: 1,
        degraded: false,
        replicas: [
          { id: 'backend-1', pid: 7, port: 1234, state: 'ready', restarts: 0, set: 'live', release: 'a', since: moment, inFlight: 0 },
        ],
      },
    ],
    resources: [{ name: 'db', type: 'postgres', state: 'ready', version: '17' }],
    scaling: [{ at: moment, service: 'backend', from: 1, to: 2, reason: 'cpu' }],
    operation: { name: 'deploy', who: 'ana', since: moment, step: 'smoke' },
    share: 0,
    next: { release: 'b', services: [] },
    problems: [{ subject: 'state', since: moment, message: 'disk' }],
  },
  problem: null,
  numbers: { aaaaaaaaaaaa: 1 },
};

const none = [null];
export const history: History = {
  stepMs: 1000,
  times: [1],
  services: [
    {
      service: 'backend',
      perSecond: none,
      errors: none,
      p50: none,
      p95: none,
      p99: none,
      inFlight: none,
      cpu: none,
      cpuLimit: none,
      memory: none,
      memoryLimit: none,
      ready: none,
      restarts: none,
    },
  ],
  markers: [{ at: 1, kind: 'promoted', text: 'release 1' }],
  decisions: [],
  unsupported: null,
};

export const logs: LogPage = {
  lines: [
    { id: 1, at: moment, source: 'backend-1', service: 'backend', replica: 'backend-1', stream: 'stdout', text: 'hello', characters: 5 },
  ],
  more: false,
  cursor: 1,
  sources: ['backend-1'],
};

export const release: ReleaseSummary = {
  key: 'k1',
  number: 1,
  release: 'aaaaaaaaaaaa',
  operation: 'deploy',
  outcome: 'promoted',
  live: true,
  runnable: true,
  who: 'ana',
  begun: moment,
  ended: moment,
  durationMs: 1,
  commit: null,
  meter,
  failed: { step: 'smoke', code: 'GR3005', message: 'no' },
};

const change = { kind: 'update', subject: 'service/backend', detail: '', downtime: false, dataLoss: false } as const;
const figures = { requests: 1, failed: 0, errorRate: 0, p95Ms: null };
export const detail: ReleaseDetail = {
  ...release,
  walk: [{ step: 'lock', about: 'holds it', state: 'done', startedAt: 1, endedAt: 2, message: '' }],
  gates: [
    { step: 'canary', share: 5, verdict: 'go', reason: null, judgedOn: 'users', live: figures, next: figures, durationMs: 1, elapsedMs: 1 },
  ],
  changes: [change],
  findings: [{ id: 'G11', severity: 'warn', message: 'm', where: null, why: 'w', fix: 'f' }],
  allowed: [{ id: 'G11', reason: 'known' }],
  backMs: null,
  evidence: problem,
};

const files = [{ path: 'a', kind: 'changed' as const, hunks: [[{ sign: '+' as const, text: 'x', before: null, after: 1 }]] }];
const values = [{ name: 'backend.LOG_LEVEL', before: null, after: 'info' }];
const named = { release: 'aaaaaaaaaaaa', number: 1 };
export const comparison: Comparison = { from: named, to: named, content: values, variables: values, secrets: [], settings: [], files };

export const plan: Plan = {
  live: named,
  running: true,
  downtime: false,
  dataLoss: false,
  changes: [change],
  files,
  variables: values,
  settings: values,
  schema: [{ name: '1.sql', effect: 'contract', reasons: ['drops'] }],
};

export const operation: Operation = {
  id: 'o1',
  environment: 'local',
  operation: 'deploy',
  state: 'asks',
  questions: [{ id: 'q1', text: 'Sure?', losesData: false }],
  error: null,
  result: { release: 'aaaaaaaaaaaa', number: 1, durationMs: 1, meter },
};

export interface FakeHub extends Hub {
  readonly sinks: Set<Sink>;
  /** What the streams were asked for, newest last. */
  readonly asked: { interests: readonly string[]; after: string | undefined }[];
}

/** Tells everybody everything, and remembers nothing. */
export function fakeHub(): FakeHub {
  const sinks = new Set<Sink>();
  const asked: FakeHub['asked'] = [];
  let id = 0;
  const hello: ServerEvent = { type: 'hello', server: 'fake', version: '1.0.0' };
  return {
    sinks,
    asked,
    publish: (event) => sinks.forEach((sink) => sink.write(String(++id), event)),
    open(interests, after, sink) {
      asked.push({ interests: [...interests], after });
      sinks.add(sink);
      sink.write(String(++id), hello);
      return { close: () => void sinks.delete(sink) };
    },
    isWanted: () => sinks.size > 0,
    onInterest: () => () => undefined,
    close: () => sinks.clear(),
  };
}

const environment: EnvironmentParts = {
  shape: async () => shape,
  status: async () => status,
  history: async () => history,
  logs: async () => logs,
  releases: async () => [release],
  release: async () => detail,
  compare: async () => comparison,
  plan: async () => plan,
  operate: async () => operation,
  interrupt: async () => ({ interrupted: true }),
  tries: async () => ({ unsupported: null, good: 'TRY_IT = 1 in backend', bad: null }),
  attempt: async () => ({ text: 'killed', operation: null }),
};

/** One environment, `local`, and one operation, `o1`. */
export function fakeParts(own: Partial<EnvironmentParts> = {}, hub: Hub = fakeHub()): Parts {
  return {
    hub,
    overview: async () => overview,
    async environment(name) {
      if (name === 'local') return { ...environment, ...own };
      throw new GantryError('GC1003', `There is no environment "${name}".`);
    },
    operation(id) {
      if (id === 'o1') return operation;
      throw new GantryError('GC2005', `There is no operation "${id}".`);
    },
    close: async () => hub.close(),
  };
}
