/** A release of an app that does not run starts the app first, as a process that goes on by itself. */
import type { Client } from '../platforms/local/client.ts';
import { placesOf } from '../platforms/local/places.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { endSupervisor, findSupervisor } from './local.ts';
import { progressPrinter } from './print/progress.ts';
import { say } from './print/text.ts';
import { namesOf, startApp } from './starting.ts';
import { ownBuild } from './upgrade.ts';

/** False when the app does not run. @throws GantryError GR1001 while another build's supervisor is at work */
export async function runsInOwnBuild(io: Io, opened: OpenEnvironment): Promise<boolean> {
  const places = placesOf(opened.project.folder);
  const running = await findSupervisor(places);
  if (running === undefined) return false;
  (await ownBuild(io, places, namesOf(opened), running)).close();
  return true;
}

/**
 * Starts the app, then releases. What has never served is stopped again when its release fails.
 * @param port asked for; else the environment's own, else the first that is free
 */
export async function startedFor<T>(
  io: Io,
  opened: OpenEnvironment,
  port: number | undefined,
  release: () => Promise<T>,
  isPromoted: (result: T) => boolean,
): Promise<T> {
  const client = await startApp(io, opened, port);
  say(io, `  The app did not run: it is started, and goes on without this terminal. \`gantry down\` stops it.`);
  let promoted = false;
  try {
    await oldReleaseReady(io, client);
    const result = await release();
    promoted = isPromoted(result);
    return result;
  } finally {
    if (!promoted && !(await serves(client))) await endSupervisor(placesOf(opened.project.folder), client, () => {});
    client.close();
  }
}

/** What served before the app was stopped serves again until the new release does; one that cannot any more is no reason to stop here. */
async function oldReleaseReady(io: Io, client: Client): Promise<void> {
  if (!(await serves(client))) return;
  const printer = progressPrinter(io);
  await client.request('awaitSet', { set: 'live' }, { onEvent: printer, signal: io.signal }).catch(() => {});
  printer.end();
  io.signal.throwIfAborted();
}

async function serves(client: Client): Promise<boolean> {
  return client.request('status', {}).then(
    ({ release }) => release !== null,
    () => false,
  );
}
