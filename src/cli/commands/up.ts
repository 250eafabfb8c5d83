/** `gantry up`: the app on this machine, in the foreground or detached; on a running app, a release. */
import { GantryError } from '../../errors.ts';
import { checkFolders } from '../../guard/folders.ts';
import type { Client } from '../../platforms/local/client.ts';
import { placesOf, type Places } from '../../platforms/local/places.ts';
import type { OperateResult } from '../../platforms/local/protocol.ts';
import type { Dashboard } from '../dashboard.ts';
import { dashboardBeside } from '../dashboard-beside.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import { follow } from '../follow.ts';
import type { Io, Run } from '../io.ts';
import { endSupervisor, findSupervisor } from '../local.ts';
import { printError } from '../print/error.ts';
import { duration, json, say } from '../print/text.ts';
import { releaseRunning } from '../release-running.ts';
import { namesOf, startApp, wantedPort } from '../starting.ts';
import { ownBuild } from '../upgrade.ts';
import { watchFolders } from '../watch.ts';

/** So that both addresses stand below each other. */
const nameWidth = 'Dashboard'.length;

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, 'local', 'up');
  await checkFolders(opened.app, opened.project.folder, io.env['PATH'] ?? '');
  const port = wantedPort(io, args);
  const places = placesOf(opened.project.folder);
  const found = await findSupervisor(places);
  if (found !== undefined) await sameAddress(found, port);
  const existing = found === undefined ? undefined : await ownBuild(io, places, namesOf(opened), found);
  const client = existing ?? (await startApp(io, opened, port));
  const owner = existing === undefined;
  const detach = args.options['detach'] === true;
  const released = await firstRelease(io, places, client, opened, { owner, detach });
  if (!owner || detach) return concluded(io, released, owner);
  // What is watched over is so from the first address on: the dashboard takes a moment to come.
  const watch = args.options['watch'] === true ? watchFolders(io, opened) : undefined;
  let isOver = false;
  const following = follow(io, places, namesOf(opened), client, () => watch?.busy === true).finally(() => {
    isOver = true;
    watch?.close();
  });
  following.catch(() => {});
  const dashboard = args.options['dashboard'] === false ? undefined : await dashboardBeside(io, opened.project.folder, client);
  if (!isOver) announceRest(io, released, dashboard, watch !== undefined);
  const code = await following;
  await dashboard?.close();
  return released === undefined ? 1 : code;
};

/**
 * Gives undefined when the release failed but an older one serves: that one stays, under this terminal. What never served is stopped again by
 * the terminal that started it.
 */
async function firstRelease(
  io: Io,
  places: Places,
  client: Client,
  opened: OpenEnvironment,
  mode: { owner: boolean; detach: boolean },
): Promise<OperateResult | undefined> {
  try {
    const result = await releaseRunning(io, opened, 'up', { onInterrupt: mode.owner ? 'stop' : 'interrupt' });
    announce(io, opened, result, mode.owner);
    return result;
  } catch (error) {
    if (!mode.owner || !(await oldReleaseServes(io, client))) {
      if (mode.owner) await endSupervisor(places, client, () => {});
      throw error;
    }
    if (mode.detach) throw error;
    printError(io, error);
    return undefined;
  }
}

async function oldReleaseServes(io: Io, client: Client): Promise<boolean> {
  if (io.signal.aborted) return false;
  return client.request('status', {}).then(
    ({ release }) => release !== null,
    () => false,
  );
}

/** The address at once: whatever else there is to say comes after it. */
function announce(io: Io, opened: OpenEnvironment, { changed, release, url, durationMs }: OperateResult, owner: boolean): void {
  if (owner) {
    say(io);
    say(io, `  ${opened.app.name.padEnd(nameWidth)}  ${url}`);
  } else if (changed) say(io, `✓ release ${release} serves ${url} after ${duration(durationMs)}`);
  else say(io, `Nothing changed: release ${release} serves ${url}`);
}

/** The process ends, and the app goes on. */
function concluded(io: Io, result: OperateResult | undefined, owner: boolean): number {
  json(io, result);
  if (owner) {
    say(io, `  ${'Dashboard'.padEnd(nameWidth)}  npx gantry dashboard`);
    say(io);
  }
  return 0;
}

function announceRest(io: Io, result: OperateResult | undefined, dashboard: Dashboard | undefined, watches: boolean): void {
  const link = dashboard?.link();
  if (result !== undefined) json(io, { ...result, dashboard: link ?? null });
  if (link !== undefined) say(io, `  ${'Dashboard'.padEnd(nameWidth)}  ${link}`);
  say(io);
  const kill = dashboard === undefined ? '' : 'kill a replica in the dashboard, or ';
  say(io, `  Try: ${kill}npx gantry deploy local in another terminal${watches ? ', or edit a file: changes are released' : ''}`);
  say(io, '  Ctrl-C stops everything; your data stays in .gantry/');
}

async function sameAddress(client: Client, port: number | undefined): Promise<void> {
  if (port === undefined) return;
  const { url } = await client.request('hello', {});
  if (Number(new URL(url).port) === port) return;
  throw new GantryError('GL1005', `the app runs at ${url}, not on port ${port}`);
}
