import type { RawEnvironment } from '../environment.ts';
import type { Path, Problem } from '../issue.ts';
import type { App } from '../model.ts';
import { didYouMean, nearest } from '../suggest.ts';
import { cycleRule, variableProblems } from './references.ts';
import { longVariables, reservedVariables, secretVariables } from './variables.ts';

/** What contradicts itself in an environment, or between it and the app. `merged` is the app with the overrides in it. */
export function environmentProblems(env: RawEnvironment, merged: App, app: App, targets: readonly string[]): Problem[] {
  return [
    ...targetProblem(env.target, targets),
    ...unknownNames(env.services, Object.keys(app.services), 'services', 'service'),
    ...unknownNames(env.resources, Object.keys(app.resources), 'resources', 'resource'),
    ...Object.entries(env.services ?? {}).flatMap(([name, override]) =>
      Object.hasOwn(merged.services, name) ? serviceProblems(name, override, merged) : [],
    ),
    ...Object.entries(env.resources ?? {}).flatMap(([name, override]) =>
      override.external !== undefined && override.storage !== undefined
        ? [exclusive(['resources', name, 'storage'], 'storage', 'external')]
        : [],
    ),
    ...(hasVariables(env) ? cycleRule({ app: merged, raw: { gantry: 1, app: app.name, services: {} } }) : []),
  ];
}

function targetProblem(target: string, targets: readonly string[]): Problem[] {
  if (targets.includes(target)) return [];
  const hit = nearest(target, targets);
  return [
    {
      code: 'GE1002',
      path: ['target'],
      message: `there is no target ${JSON.stringify(target.slice(0, 60))}${didYouMean(target, targets)}`,
      fix: hit === undefined ? `use one of: ${targets.join(', ')}` : `write ${hit}`,
    },
  ];
}

function unknownNames(
  overrides: Readonly<Record<string, unknown>> | undefined,
  known: readonly string[],
  key: string,
  noun: string,
): Problem[] {
  return Object.keys(overrides ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hit = nearest(name, known);
      const fix =
        hit === undefined
          ? `delete it, or declare it in the app file; known here: ${known.join(', ') || 'none'}`
          : `write "${hit}" instead of "${name}"`;
      return { code: 'GE1003', path: [key, name], at: 'key', message: `the app has no ${noun} "${name}"${didYouMean(name, known)}`, fix };
    });
}

type Override = NonNullable<RawEnvironment['services']>[string];

function serviceProblems(name: string, override: Override, merged: App): Problem[] {
  const base: Path = ['services', name];
  const service = merged.services[name];
  const problems: Problem[] = [];
  if (override.scale !== undefined && override.replicas !== undefined) problems.push(exclusive([...base, 'replicas'], 'replicas', 'scale'));
  if (service !== undefined && service.scale.min > service.scale.max)
    problems.push({
      code: 'GA1017',
      path: [...base, 'scale'],
      message: `min ${service.scale.min} is greater than max ${service.scale.max}`,
      fix: `write max: ${service.scale.min}, or a smaller min (what is not given here comes from the app file)`,
    });
  if (service?.kind === 'static' || service?.kind === 'schedule') problems.push(...meaningless(override, service.kind, base));
  const variables = override.variables ?? {};
  return [
    ...problems,
    ...[
      ...variableProblems(variables, name, merged),
      ...reservedVariables(variables),
      ...longVariables(variables),
      ...secretVariables(variables),
      ...bothKinds(variables, service?.secrets ?? []),
    ].map((problem) => ({ ...problem, path: [...base, ...problem.path] })),
  ];
}

function meaningless(override: Override, kind: 'static' | 'schedule', base: Path): Problem[] {
  const keys = (['limits', 'scale', 'replicas', 'variables'] as const).filter(
    (key) => override[key] !== undefined && (kind === 'static' || key === 'scale' || key === 'replicas'),
  );
  return keys.map(
    (key) =>
      ({
        code: 'GA1013',
        path: [...base, key],
        at: 'key',
        message: `${kind === 'static' ? 'a static site' : 'a scheduled job'} has no \`${key}\``,
        fix: `delete \`${key}\``,
      }) as const,
  );
}

function bothKinds(variables: Readonly<Record<string, unknown>>, secrets: readonly string[]): Problem[] {
  return Object.keys(variables)
    .filter((name) => secrets.includes(name))
    .map((name) => ({
      code: 'GA2013',
      path: ['variables', name],
      at: 'key',
      message: `"${name}" is a secret of the service`,
      fix: 'delete it here and enter the value with `gantry secret set`',
    }));
}

function exclusive(path: Path, key: string, other: string): Problem {
  return { code: 'GA1013', path, at: 'key', message: `\`${key}\` and \`${other}\` exclude each other`, fix: 'keep one of them' };
}

function hasVariables(env: RawEnvironment): boolean {
  return Object.values(env.services ?? {}).some((override) => override.variables !== undefined);
}
