/** What the app asks for and what each environment makes of it, as one table; pure. */
import type { EnvironmentSummary, Support } from '../../../../src/server/api/index.ts';

export interface Cell {
  /** `not used`: the environment's files do not ask for it. */
  readonly level: Support['level'] | 'not used';
  readonly symbol: '✓' | '~' | '✗' | '-';
  readonly words: string;
  /** Where the files ask for it, with the reason for all but `yes`; equal reasons once. */
  readonly notes: readonly { readonly reason: string; readonly paths: readonly string[] }[];
}

export interface ParityRow {
  readonly feature: string;
  readonly title: string;
  /** Where the files ask for it, in any environment. */
  readonly paths: readonly string[];
  /** One for each environment, in their order. */
  readonly cells: readonly Cell[];
  /** The environments do not all give the same. */
  readonly differs: boolean;
}

export interface ParityGroup {
  readonly title: string;
  readonly rows: readonly ParityRow[];
}

const groups: readonly (readonly [title: string, prefixes: readonly string[]])[] = [
  ['Services', ['service.', 'port.', 'variables', 'secrets']],
  ['Health and checks', ['health', 'smoke', 'migrate']],
  ['Scaling and limits', ['scale.', 'limits.']],
  ['Resources', ['resource.']],
  ['Releases', ['release.']],
];
const otherGroup = 'The place';

const titles: Readonly<Record<string, string>> = {
  'service.web': 'Web service',
  'service.worker': 'Worker',
  'service.schedule': 'Scheduled job',
  'service.static': 'Static site',
  'service.image': 'Ready-made image',
  'port.fixed': 'Program with a fixed port',
  health: 'Health check',
  'health.live': 'Liveness check',
  'limits.cpu': 'CPU limit',
  'limits.memory': 'Memory limit',
  'scale.count': 'Several replicas',
  'scale.cpu': 'Scaling by CPU',
  'scale.concurrency': 'Scaling by requests in flight',
  variables: 'Variables',
  secrets: 'Secrets',
  migrate: 'Migration',
  smoke: 'Smoke checks',
  'resource.postgres': 'PostgreSQL',
  'resource.redis': 'Redis',
  'resource.external': 'Resource kept elsewhere',
  'resource.storage': 'Size of storage',
  'release.canary': 'Canary',
  'release.bake': 'Bake time',
  'release.gates': 'Gates',
  'release.budget': 'Budget of failed requests',
  'release.rolling': 'Rolling strategy',
  'release.recreate': 'Recreate strategy',
  domain: 'Domain',
  registry: 'Registry',
  size: 'Size',
  egress: 'Outgoing connections',
  monitoring: 'Monitoring',
  alerts: 'Alerts',
  patches: 'Patches of generated files',
};

/** Features in the order in which the files ask for them, grouped; without groups that have none. */
export function parityGroups(environments: readonly Pick<EnvironmentSummary, 'parity'>[]): ParityGroup[] {
  const features = [...new Set(environments.flatMap(({ parity }) => parity.map(({ feature }) => feature)))];
  const rows = features.map((feature) => rowOf(feature, environments));
  return [...groups.map(([title]) => title), otherGroup]
    .map((title) => ({ title, rows: rows.filter(({ feature }) => groupOf(feature) === title) }))
    .filter((group) => group.rows.length > 0);
}

function groupOf(feature: string): string {
  return groups.find(([, prefixes]) => prefixes.some((prefix) => feature.startsWith(prefix)))?.[0] ?? otherGroup;
}

function rowOf(feature: string, environments: readonly Pick<EnvironmentSummary, 'parity'>[]): ParityRow {
  const uses = environments.map(({ parity }) => parity.filter((support) => support.feature === feature));
  const cells = uses.map(cellOf);
  const paths = [...new Set(uses.flat().map(({ path }) => path))];
  const differs = new Set(cells.map((cell) => JSON.stringify([cell.level, cell.notes.map(({ reason }) => reason)]))).size > 1;
  return { feature, title: titles[feature] ?? feature, paths, cells, differs };
}

const worstFirst: readonly Support['level'][] = ['no', 'approximated', 'yes'];
const looks: Readonly<Record<Cell['level'], Pick<Cell, 'symbol' | 'words'>>> = {
  yes: { symbol: '✓', words: 'yes' },
  approximated: { symbol: '~', words: 'approximated' },
  no: { symbol: '✗', words: 'no' },
  'not used': { symbol: '-', words: 'not used' },
};

/** The worst of all the places that ask for it counts. */
function cellOf(uses: readonly Support[]): Cell {
  const level = worstFirst.find((one) => uses.some((use) => use.level === one)) ?? 'not used';
  const reasons = [...new Set(uses.flatMap(({ reason }) => (reason === undefined ? [] : [reason])))];
  const notes = reasons.map((reason) => ({ reason, paths: uses.filter((use) => use.reason === reason).map(({ path }) => path) }));
  return { level, ...looks[level], notes };
}

/** `everything`, or `everything; 2 approximated`, or `1 missing, 2 approximated`. */
export function paritySummary(parity: readonly Support[]): string {
  const number = (level: Support['level']): number =>
    new Set(parity.filter((one) => one.level === level).map(({ feature }) => feature)).size;
  const [missing, near] = [number('no'), number('approximated')];
  if (missing > 0) return [`${missing} missing`, ...(near > 0 ? [`${near} approximated`] : [])].join(', ');
  return near > 0 ? `everything; ${near} approximated` : 'everything';
}
