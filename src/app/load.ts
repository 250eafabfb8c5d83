/**
 * Reading app files and environment files. The happy path loads one YAML reader and a compiled validator; when anything
 * is wrong or doubtful, judge-file.ts reads again with positions and says everything that is wrong at once.
 */
import { withEnvironment } from './environment-merge.ts';
import { environmentProblems } from './rules/environments.ts';
import { applyRules } from './rules/index.ts';
import { issueOf, type Issue } from './issue.ts';
import type { App, Environment } from './model.ts';
import { normalizeApp } from './normalize.ts';
import { withoutNotes } from './notes.ts';
import { splitEnvironment, toEnvironment, type TargetOptions } from './environment-options.ts';
import { decode } from './text.ts';
import { validateApp, validateEnvironment } from './validator.generated.js';
import { readFast } from './yaml.ts';

export interface FileInput {
  /** As it is shown to the person. */
  readonly path: string;
  /** Whole content; bytes are better than text, as their encoding is checked. At most `maxFileBytes` need to be read. */
  readonly text: string | Uint8Array;
}

export type LoadedApp = { readonly app: App } | { readonly issues: readonly Issue[] };

export async function loadApp(input: FileInput): Promise<LoadedApp> {
  const decoded = decode(input.text);
  if ('problem' in decoded) return { issues: [issueOf(input.path, decoded.problem)] };
  const raw = withoutNotes(readFast(decoded.text)?.value);
  if (!validateApp(raw)) return (await import('./judge-file.ts')).judgeApp(input.path, decoded.text);
  const app = normalizeApp(raw);
  if (applyRules({ app, raw }).length > 0) return (await import('./judge-file.ts')).judgeApp(input.path, decoded.text);
  return { app };
}

export type LoadedEnvironment = { readonly env: Environment; readonly app: App } | { readonly issues: readonly Issue[] };

/**
 * Reads environments/NAME.yaml. The result's app has the overrides of the environment in it.
 * @param targets the known targets, by name; only their schemas of options are used
 */
export async function loadEnvironment(input: FileInput, app: App, targets: TargetOptions): Promise<LoadedEnvironment> {
  const decoded = decode(input.text);
  if ('problem' in decoded) return { issues: [issueOf(input.path, decoded.problem)] };
  const value = readFast(decoded.text)?.value;
  const judge = async () => (await import('./judge-file.ts')).judgeEnvironment(input.path, decoded.text, app, targets);
  if (!validateEnvironment(value)) return judge();
  const { common, options } = splitEnvironment(value);
  const merged = withEnvironment(app, common);
  if (environmentProblems(common, merged, app, Object.keys(targets)).length > 0 || !(await accepts(targets, common.target, options)))
    return judge();
  return { env: toEnvironment(input.path, common, options), app: merged };
}

/** Loads the schema of a target's options only if there is no compiled form of it. */
async function accepts(targets: TargetOptions, target: string, options: Readonly<Record<string, unknown>>): Promise<boolean> {
  const known = targets[target];
  if (known?.accepts !== undefined) return known.accepts(options);
  const schema = await known?.options();
  return schema?.safeParse(options).success === true;
}
