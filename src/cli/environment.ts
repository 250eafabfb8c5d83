/** From the name of an environment to everything a command needs of it. */
import { nearest } from '../app/suggest.ts';
import type { App, Environment } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import type { PlatformContext } from '../platforms/platform.ts';
import { targets } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import type { Io } from './io.ts';
import { readProject, type Project } from './project.ts';

export interface OpenEnvironment {
  readonly project: Project;
  readonly app: App;
  readonly env: Environment;
  readonly target: Target;
  readonly context: PlatformContext;
}

/** @throws GantryError GC1003 when there is no such environment, with what was probably meant */
export async function openEnvironment(io: Io, name: string, command: string): Promise<OpenEnvironment> {
  const project = await readProject(io);
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
