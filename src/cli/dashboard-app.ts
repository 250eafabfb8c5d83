/** What the dashboard is given to serve: this folder's environments, changed the way the commands change them. */
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { builders } from '../builders/index.ts';
import { engines } from '../engines/index.ts';
import { GantryError } from '../errors.ts';
import { checkFolders } from '../guard/folders.ts';
import { platforms } from '../platforms/index.ts';
import type { Platform, PlatformContext, Status } from '../platforms/platform.ts';
import { placesOf } from '../platforms/local/places.ts';
import type { OperateResult, StepEvent } from '../platforms/local/protocol.ts';
import { liveRelease } from '../release/journal.ts';
import type { OperationRequest } from '../release/request.ts';
import { hasContent } from '../release/stored.ts';
import type { PlanPlaces, Served, ServedApp } from '../server/served.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import type { PlatformName } from '../stack/stack.ts';
import { commitOfFolder } from './commit.ts';
import { watchFiles } from './dashboard-files.ts';
import type { OpenEnvironment } from './environment.ts';
import { runsInOwnBuild, startedFor } from './first-start.ts';
import type { Io } from './io.ts';
import { stillAlive } from './local.ts';
import { interrupt, operate } from './operate.ts';
import { readPast } from './past.ts';
import { addresses, harmOf } from './plan-places.ts';
import { version } from './version.ts';

/** @param io quiet, with the folder of the app file as its `cwd` */
export function servedApp(io: Io): ServedApp {
  const files = watchFiles(io);
  const known = new Map<string, Slot>();
  let app = '';
  const update = (opened: OpenEnvironment): Served => {
    app = opened.app.name;
    const slot = known.get(opened.env.name) ?? newSlot(io, opened);
    slot.opened = opened;
    known.set(opened.env.name, slot);
    return slot.served;
  };
  return {
    get app() {
      return app;
    },
    folder: io.cwd,
    version,
    environments: async () => (await files.environments()).map(update),
    problem: (): GantryError | undefined => files.problem(),
  };
}

interface Slot {
  opened: OpenEnvironment;
  readonly served: Served;
}

function newSlot(io: Io, opened: OpenEnvironment): Slot {
  const slot: Slot = { opened, served: serving(io, () => slot.opened) };
  return slot;
}

/** One object for as long as the environment exists: what the files say is looked up when it is asked for. */
function serving(io: Io, now: () => OpenEnvironment): Served {
  return {
    get app() {
      return now().app;
    },
    get env() {
      return now().env;
    },
    get target() {
      return now().target;
    },
    get platform() {
      return seen[now().target.platform];
    },
    get context() {
      return now().context;
    },
    operate: async (request, onEvent) => carryOut(io, now(), request, onEvent),
    interrupt: async () => interrupt(now()),
    commit: () => commitOfFolder(io.cwd),
    planPlaces: async () => placesFor(now()),
    isRunnable: async (release) => isRunnable(now(), release),
  };
}

const seen: Readonly<Record<PlatformName, Platform>> = { local: { ...platforms.local, status: attended } };

/** An app whose supervisor died is not stopped: what it was is shown on, with what is wrong. @throws GantryError GL1036 */
async function attended(context: PlatformContext): Promise<Status> {
  const status = await platforms.local.status(context);
  const left = status.state === 'stopped' ? await stillAlive(placesOf(context.folder)) : 0;
  if (left === 0) return status;
  throw new GantryError(
    'GL1036',
    `the supervisor has ended, and ${left} of the processes that it looked after ${left === 1 ? 'goes' : 'go'} on`,
    {
      where: context.folder,
    },
  );
}

async function carryOut(
  io: Io,
  opened: OpenEnvironment,
  request: OperationRequest,
  onEvent: (event: StepEvent) => void,
): Promise<OperateResult> {
  const run = async (): Promise<OperateResult> => operate(io, opened, request, { onEvent });
  if (request.operation !== 'deploy') return run();
  await checkFolders(request.app, opened.project.folder, io.env['PATH'] ?? '');
  if (await runsInOwnBuild(io, opened)) return run();
  return startedFor(io, opened, undefined, run, () => true);
}

async function placesFor(opened: OpenEnvironment): Promise<PlanPlaces> {
  const { stateDir, supervisorSocket } = placesOf(opened.project.folder);
  const store = await platforms[opened.target.platform].store(opened.context);
  const { events } = await readPast(opened);
  const [content, harm] = await Promise.all([addresses(opened), harmOf(opened, await liveRelease(store, events))]);
  return { engines, workDir: join(stateDir, 'work'), control: supervisorSocket, content, harm };
}

async function isRunnable({ project, target, context }: OpenEnvironment, release: ReleaseRef): Promise<boolean> {
  const [name = 'folder'] = target.builders;
  const { cacheDir } = placesOf(project.folder);
  return hasContent(release, { builder: builders[name], folder: project.folder, cacheDir, signal: context.signal });
}

/** For work of which nobody reads along on the terminal. @param signal ends what is waited for, and takes nothing back */
export function quietIo(io: Io, folder: string, signal: AbortSignal): Io {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const flags = { json: false, quiet: true, verbose: false };
  return { print: () => {}, stdout: nowhere, stderr: nowhere, stdin: io.stdin, env: io.env, cwd: folder, signal, flags };
}
