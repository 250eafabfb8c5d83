/** What happens to an app when somebody tries things: told step by step, so that a test can stop in between. */
import type {
  Measured,
  Operation,
  Progress,
  ReleaseDetail,
  ReleaseSummary,
  Status,
  Tried,
  TryInput,
  WalkStep,
} from '../../src/server/api/index.ts';
import { detailOf, placeOf, releaseB, releasesOf, replicaOf, sampleOf, serviceOf } from './fake-scenarios.ts';

interface Moment {
  readonly restarts?: number;
  readonly state?: 'ready' | 'starting';
  readonly operation?: string;
}

/** Two services, as in the first five minutes; the first replica of the backend can be another process. */
export function statusOf({ restarts = 0, state = 'ready', operation = '' }: Moment = {}): Status {
  const backend = [1, 2, 3].map((ordinal) => replicaOf('backend', ordinal));
  const [first, ...others] = backend as [(typeof backend)[0], ...typeof backend];
  const since = new Date().toISOString();
  const changed = restarts === 0 ? first : { ...first, restarts, state, since, readyMs: 0, detail: 'SIGKILL' };
  const services = [
    serviceOf('frontend', 'web', [replicaOf('frontend', 1), replicaOf('frontend', 2)], '/'),
    serviceOf('backend', 'web', [changed, ...others], '/api'),
  ];
  const underWay = operation === '' ? {} : { operation: { name: operation, who: 'ana', since, step: 'healthy' } };
  return { at: Date.now(), place: placeOf('taskly', services, underWay), problem: null, numbers: { a3f1c92b0d44: 42, [releaseB]: 43 } };
}

export function sampleNow(perSecond: number, errors = 0): Measured {
  const place = statusOf().place;
  if (place === null) throw new Error('nothing runs');
  const sample = sampleOf(place, perSecond) as Measured;
  return { ...sample, at: Date.now() + 500, overMs: 2000, total: { ...sample.total, errors } };
}

export function trialOperation(kind: 'good' | 'bad', state: Operation['state']): Operation {
  return { id: `o-${kind}`, environment: 'local', operation: 'deploy', state, questions: [], error: null, result: null };
}

/** What the server says to each wish. */
export function answerTo(input: TryInput): Tried {
  if (input.kind === 'good release')
    return { text: 'A good release has begun: TRY_IT = 43 in backend.', operation: trialOperation('good', 'running') };
  if (input.kind === 'bad release')
    return { text: 'A bad release has begun: DATABASE_URL in backend leads nowhere.', operation: trialOperation('bad', 'running') };
  return { text: `${input.replica} was disturbed.`, operation: null };
}

const steps = ['lock', 'guard', 'build', 'plan', 'migrate', 'apply', 'healthy', 'smoke', 'canary', 'shift', 'bake', 'retire'];

/** The walk up to a step, which is in the given state. */
export function walkTo(step: string, state: WalkStep['state'], message = ''): WalkStep[] {
  const reached = steps.indexOf(step);
  const began = Date.now() - 20_000;
  return steps.map((name, index) => ({
    step: name,
    about: `What ${name} is for, in a line.`,
    state: index < reached ? 'done' : index === reached ? state : 'waiting',
    startedAt: index <= reached ? began + index * 1000 : null,
    endedAt: index < reached || (index === reached && state !== 'running') ? began + index * 1000 + 900 : null,
    message: index === reached ? message : '',
  }));
}

export function progressAt(kind: 'good' | 'bad', step: string, message: string): Progress {
  const meter = { requests: 640, failed: 0, failures: {}, p99DeltaMs: 2, longestGapMs: 33 };
  return { key: kind === 'good' ? 'k43' : 'k44', operation: 'deploy', walk: walkTo(step, 'running', message), gate: null, meter };
}

const meter = { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3, longestGapMs: 41 };

export function promoted(): ReleaseDetail {
  return { ...detailOf(summaryOf('promoted')), walk: walkTo('retire', 'done'), meter, evidence: null };
}

/** The line that explains what became of the bad release. */
export const reason = 'Error: connect ECONNREFUSED 127.0.0.1:1';

export function takenBack(): ReleaseDetail {
  return {
    ...detailOf(summaryOf('failed')),
    walk: walkTo('healthy', 'failed', 'backend-b77e-1 ended 3 times'),
    meter,
    evidence: {
      code: 'GX1002',
      message: 'backend-b77e-1 ended 3 times: exit 1',
      fix: 'Look at the lines above; the program says why it ends.',
      lines: ['starting', 'node:events:497', reason, '    at TCPConnectWrap.afterConnect (node:net:1637:16)', 'Node.js v20.20.0'],
      exitCode: 1,
    },
  };
}

function summaryOf(outcome: 'promoted' | 'failed'): ReleaseSummary {
  const [newest] = releasesOf([outcome === 'promoted' ? 43 : 44]) as [ReleaseSummary];
  return { ...newest, outcome, number: outcome === 'promoted' ? 43 : 0, release: releaseB, live: outcome === 'promoted' };
}
