/** Reading an app's folder: gantry.yaml and environments/*.yaml, from here or above. */
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
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
  const loaded = await loadApp({ path: shown, text: await readLimited(path) });
  if ('issues' in loaded) throw new ProjectIssues(loaded.issues);
  const environments = await readEnvironments(folder, loaded.app, io);
  return { folder, app: loaded.app, environments };
}

async function readEnvironments(folder: string, app: App, io: Io): Promise<ProjectEnvironment[]> {
  const files = (await readdir(join(folder, 'environments')).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).toSorted();
  const results = await Promise.all(files.map((file) => readEnvironment(join(folder, 'environments', file), app, io)));
  const issues = results.flatMap((result) => ('issues' in result ? result.issues : []));
  if (issues.length > 0) throw new ProjectIssues(issues);
  const own = results.flatMap((result) => ('issues' in result ? [] : [result]));
  return own.some(({ env }) => env.name === 'local') ? own : [await implicitLocal(app), ...own];
}

async function readEnvironment(path: string, app: App, io: Io): Promise<ProjectEnvironment | { readonly issues: readonly Issue[] }> {
  const loaded = await loadEnvironment({ path: relative(io.cwd, path), text: await readLimited(path) }, app, targets);
  return loaded;
}

async function implicitLocal(app: App): Promise<ProjectEnvironment> {
  const env: Environment = { name: 'local', target: 'local', options: {}, patches: [] };
  return { env, app: withEnvironment(app, undefined) };
}

async function readLimited(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, readLimit));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
