/** `up --watch`: a change in a service's folder makes a release; a broken one is shown and leaves the running set alone. */
import { existsSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../app/model.ts';
import { openEnvironment, type OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { printError } from './print/error.ts';
import { duration, say } from './print/text.ts';
import { releaseRunning } from './release-running.ts';

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
    await releaseOnce(io, folder, (app) => watchers.follow(app));
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
  const watchers = watchAll(folder, opened.app, changed);
  return {
    close: () => {
      clearTimeout(timer);
      watchers.close();
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

interface Watchers {
  /** The folders of services that came are watched too, those of services that went are not any more. */
  follow(app: App): void;
  close(): void;
}

type Changed = (file: string | null) => void;

function watchAll(folder: string, app: App, changed: Changed): Watchers {
  const environments = join(folder, 'environments');
  const fixed = [
    watch(folder, (_kind, file) => changed(file === 'gantry.yaml' || file === 'environments' ? file : null)),
    ...(existsSync(environments) ? [watch(environments, (_kind, file) => changed(file === 'local.yaml' ? file : null))] : []),
  ];
  for (const watcher of fixed) watcher.on('error', ignoreVanished);
  const sources = new Map<string, FSWatcher>();
  const follow = (now: App): void => {
    const wanted = watchedFolders(now).filter((source) => existsSync(join(folder, source)));
    for (const [source, watcher] of sources) {
      if (wanted.includes(source)) continue;
      watcher.close();
      sources.delete(source);
    }
    for (const source of wanted) if (!sources.has(source)) sources.set(source, watchSource(join(folder, source), changed));
  };
  follow(app);
  return { follow, close: () => [...fixed, ...sources.values()].forEach((watcher) => watcher.close()) };
}

function watchSource(path: string, changed: Changed): FSWatcher {
  return watch(path, { recursive: true }, (_kind, file) => changed(file)).on('error', ignoreVanished);
}

/** A folder that is deleted while it is looked through; the release after it says what is missing. */
function ignoreVanished(): void {}

async function releaseOnce(io: Io, folder: string, follow: (app: App) => void): Promise<void> {
  try {
    const opened = await openEnvironment({ ...io, cwd: folder }, 'local', 'up');
    follow(opened.app);
    const result = await releaseRunning(io, opened, 'watch');
    say(
      io,
      result.changed
        ? `✓ release ${result.release ?? ''} after ${duration(result.durationMs)}`
        : `Nothing changed: release ${result.release ?? ''} serves ${result.url}`,
    );
  } catch (error) {
    printError(io, error);
  }
}
