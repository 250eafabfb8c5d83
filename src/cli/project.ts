/** Reading an app's folder: gantry.yaml and environments/*.yaml, from here or above. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Issue } from '../app/issue.ts';
import { loadApp, loadEnvironment } from '../app/load.ts';
import type { App, Environment } from '../app/model.ts';
import { withEnvironment } from '../app/environment-merge.ts';
import { GantryError } from '../errors.ts';
import { targets } from '../targets/index.ts';
import type { Io } from './io.ts';
import { ProjectIssues } from './issues.ts';

const appFile = 'gantry.yaml';
/** One byte more than the largest file that is read, so that a larger one is seen as such. */
const readLimit = 1024 * 1024 + 1;

export interface Project {
  /** Folder of gantry.yaml, absolute. */
  readonly folder: string;
  readonly app: App;
  /** `local` is always there. Each with the app as it is in that environment. */
  readonly environments: readonly ProjectEnvironment[];
}

export interface ProjectEnvironment {
  readonly env: Environment;
  readonly app: App;
}

/** The nearest folder with a gantry.yaml, from `start` upwards. @throws GantryError GA1001 */
export function appFolder(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, appFile))) return folder;
    if (folder === dirname(folder)) throw new GantryError('GA1001', `no ${appFile} in ${start} or above`, { where: start, exitCode: 2 });
  }
}

/** @throws ProjectIssues with everything that is wrong in all files */
export async function readProject(io: Io): Promise<Project> {
  const folder = appFolder(io.cwd);
  const path = join(folder, appFile);
  const shown = relative(io.cwd, path) || appFile;
  const loaded = await loadApp({ path: shown, text: readLimited(path) });
  if ('issues' in loaded) throw new ProjectIssues(loaded.issues);
  const environments = await readEnvironments(folder, loaded.app, io);
  return { folder, app: loaded.app, environments };
}

async function readEnvironments(folder: string, app: App, io: Io): Promise<ProjectEnvironment[]> {
  const files = environmentFiles(join(folder, 'environments'));
  const results = await Promise.all(files.map((file) => readEnvironment(file, app, io)));
  const issues = results.flatMap((result) => ('issues' in result ? result.issues : []));
  if (issues.length > 0) throw new ProjectIssues(issues);
  const own = results.flatMap((result) => ('issues' in result ? [] : [result]));
  return own.some(({ env }) => env.name === 'local') ? own : [implicitLocal(app), ...own];
}

/** Paths, sorted by name; none when there is no such folder. */
function environmentFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return names.toSorted().map((name) => join(folder, name));
}

async function readEnvironment(path: string, app: App, io: Io): Promise<ProjectEnvironment | { readonly issues: readonly Issue[] }> {
  const loaded = await loadEnvironment({ path: relative(io.cwd, path), text: readLimited(path) }, app, targets);
  return loaded;
}

function implicitLocal(app: App): ProjectEnvironment {
  const env: Environment = { name: 'local', target: 'local', options: {}, patches: [] };
  return { env, app: withEnvironment(app, undefined) };
}

/** Without promises: their half of node:fs takes milliseconds to load, and nothing else happens meanwhile. */
function readLimited(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(file).size, readLimit));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}
