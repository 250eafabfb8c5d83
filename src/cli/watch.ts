/** `up --watch`: a change in a service's folder makes a release; a broken one is shown and leaves the running set alone. */
import { existsSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../app/model.ts';
import { connect } from '../platforms/local/client.ts';
import { placesOf } from '../platforms/local/places.ts';
import { deploy } from './deploy.ts';
import { openEnvironment, type OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { printError } from './print/error.ts';
import { duration, say } from './print/text.ts';

const settleMs = 150;
const ignored = /(^|\/)(node_modules|\.git|\.gantry|\.venv|__pycache__)(\/|$)/;

export interface FolderWatch {
  close(): void;
  /** While a release of its own runs, whose trouble it shows itself. */
  readonly busy: boolean;
}

export function watchFolders(io: Io, opened: OpenEnvironment): FolderWatch {
  const { folder } = opened.project;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let again = false;
  const release = async (): Promise<void> => {
    if (busy) return void (again = true);
    busy = true;
    await releaseOnce(io, folder);
    busy = false;
    if (again && !io.signal.aborted) {
      again = false;
      void release();
    }
  };
  const changed = (file: string | null): void => {
    if (file === null || ignored.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void release(), settleMs);
  };
  const watchers = watchAll(folder, opened, changed);
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
    get busy() {
      return busy;
    },
  };
}

/** Folders that a release copies from: where services are built, and the files of static sites that are not built. */
export function watchedFolders({ services }: App): string[] {
  const folders = Object.values(services).map(({ build, static: site }) => build?.context ?? site?.dir);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function watchAll(folder: string, opened: OpenEnvironment, changed: (file: string | null) => void): FSWatcher[] {
  const sources = watchedFolders(opened.app).map((source) =>
    watch(join(folder, source), { recursive: true }, (_kind, file) => changed(file)),
  );
  const files = watch(folder, (_kind, file) => changed(file === 'gantry.yaml' ? file : null));
  const environments = join(folder, 'environments');
  const overrides = existsSync(environments) ? [watch(environments, (_kind, file) => changed(file === 'local.yaml' ? file : null))] : [];
  const watchers = [...sources, files, ...overrides];
  for (const watcher of watchers) watcher.on('error', ignoreVanished);
  return watchers;
}

/** A folder that is deleted while it is looked through; the release after it says what is missing. */
function ignoreVanished(): void {}

async function releaseOnce(io: Io, folder: string): Promise<void> {
  try {
    const opened = await openEnvironment({ ...io, cwd: folder }, 'local', 'up');
    const client = await connect(placesOf(folder).supervisorSocket);
    const result = await deploy(io, client, opened, 'watch').finally(() => client.close());
    say(
      io,
      result.changed
        ? `✓ release ${result.release} after ${duration(result.durationMs)}`
        : `Nothing changed: release ${result.release} serves ${result.url}`,
    );
  } catch (error) {
    printError(io, error);
  }
}
