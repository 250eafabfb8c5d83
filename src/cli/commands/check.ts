/** `gantry check [ENV]`: the files, what each environment's target can do for the app, and what the guardrails have against it. */
import { featuresUsed, type Feature } from '../../app/features.ts';
import { GantryError } from '../../errors.ts';
import { checkFolders } from '../../guard/folders.ts';
import { findingLines } from '../../guard/judge.ts';
import { targets } from '../../targets/index.ts';
import type { Support } from '../../targets/target.ts';
import { judgeAll, type Judged } from '../guardrails.ts';
import type { Io, Run } from '../io.ts';
import { readProject, type Project, type ProjectEnvironment } from '../project.ts';
import { count, json, say, table } from '../print/text.ts';

interface Parity {
  readonly environment: string;
  readonly target: string;
  readonly features: readonly {
    readonly feature: Feature;
    readonly path: string;
    readonly level: Support['level'];
    readonly reason?: string;
  }[];
}

export const run: Run = async (io, args) => {
  const project = await readProject(io);
  const wanted = args.words['env'];
  const chosen = project.environments.filter(({ env }) => wanted === undefined || env.name === wanted);
  if (chosen.length === 0)
    throw new GantryError('GC1003', `there is no environment ${JSON.stringify(wanted)}`, {
      fix: `environments here: ${project.environments.map(({ env }) => env.name).join(', ')}`,
      exitCode: 2,
    });
  await checkFolders(project.app, project.folder, io.env['PATH'] ?? '');
  const report = chosen.map(parity);
  for (const { env, app } of chosen)
    targets[env.target]?.compile({ live: { id: '0'.repeat(12), app, env, content: {}, secrets: {}, counts: {} } });
  const judged = await judgeAll(io, project, chosen);
  print(io, project, report, judged);
  return verdict(report, judged, args.options['strict'] === true);
};

const shownPaths = 5;
const unknownTarget: Support = { level: 'no', reason: 'unknown target' };

function parity({ env, app }: ProjectEnvironment): Parity {
  const supports = targets[env.target]?.supports(app, env);
  const used = featuresUsed(app, env).map(({ feature, path }) => ({ feature, path, ...(supports?.[feature] ?? unknownTarget) }));
  return { environment: env.name, target: env.target, features: used };
}

function print(io: Io, { app }: Project, report: readonly Parity[], judged: readonly Judged[]): void {
  const environments = report.map((one) => ({ ...one, guardrails: guardrailsOf(one.environment, judged) }));
  json(io, { app: app.name, services: Object.keys(app.services), resources: Object.keys(app.resources), environments });
  const head = [
    count(Object.keys(app.services).length, 'service'),
    count(Object.keys(app.resources).length, 'resource'),
    count(app.smoke.length, 'smoke check'),
  ];
  const lines = [`${app.name}  ${head.join(', ')}`, ...table(report.map(row)), ...report.flatMap(notEverything), ...guardrailLines(judged)];
  say(io, lines.join('\n'));
}

function guardrailsOf(environment: string, judged: readonly Judged[]): Omit<Judged, 'environment'> {
  const { rules = 0, findings = [] } = judged.find((one) => one.environment === environment) ?? {};
  return { rules, findings };
}

const shownFindings = 20;

interface Gathered {
  readonly lines: readonly string[];
  readonly severity: string;
  readonly id: string;
  readonly environments: string[];
}

/** `Guardrails: 1 block, 2 warnings.`, then each finding with the environments that it is about. */
function guardrailLines(judged: readonly Judged[]): string[] {
  const gathered = new Map<string, Gathered>();
  for (const { environment, findings } of judged) {
    for (const finding of findings) {
      const lines = findingLines(finding);
      const key = `${finding.severity} ${lines.join(' ')}`;
      const known = gathered.get(key) ?? { lines, severity: finding.severity, id: finding.id, environments: [] };
      gathered.set(key, known);
      known.environments.push(environment);
    }
  }
  const all = [...gathered.values()];
  const [first] = all;
  if (first === undefined) return [`Guardrails: nothing found by ${count(Math.max(0, ...judged.map(({ rules }) => rules)), 'rule')}.`];
  const blocks = all.filter(({ severity }) => severity === 'block').length;
  const counts = [
    ...(blocks === 0 ? [] : [count(blocks, 'block')]),
    ...(all.length === blocks ? [] : [count(all.length - blocks, 'warning')]),
  ];
  return [
    `Guardrails: ${counts.join(', ')}. \`gantry explain ${first.id}\` says more.`,
    ...all.slice(0, shownFindings).flatMap((one) => findingText(one, judged.length > 1)),
    ...(all.length > shownFindings ? [`  and ${all.length - shownFindings} more; --json has all of them`] : []),
  ];
}

function findingText({ lines, severity, environments }: Gathered, several: boolean): string[] {
  const [head = '', ...rest] = lines;
  const where = several ? `${environments.join(', ')}: ` : '';
  return [`  ${where}${severity === 'block' ? 'blocks' : 'warns'}  ${head}`, ...rest.map((line) => `    ${line.trim()}`)];
}

/** One entry for each reason, with the places that it is about: a large app repeats itself. */
function notEverything({ environment, features }: Parity): string[] {
  const groups = new Map<string, string[]>();
  for (const { path, level, reason = '' } of features) {
    if (level === 'yes') continue;
    const key = `${level}: ${reason}`;
    const paths = groups.get(key);
    if (paths === undefined) groups.set(key, [path]);
    else paths.push(path);
  }
  return [...groups].flatMap(([key, paths]) => [`  ${environment}  ${key}`, `    ${listed(paths)}`]);
}

function listed(paths: readonly string[]): string {
  const more = paths.length - shownPaths;
  return more <= 0 ? paths.join(', ') : `${paths.slice(0, shownPaths).join(', ')} and ${more} more`;
}

function row({ environment, target, features }: Parity): string[] {
  const counted = (['approximated', 'no'] as const)
    .map((level) => [level, features.filter((feature) => feature.level === level).length] as const)
    .filter(([, number]) => number > 0);
  return [
    environment,
    target,
    counted.length === 0
      ? 'everything'
      : counted.map(([level, number]) => `${number} ${level === 'no' ? 'not possible' : level}`).join(', '),
  ];
}

function verdict(report: readonly Parity[], judged: readonly Judged[], strict: boolean): number {
  const reaches = (wanted: Support['level']) => report.some(({ features }) => features.some(({ level }) => level === wanted));
  const blocked = judged.some(({ findings }) => findings.some(({ severity }) => severity === 'block'));
  return blocked || reaches('no') || (strict && reaches('approximated')) ? 1 : 0;
}
