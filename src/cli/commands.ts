/** The command map: names, words and options as data, code loaded only for the command that runs. */
import type { Run } from './io.ts';

export interface CommandSpec {
  readonly name: string;
  readonly group: 'Build' | 'Release' | 'Look' | 'Keep' | 'hidden';
  readonly summary: string;
  /** In the notation of commander: `<env>`, `[service]`, `[command...]`. */
  readonly words: readonly WordSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  load(): Promise<{ readonly run: Run }>;
}

export interface WordSpec {
  readonly usage: string;
  readonly help: string;
}

export interface OptionSpec {
  /** `-f, --follow`, `--since <duration>`, or with two words `--allow <id> <reason>`, which arrive as `id=reason` */
  readonly flags: string;
  readonly help: string;
  /** May be given several times; the values are a list. */
  readonly repeated?: true;
}

const env: WordSpec = { usage: '<env>', help: 'environment: `local`, or the name of a file in environments/' };

/** For everything that releases. */
const consent: readonly OptionSpec[] = [
  { flags: '--allow <id> <reason>', help: 'let a guardrail pass; the reason is recorded in the release', repeated: true },
  { flags: '--confirm <id>', help: 'say yes beforehand to what would be asked', repeated: true },
  { flags: '-y, --yes', help: 'say yes to all that loses no data' },
  { flags: '--allow-schema-mismatch', help: 'release although the database has another schema than the version expects' },
];
const wait: OptionSpec = { flags: '--wait', help: 'wait while somebody else changes the environment' };

export const commands: readonly CommandSpec[] = [
  {
    name: 'init',
    group: 'Build',
    summary: 'write gantry.yaml for the app in this folder',
    words: [],
    options: [
      { flags: '--force', help: 'replace an existing gantry.yaml' },
      { flags: '--dry-run', help: 'print the file instead of writing it' },
    ],
    examples: ['gantry init', 'gantry init --dry-run'],
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'check',
    group: 'Build',
    summary: 'check the files, each target and the guardrails',
    words: [{ usage: '[env]', help: 'only this environment' }],
    options: [{ flags: '--strict', help: 'fail on what a target only approximates' }],
    examples: ['gantry check', 'gantry check local --json'],
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'up',
    group: 'Build',
    summary: 'run the app here, or release what the folder says',
    words: [],
    options: [
      { flags: '-d, --detach', help: 'return when the app runs; `gantry down` stops it' },
      { flags: '-w, --watch', help: 'release again whenever a file changes' },
      { flags: '-p, --port <port>', help: 'port of the public address (default: PORT, then 8080 or the next free one)' },
      { flags: '--no-dashboard', help: 'run the app alone' },
    ],
    examples: ['gantry up', 'gantry up --detach', 'gantry up --watch'],
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'down',
    group: 'Build',
    summary: 'stop the app on this machine; data stays',
    words: [],
    options: [],
    examples: ['gantry down'],
    load: () => import('./commands/down.ts'),
  },
  {
    name: 'doctor',
    group: 'Build',
    summary: 'check what this machine has and lacks',
    words: [],
    options: [],
    examples: ['gantry doctor'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'plan',
    group: 'Release',
    summary: 'show what a deploy would change',
    words: [env],
    options: [
      { flags: '--out <file>', help: 'keep the plan for `deploy --plan`' },
      { flags: '--drift', help: 'also show what differs from what was released' },
      { flags: '--exit-code', help: 'end with 3 when there are changes or drift' },
    ],
    examples: ['gantry plan local', 'gantry plan local --out plan.json', 'gantry plan local --exit-code --json'],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'deploy',
    group: 'Release',
    summary: 'release what the folder says, losing no request',
    words: [env],
    options: [
      { flags: '--plan <file>', help: 'exactly what this plan says, or nothing' },
      { flags: '--image <service=ref>', help: 'take a ready image for a service', repeated: true },
      wait,
      ...consent,
    ],
    examples: ['gantry deploy local', 'gantry deploy local --plan plan.json', 'gantry deploy local --allow G25 hotfix'],
    load: () => import('./commands/deploy.ts'),
  },
  {
    name: 'rollback',
    group: 'Release',
    summary: 'go back to an earlier release',
    words: [env, { usage: '[release]', help: 'number, id or the first digits of one (default: the one promoted before)' }],
    options: [wait, ...consent],
    examples: ['gantry rollback local', 'gantry rollback local 41'],
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'scale',
    group: 'Release',
    summary: 'set the number of replicas',
    words: [env, { usage: '<change>', help: 'SERVICE=N, or SERVICE=auto' }],
    options: [wait],
    examples: ['gantry scale local backend=4', 'gantry scale local backend=auto'],
    load: () => import('./commands/scale.ts'),
  },
  {
    name: 'restart',
    group: 'Release',
    summary: 'replace replicas one by one, losing no request',
    words: [env, { usage: '[service]', help: 'only this service' }],
    options: [wait],
    examples: ['gantry restart local', 'gantry restart local backend'],
    load: () => import('./commands/restart.ts'),
  },
  {
    name: 'status',
    group: 'Look',
    summary: 'show what runs',
    words: [env],
    options: [],
    examples: ['gantry status local', 'gantry status local --json'],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'logs',
    group: 'Look',
    summary: 'show what the replicas print, by time',
    words: [env, { usage: '[service]', help: 'only this service, resource, or `ingress`, `supervisor`' }],
    options: [
      { flags: '-f, --follow', help: 'go on as lines come' },
      { flags: '-n, --tail <lines>', help: 'lines from the end of each log (default: 100)' },
      { flags: '--since <duration>', help: 'only lines of the last `15m`, `2h`, ...' },
    ],
    examples: ['gantry logs local', 'gantry logs local backend -f'],
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'open',
    group: 'Look',
    summary: 'open the app in the browser',
    words: [env],
    options: [],
    examples: ['gantry open local'],
    load: () => import('./commands/open.ts'),
  },
  {
    name: 'dashboard',
    group: 'Look',
    summary: 'see the app, its releases and why, in the browser',
    words: [{ usage: '[env]', help: 'environment whose page is opened first' }],
    options: [{ flags: '-p, --port <port>', help: 'port of the dashboard (default: 8081 or the next free one)' }],
    examples: ['gantry dashboard', 'gantry dashboard local --port 9000'],
    load: () => import('./commands/dashboard.ts'),
  },
  {
    name: 'releases',
    group: 'Look',
    summary: 'list the releases, newest first',
    words: [env],
    options: [
      { flags: '-n, --number <n>', help: 'at most so many (default: 20)' },
      { flags: '--events', help: 'everything that was recorded, one event a line' },
    ],
    examples: ['gantry releases local', 'gantry releases local --json'],
    load: () => import('./commands/releases.ts'),
  },
  {
    name: 'secret',
    group: 'Keep',
    summary: 'set, import, list, rm; values from stdin',
    words: [
      { usage: '<action>', help: 'set, import, list or rm' },
      env,
      { usage: '[name]', help: 'name of the secret (set, rm), or a file with NAME=value lines (import)' },
    ],
    options: [{ flags: '--deploy', help: 'release again, so that the new value is used' }],
    examples: ['gantry secret set local SESSION_KEY', 'gantry secret import local .env', 'gantry secret list local'],
    load: () => import('./commands/secret.ts'),
  },
  {
    name: 'run',
    group: 'Keep',
    summary: 'run a command once, as a service would',
    words: [env, { usage: '<service>', help: 'service' }, { usage: '[command...]', help: 'command and its words, after `--`' }],
    options: [],
    examples: ['gantry run local backend -- node dist/migrate.js'],
    load: async () => ({ run: (await import('./commands/exec.ts')).runOnce }),
  },
  {
    name: 'exec',
    group: 'Keep',
    summary: 'run a command beside running replicas',
    words: [env, { usage: '<service>', help: 'service' }, { usage: '[command...]', help: 'command and its words, after `--`' }],
    options: [],
    examples: ['gantry exec local backend -- env'],
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'unlock',
    group: 'Keep',
    summary: 'take the lock from somebody who does not answer',
    words: [env],
    options: [
      { flags: '-y, --yes', help: 'do not ask' },
      { flags: '--force', help: 'even while an operation is running well' },
    ],
    examples: ['gantry unlock local'],
    load: () => import('./commands/unlock.ts'),
  },
  {
    name: 'destroy',
    group: 'Keep',
    summary: 'remove the app and its data from a place',
    words: [env],
    options: [
      { flags: '--yes', help: 'do not ask' },
      { flags: '--confirm <env>', help: 'name of the environment, typed out, for scripts' },
      { flags: '--keep-data', help: 'keep the data of resources' },
    ],
    examples: ['gantry destroy local', 'gantry destroy local --yes'],
    load: () => import('./commands/destroy.ts'),
  },
  {
    name: 'explain',
    group: 'hidden',
    summary: 'say more about an error code or a guardrail',
    words: [{ usage: '<code>', help: 'code, for example GA1003 or G01' }],
    options: [],
    examples: ['gantry explain GA1003', 'gantry explain G01'],
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'completion',
    group: 'hidden',
    summary: 'print the completion script of a shell',
    words: [{ usage: '<shell>', help: 'bash, zsh or fish' }],
    options: [],
    examples: ['gantry completion bash > /etc/bash_completion.d/gantry'],
    load: () => import('./commands/completion.ts'),
  },
];
