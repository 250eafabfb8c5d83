/** The slow path: reads a file again with positions and says everything that is wrong with it at once. */
import { environmentSchema, type RawEnvironment } from './environment.ts';
import { commonKeys, splitEnvironment, toEnvironment, type SplitEnvironment, type TargetOptions } from './environment-options.ts';
import { withEnvironment } from './environment-merge.ts';
import { issueOf, type Issue, type Path, type Problem } from './issue.ts';
import { judge } from './judge.ts';
import { maxProblems } from './limits.ts';
import type { LoadedApp, LoadedEnvironment } from './load.ts';
import type { App } from './model.ts';
import { normalizeApp } from './normalize.ts';
import { withoutNotes } from './notes.ts';
import { prune } from './prune.ts';
import { applyRules } from './rules/index.ts';
import { environmentProblems } from './rules/environments.ts';
import { appSchema, type RawApp } from './schema.ts';
import { didYouMean, nearest } from './suggest.ts';
import { readExact, type Reading } from './yaml-exact.ts';

export function judgeApp(file: string, text: string): LoadedApp {
  const reading = readExact(text);
  if ('problems' in reading) return { issues: reading.problems.map((problem) => issueOf(file, problem)) };
  const value = withoutNotes(reading.value);
  const { problems, pruned, lost } = judged<RawApp>(appSchema, value, { gantry: 1, app: 'app', services: {} });
  const app = pruned === undefined ? undefined : normalizeApp(pruned);
  const all = [
    ...problems,
    ...oddNumbers(reading),
    ...(pruned === undefined || app === undefined ? [] : applyRules({ app, raw: pruned }).filter((problem) => !follows(problem, lost))),
  ];
  return all.length > 0 || app === undefined ? { issues: placed(file, all, reading) } : { app };
}

export async function judgeEnvironment(file: string, text: string, app: App, targets: TargetOptions): Promise<LoadedEnvironment> {
  const reading = readExact(text);
  if ('problems' in reading)
    return {
      issues: reading.problems.map((problem) =>
        issueOf(file, problem.code === 'GA1011' ? { ...problem, fix: 'begin with `target: local`' } : problem),
      ),
    };
  const { problems, pruned, lost } = judged<RawEnvironment>(environmentSchema, reading.value, {});
  const split = pruned === undefined ? undefined : splitEnvironment(pruned);
  const merged = withEnvironment(app, split?.common);
  const all = [...problems, ...oddNumbers(reading)];
  if (split !== undefined)
    all.push(
      ...environmentProblems(split.common, merged, app, Object.keys(targets)).filter((problem) => !follows(problem, lost)),
      ...(await optionProblems(split, targets)),
    );
  return all.length > 0 || split === undefined
    ? { issues: placed(file, all, reading) }
    : { env: toEnvironment(file, split.common, split.options), app: merged };
}

interface Judged<Raw> {
  readonly problems: readonly Problem[];
  /** The value without what the schema refuses. */
  readonly pruned: Raw | undefined;
  /** What was taken away. */
  readonly lost: readonly Path[];
}

function judged<Raw>(schema: Parameters<typeof judge>[0], value: unknown, standIns: Readonly<Record<string, unknown>>): Judged<Raw> {
  const problems = judge(schema, value);
  if (problems.length === 0) return { problems, pruned: value as Raw, lost: [] };
  const { value: pruned, lost } = prune(schema, value, problems, standIns);
  return { problems, pruned: pruned as Raw | undefined, lost };
}

const textualKeys = new Set<string | number | undefined>(['variables', 'args', 'headers']);

/** Only values that reach a program as text can change by being read as a number. */
function oddNumbers({ oddNumbers }: Reading): Problem[] {
  return oddNumbers
    .filter(({ path }) => textualKeys.has(path.at(-2)))
    .map(({ path, source }) => ({
      code: 'GA1014',
      path,
      message: `the number ${source} would reach the program as ${Number(source)}`,
      fix: `put it in quotes: "${source}"`,
    }));
}

/** True if a problem is only the echo of another one: what it misses was there, but the schema refused it. */
function follows(problem: Problem, lost: readonly Path[]): boolean {
  return (problem.absent ?? []).some((absent) => lost.some((path) => isWithin(path, absent) || isWithin(absent, path)));
}

function isWithin(inner: Path, outer: Path): boolean {
  return outer.length <= inner.length && outer.every((key, index) => inner[index] === key || inner[index] === '*' || key === '*');
}

function placed(file: string, problems: readonly Problem[], reading: Reading): Issue[] {
  const issues = problems
    .slice(0, maxProblems)
    .map((problem) => issueOf(file, { ...problem, position: reading.locate(problem.path, problem.at) }));
  return issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

async function optionProblems({ common, options }: SplitEnvironment, targets: TargetOptions): Promise<Problem[]> {
  const schema = await (Object.hasOwn(targets, common.target) ? targets[common.target]?.options() : undefined);
  return schema === undefined ? [] : judge(schema, options).map((problem) => withCommonKeys(problem));
}

/** A misspelt common key looks like an option of the target; suggest from both. */
function withCommonKeys(problem: Problem): Problem {
  const key = problem.path.at(-1);
  if (problem.code !== 'GA1003' || problem.path.length !== 1 || typeof key !== 'string') return problem;
  const hit = nearest(key, commonKeys);
  return hit === undefined || problem.message.includes('did you mean')
    ? problem
    : { ...problem, message: `unknown key${didYouMean(key, commonKeys)}`, fix: `write "${hit}" instead of "${key}"` };
}
