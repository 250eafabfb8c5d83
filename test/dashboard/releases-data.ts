/** Releases as the server tells of them: a calm history, one under way, failures with evidence, hostile names, and a great many. */
import type {
  Change,
  Comparison,
  DiffLine,
  FileDiff,
  Finding,
  Gate,
  Meter,
  Plan,
  Problem,
  Progress,
  ReleaseDetail,
  ReleaseSummary,
  WalkStep,
} from '../../src/server/api/index.ts';
import { releasing, taskly, type FakeEnvironment, type Scenario } from './fake-scenarios.ts';

export const steps: readonly (readonly [step: string, about: string])[] = [
  ['lock', 'Takes the lock: one writer at a time.'],
  ['guard', 'Looks for what has hurt people before.'],
  ['build', 'Prepares what has changed; what has not is taken as it is.'],
  ['plan', 'Says what would change.'],
  ['confirm', 'Asks what a person has to say yes to.'],
  ['passwords', 'Makes passwords that are missing.'],
  ['provision', 'Starts servers that the app needs.'],
  ['urls', 'Writes down where they are.'],
  ['push', 'Carries content to where it runs.'],
  ['migrate', 'Runs migrations, once per release.'],
  ['apply', 'Starts the next set beside the live one.'],
  ['healthy', 'Waits until every replica of the next set is ready.'],
  ['smoke', 'Checks the next set before any user sees it.'],
  ['canary', 'Sends a share of the users to the next set, and compares.'],
  ['shift', 'Sends everybody to the next set.'],
  ['bake', 'Keeps the old set warm, and goes on comparing.'],
  ['retire', 'Drains and stops the old set.'],
];

const said: Readonly<Record<string, string>> = {
  guard: '31 rules, 1 warning (G11), 1 allowed (G25 "hotfix for the sign-in")',
  build: 'backend cached  frontend 4.2 s',
  plan: '~ 2 changed  0 replaced  0 destroyed  no downtime, no data loss',
  migrate: '1 (expand) 0.8 s',
  healthy: 'backend 2/2 ready  frontend 2/2 ready',
  smoke: '3 of 3',
  canary: '5 % 10 s  error 0.00 % (old 0.00 %)  p95 41 ms (old 43 ms)',
  bake: '20 s  error 0.00 % (old 0.00 %)  p95 40 ms (old 43 ms)',
  retire: 'drained 4 replicas',
};

const tookMs: Readonly<Record<string, number>> = { build: 4200, migrate: 800, healthy: 1900, smoke: 400, canary: 10_000, bake: 20_000 };

/** A walk up to the named step. @param at how that step stands; after `failed` nothing follows but going back */
export function walkUpTo(step: string, at: WalkStep['state'], begun: number): WalkStep[] {
  const last = steps.findIndex(([name]) => name === step);
  let clock = begun;
  return steps.map(([name, about], index) => {
    const startedAt = index > last ? null : clock;
    clock += tookMs[name] ?? 20;
    if (index > last) return { step: name, about, state: 'waiting', startedAt, endedAt: null, message: '' };
    const state = index === last ? at : 'done';
    const endedAt = state === 'running' ? null : clock;
    return { step: name, about, state, startedAt, endedAt, message: said[name] ?? '' };
  });
}

export const calmMeter: Meter = { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3, longestGapMs: 38 };

const hour = 3_600_000;

/** Number `number` of a history that ends now: promoted, unless said otherwise. */
export function releaseNumber(number: number, now: number, more: Partial<ReleaseSummary> = {}): ReleaseSummary {
  const begun = now - (43 - number) * 2 * hour;
  const id = (number * 7_919_317).toString(16).padStart(12, '4').slice(0, 12);
  return {
    key: `attempt-${number}`,
    number,
    release: id,
    operation: 'deploy',
    outcome: 'promoted',
    live: false,
    runnable: true,
    who: 'ana@laptop',
    begun: new Date(begun).toISOString(),
    ended: new Date(begun + 17_200).toISOString(),
    durationMs: 17_200,
    commit: id.repeat(4).slice(0, 40),
    meter: calmMeter,
    failed: null,
    ...more,
  };
}

/** Newest first: 42 serves, 41 was taken back, 40 is a rollback's goal, 38 is not kept any more. */
export function calmHistory(now: number): ReleaseSummary[] {
  return [
    releaseNumber(42, now, { live: true }),
    failedRelease(now),
    releaseNumber(40, now, { who: 'ben@ci', meter: { ...calmMeter, requests: 48_210, p99DeltaMs: -1 } }),
    releaseNumber(39, now, { operation: 'rollback', release: releaseNumber(37, now).release, commit: null, durationMs: 24_000 }),
    releaseNumber(0, now, {
      key: 'attempt-without',
      release: null,
      outcome: 'failed',
      runnable: false,
      meter: null,
      durationMs: 900,
      begun: new Date(now - 9 * hour).toISOString(),
      failed: { step: 'guard', code: 'GR1007', message: 'G07 stops this release' },
    }),
    releaseNumber(38, now, { runnable: false, who: 'ben@ci' }),
    releaseNumber(37, now),
  ];
}

const stopReason = '12 of 80 requests failed (15.00 %), on the old set 0 of 1520 (0.00 %); 1.00 % more is allowed';

export function failedRelease(now: number): ReleaseSummary {
  return releaseNumber(41, now, {
    outcome: 'rolled back',
    runnable: false,
    durationMs: 9_400,
    meter: { requests: 720, failed: 3, failures: { 'status 500': 2, reset: 1 }, p99DeltaMs: 88, longestGapMs: 412 },
    failed: { step: 'canary', code: 'GR4001', message: stopReason },
  });
}

export function many(count: number, now: number): ReleaseSummary[] {
  return Array.from({ length: count }, (_, index) =>
    releaseNumber(count - index, now, {
      live: index === 0,
      begun: new Date(now - index * hour).toISOString(),
      runnable: index < 10,
    }),
  );
}

export function gate(more: Partial<Gate> = {}): Gate {
  return {
    step: 'canary',
    share: 5,
    verdict: 'go',
    reason: null,
    judgedOn: 'users',
    live: { requests: 1520, failed: 0, errorRate: 0, p95Ms: 43 },
    next: { requests: 80, failed: 0, errorRate: 0, p95Ms: 41 },
    limits: { errorRate: 1, p95Ms: 93 },
    durationMs: 10_000,
    elapsedMs: 10_000,
    ...more,
  };
}

export const changes: readonly Change[] = [
  { kind: 'update', subject: 'service/backend', detail: 'content 7a3f.. -> 2c91..', downtime: false, dataLoss: false },
  { kind: 'update', subject: 'service/frontend', detail: 'content 05c2.. -> 91ee..', downtime: false, dataLoss: false },
  { kind: 'unchanged', subject: 'resource/db', detail: '', downtime: false, dataLoss: false },
];

const warning: Finding = {
  id: 'G11',
  severity: 'warn',
  message: 'no smoke check signs in',
  where: 'gantry.yaml:34:3',
  why: 'A sign-in that is broken is found by users first.',
  fix: 'Add a check under `smoke` that signs in.',
};

export function detail(summary: ReleaseSummary, more: Partial<ReleaseDetail> = {}): ReleaseDetail {
  return {
    ...summary,
    walk: walkUpTo('retire', 'done', Date.parse(summary.begun)),
    gates: [
      gate(),
      gate({
        step: 'bake',
        share: 100,
        next: { requests: 1400, failed: 0, errorRate: 0, p95Ms: 40 },
        durationMs: 20_000,
        elapsedMs: 20_000,
      }),
    ],
    changes: [...changes],
    findings: [warning],
    allowed: [{ id: 'G25', reason: 'hotfix for the sign-in' }],
    backMs: null,
    evidence: null,
    ...more,
  };
}

export const evidence: Problem = {
  code: 'GR4001',
  message: stopReason,
  fix: 'Look at the logs of the release that the message names; `release.gates` holds the limits.',
  where: 'canary, 5 % of the requests',
  state:
    'release 27d5c1a09e42 serves everything; up to 5 % of the requests went to the new one, for 1.8 s; the migration of this release stays',
  exitCode: 1,
  lines: [
    '{"level":"info","time":"2026-01-01T10:44:11.902Z","msg":"listening on 127.0.0.1:40113"}',
    '{"level":"error","time":"2026-01-01T10:44:12.118Z","msg":"POST /api/tasks","err":"column \\"owner_id\\" does not exist"}',
    '    at Parser.parseErrorMessage (/release/backend/node_modules/pg-protocol/dist/parser.js:283:98)',
  ],
};

/** Stopped in the canary and taken back. */
export function failedDetail(now: number): ReleaseDetail {
  const summary = failedRelease(now);
  const walk = walkUpTo('canary', 'failed', Date.parse(summary.begun));
  const back = Date.parse(summary.begun) + 9_000;
  const revert: WalkStep = {
    step: 'revert',
    about: 'Gives all requests back to the old set, then stops the next one.',
    state: 'done',
    startedAt: back,
    endedAt: back + 64,
    message: 'release 27d5c1a09e42 serves everything',
  };
  return detail(summary, {
    walk: [
      ...walk.map((step) => (step.step === 'apply' || step.step === 'healthy' ? { ...step, state: 'taken back' as const } : step)),
      revert,
    ],
    gates: [gate({ verdict: 'stop', reason: stopReason, next: { requests: 80, failed: 12, errorRate: 15, p95Ms: 212 }, elapsedMs: 1800 })],
    backMs: 64,
    evidence,
  });
}

/** Release 43 while it is at the named step. */
export function underWay(now: number): ReleaseSummary {
  return releaseNumber(43, now, {
    outcome: 'running',
    runnable: false,
    begun: new Date(now).toISOString(),
    ended: null,
    durationMs: null,
    meter: null,
  });
}

export function progressAt(step: string, now: number, more: Partial<Progress> = {}): Progress {
  const walk = walkUpTo(step, 'running', now).filter(({ state }) => state !== 'waiting');
  return { key: underWay(now).key, operation: 'deploy', walk, gate: null, meter: null, ...more };
}

function line(sign: DiffLine['sign'], text: string, before: number | null, after: number | null): DiffLine {
  return { sign, text, before, after };
}

const manifest: FileDiff = {
  path: 'release/process.json',
  kind: 'changed',
  hunks: [
    [
      line(' ', '  "services": {', 4, 4),
      line(' ', '    "backend": {', 5, 5),
      line(' ', '      "port": 3030,', 6, 6),
      line('-', '      "content": "7a3f0c9e41d2",', 7, null),
      line('+', '      "content": "2c91e80b77aa",', null, 7),
      line(' ', '      "count": 2,', 8, 8),
      line(' ', '      "env": {', 9, 9),
    ],
    [
      line(' ', '      "env": {', 41, 41),
      line('-', '        "LOG_LEVEL": "info",', 42, null),
      line('+', '        "LOG_LEVEL": "debug",', null, 42),
      line('+', '        "PAGE_SIZE": "50",', null, 43),
      line(' ', '        "DATABASE_URL": { "secret": "taskly/local/DATABASE_URL", "version": 3 }', 43, 44),
    ],
  ],
};

/** One file of so many lines, every fourth of them new. */
export function longFile(lines: number): FileDiff {
  const hunk = Array.from({ length: lines }, (_, index) =>
    index % 4 === 0 ? line('+', `row ${index + 1} is new`, null, index + 1) : line(' ', `row ${index + 1}`, index + 1, index + 1),
  );
  return { path: 'release/long.json', kind: 'changed', hunks: [hunk] };
}

export function comparison(now: number, more: Partial<Comparison> = {}): Comparison {
  const [from, to] = [releaseNumber(40, now), releaseNumber(42, now)];
  return {
    from: { release: from.release ?? '', number: 40 },
    to: { release: to.release ?? '', number: 42 },
    content: [{ name: 'backend', before: 'sha256:7a3f0c9e41d2', after: 'sha256:2c91e80b77aa' }],
    variables: [
      { name: 'backend.LOG_LEVEL', before: 'info', after: 'debug' },
      { name: 'backend.PAGE_SIZE', before: null, after: '50' },
      { name: 'backend.DATABASE_URL', before: 'secret', after: 'secret' },
    ],
    secrets: [{ name: 'SESSION_KEY', before: '2', after: '3' }],
    settings: [{ name: 'backend.scale.max', before: '10', after: '6' }],
    files: [manifest, { path: 'release/new.json', kind: 'added', hunks: [[line('+', '{}', null, 1)]] }],
    ...more,
  };
}

export function plan(more: Partial<Plan> = {}): Plan {
  return {
    live: { release: releaseNumber(42, 0).release ?? '', number: 42 },
    running: true,
    downtime: false,
    dataLoss: false,
    changes: [...changes],
    files: [manifest],
    variables: [{ name: 'backend.LOG_LEVEL', before: 'info', after: 'debug' }],
    settings: [],
    schema: [],
    ...more,
  };
}

export const emptyPlan: Plan = plan({ changes: [], files: [], variables: [] });

/** A plan that somebody should read twice. */
export const gravePlan: Plan = plan({
  downtime: true,
  dataLoss: true,
  changes: [
    { kind: 'create', subject: 'service/mailer', detail: '', downtime: false, dataLoss: false },
    { kind: 'replace', subject: 'resource/db', detail: 'version 16 -> 17', downtime: true, dataLoss: true },
    { kind: 'delete', subject: 'service/old-worker', detail: '', downtime: false, dataLoss: false },
    { kind: 'unknown', subject: 'service/backend', detail: 'its address is known once db is there', downtime: false, dataLoss: false },
  ],
  schema: [{ name: 'migrations/007_drop_owner.sql', effect: 'irreversible', reasons: ['drops column tasks.owner_id'] }],
});

/** What others may have written into names, messages and log lines. */
export const hostile = {
  markup: '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>',
  steering: '\u001B[2J\u001B[31mred\u001B[0m\u001B]8;;http://127.0.0.1:1/\u0007link\u001B]8;;\u0007\u0000',
  rightToLeft: '\u202Egnp.exe',
  long: 'x'.repeat(5000),
};

export function hostileDetail(now: number): ReleaseDetail {
  const { markup, steering, rightToLeft, long } = hostile;
  const summary = releaseNumber(41, now, {
    who: `${markup}@${rightToLeft}`,
    operation: 'deploy',
    outcome: 'rolled back',
    runnable: false,
    failed: { step: 'smoke', code: 'GR3001', message: `${markup} ${steering} ${long}` },
  });
  return detail(summary, {
    walk: walkUpTo('smoke', 'failed', Date.parse(summary.begun)).map((step) => ({
      ...step,
      message: `${step.message} ${markup}${steering}`,
    })),
    findings: [{ ...warning, message: markup, where: long, why: rightToLeft, fix: steering }],
    allowed: [{ id: 'G25', reason: markup }],
    changes: [{ kind: 'update', subject: `service/${markup}`, detail: long, downtime: false, dataLoss: false }],
    evidence: { ...evidence, message: `${markup}${long}`, fix: steering, lines: [markup, steering, rightToLeft, long] },
  });
}

/** Taskly with a calm history, and everything that can be asked of it. */
export function released(now: number, over: Partial<FakeEnvironment> = {}): Scenario {
  const { app, environments } = taskly();
  const [local, ...others] = environments as [FakeEnvironment, ...FakeEnvironment[]];
  const releases = calmHistory(now);
  const details = Object.fromEntries(releases.map((summary) => [summary.key, detail(summary)] as const));
  const known = { ...details, [failedRelease(now).key]: failedDetail(now) };
  return { app, environments: [{ ...local, releases, details: known, comparison: comparison(now), plan: plan(), ...over }, ...others] };
}

/** What is known of release 43 while it is at its beginning; tell the rest as progress. */
export function begun(now: number): Scenario {
  const { app, environments } = released(now, { progress: progressAt('build', now) });
  const [local, ...others] = environments as [FakeEnvironment, ...FakeEnvironment[]];
  const summary = underWay(now);
  const first: ReleaseDetail = detail(summary, { walk: walkUpTo('build', 'running', now), gates: [], findings: [], allowed: [] });
  const [both] = releasing().environments as [FakeEnvironment];
  const known = { releases: [summary, ...local.releases], details: { ...local.details, [summary.key]: first }, status: both.status };
  return { app, environments: [{ ...local, ...known }, ...others] };
}
