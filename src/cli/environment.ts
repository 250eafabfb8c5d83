/** From the name of an environment to everything a command needs of it. */
import { nearest } from '../app/suggest.ts';
import type { App, Environment } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import type { PlatformContext } from '../platforms/platform.ts';
import { targets } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import type { Io } from './io.ts';
import { ProjectIssues } from './issues.ts';
import { appFolder, readProject, type Project } from './project.ts';

export interface OpenEnvironment {
  readonly project: Project;
  readonly app: App;
  readonly env: Environment;
  readonly target: Target;
  readonly context: PlatformContext;
}

/** Commands that look, or go back: what serves can be looked at and left although the files are broken. */
const needNoFiles: ReadonlySet<string> = new Set([
  'status',
  'logs',
  'open',
  'dashboard',
  'releases',
  'rollback',
  'unlock',
  'restart',
  'scale',
  'exec',
  'destroy',
]);

/**
 * @throws GantryError GC1003 when there is no such environment, with what was probably meant
 * @throws ProjectIssues when the files have problems, and the command needs them
 */
export async function openEnvironment(io: Io, name: string, command: string): Promise<OpenEnvironment> {
  try {
    return fromFiles(await readProject(io), io, name, command);
  } catch (error) {
    const served = error instanceof ProjectIssues && needNoFiles.has(command) ? await fromWhatServes(io, name) : undefined;
    if (served === undefined) throw error;
    io.stderr.write(`The files have problems (\`gantry check\` shows them); this goes by the release that serves.\n`);
    return served;
  }
}

/** The app and the environment of the release that serves on this machine; undefined when none does. */
async function fromWhatServes(io: Io, name: string): Promise<OpenEnvironment | undefined> {
  const folder = appFolder(io.cwd);
  const { local: target } = targets;
  if (name !== 'local' || target === undefined) return undefined;
  const [{ platforms }, { liveRelease, readEvents }] = await Promise.all([
    import('../platforms/index.ts'),
    import('../release/journal.ts'),
  ]);
  const context = { app: '', environment: name, folder, signal: io.signal };
  const store = await platforms[target.platform].store(context);
  const live = await liveRelease(store, await readEvents(store));
  if (live === undefined) return undefined;
  const { app, env } = live;
  return { project: { folder, app, environments: [{ env, app }] }, app, env, target, context: { ...context, app: app.name } };
}

function fromFiles(project: Project, io: Io, name: string, command: string): OpenEnvironment {
  const found = project.environments.find(({ env }) => env.name === name);
  if (found === undefined) throw unknown(project, name, command);
  const target = targets[found.env.target];
  if (target === undefined) throw unknown(project, name, command);
  const { app, env } = found;
  return { project, app, env, target, context: { app: app.name, environment: env.name, folder: project.folder, signal: io.signal } };
}

function unknown(project: Project, name: string, command: string): GantryError {
  const names = project.environments.map(({ env }) => env.name);
  const isRelease = command === 'rollback' && /^([0-9]{1,6}|[0-9a-f]{4,12})$/.test(name);
  const isPart = name in project.app.services || name in project.app.resources || name.includes('=') || isRelease;
  const guess = isPart
    ? `did you mean: gantry ${command} ${names[0] ?? 'local'} ${name}`
    : `${suggestion(name, names)}environments here: ${names.join(', ')}`;
  return new GantryError('GC1003', `there is no environment ${JSON.stringify(name)}`, { where: project.folder, fix: guess, exitCode: 2 });
}

function suggestion(name: string, names: readonly string[]): string {
  const guess = nearest(name, names);
  return guess === undefined ? '' : `did you mean ${guess}? `;
}

/** A service of the app by name. @throws GantryError GC1004 */
export function serviceNamed(app: App, name: string): string {
  if (name in app.services) return name;
  const names = Object.keys(app.services);
  throw new GantryError('GC1004', `there is no service ${JSON.stringify(name)}`, {
    where: 'gantry.yaml',
    fix: `${suggestion(name, names)}services here: ${names.join(', ')}`,
    exitCode: 2,
  });
}
