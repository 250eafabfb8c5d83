/** The app's files, read again when they have changed: looking at them is cheap, so whoever asks may ask often. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError, isGantryError } from '../errors.ts';
import { targets } from '../targets/index.ts';
import { openEnvironment, type OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { ProjectIssues } from './issues.ts';
import { readProject } from './project.ts';

export interface WatchedFiles {
  /** As the files say now; while they are broken, as they said last, or as the release says that serves here. @throws what is wrong when neither is known */
  environments(): Promise<readonly OpenEnvironment[]>;
  /** What is wrong with the files now. */
  problem(): GantryError | undefined;
}

const lookMs = 1000;

/** @param io its `cwd` is the folder of the app file */
export function watchFiles(io: Io): WatchedFiles {
  let seen = '';
  let lookedAt = -Infinity;
  let known: readonly OpenEnvironment[] | undefined;
  let problem: GantryError | undefined;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    seen = stampOf(io.cwd);
    try {
      known = await opened(io);
      problem = undefined;
    } catch (error) {
      problem = explained(error);
      known ??= await whatServes(io);
      if (known === undefined) throw error;
    }
  };
  const look = async (): Promise<void> => {
    const now = performance.now();
    if (reading === undefined && known !== undefined && now - lookedAt < lookMs) return;
    lookedAt = now;
    if (reading === undefined && (known === undefined || stampOf(io.cwd) !== seen)) reading = read().finally(() => (reading = undefined));
    await reading;
  };
  return {
    environments: async () => {
      await look();
      return known ?? [];
    },
    problem: () => problem,
  };
}

async function opened(io: Io): Promise<OpenEnvironment[]> {
  const project = await readProject(io);
  const { folder } = project;
  return project.environments.flatMap(({ env, app }) => {
    const target = targets[env.target];
    const context = { app: app.name, environment: env.name, folder, signal: io.signal };
    return target === undefined ? [] : [{ project, app, env, target, context }];
  });
}

async function whatServes(io: Io): Promise<OpenEnvironment[] | undefined> {
  return openEnvironment(io, 'local', 'status').then(
    (served) => [served],
    () => undefined,
  );
}

const mostLines = 20;

function explained(error: unknown): GantryError {
  if (isGantryError(error)) return error;
  if (!(error instanceof ProjectIssues)) throw error;
  const lines = error.message.split('\n').slice(0, -1);
  return new GantryError('GC2011', 'the files have problems', { lines: lines.slice(0, mostLines), cause: error });
}

/** Changes whenever one of the files does. */
function stampOf(folder: string): string {
  const environments = join(folder, 'environments');
  const names = namesIn(environments).map((name) => join(environments, name));
  return [join(folder, 'gantry.yaml'), ...names].map(stamp).join('\n');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? `${path} gone` : `${path} ${found.mtimeMs} ${found.size} ${found.ino}`;
}
