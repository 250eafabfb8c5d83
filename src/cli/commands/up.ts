/** `gantry up`: the app on this machine, in the foreground or detached; on a running app, a release. */
import { GantryError } from '../../errors.ts';
import { checkFolders } from '../../guard/folders.ts';
import type { Client } from '../../platforms/local/client.ts';
import { placesOf, type Places } from '../../platforms/local/places.ts';
import type { OperateResult } from '../../platforms/local/protocol.ts';
import { deploy } from '../deploy.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import { follow } from '../follow.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { endSupervisor, findSupervisor, startSupervisor, type SupervisorNames } from '../local.ts';
import { printError } from '../print/error.ts';
import { duration, json, say } from '../print/text.ts';
import { watchFolders } from '../watch.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, 'local', 'up');
  await checkFolders(opened.app, opened.project.folder, io.env['PATH'] ?? '');
  const port = wantedPort(io, args);
  const places = placesOf(opened.project.folder);
  const existing = await findSupervisor(places);
  if (existing !== undefined) await sameAddress(existing, port);
  const client = existing ?? (await startSupervisor(places, namesOf(opened), port ?? portOption(opened), io));
  const owner = existing === undefined;
  const mode = { owner, detach: args.options['detach'] === true };
  const released = await firstRelease(io, places, client, opened, mode);
  if (!owner || mode.detach) return 0;
  say(
    io,
    args.options['watch'] === true
      ? '  Watching for changes. Ctrl-C stops everything; your data stays in .gantry/'
      : '  Ctrl-C stops everything; your data stays in .gantry/',
  );
  const watch = args.options['watch'] === true ? watchFolders(io, opened) : undefined;
  const code = await follow(io, places, namesOf(opened), client, () => watch?.busy === true).finally(() => watch?.close());
  return released ? code : 1;
};

/**
 * Gives false when the release failed but an older one serves: that one stays, under this terminal. What never served is stopped again by the
 * terminal that started it.
 */
async function firstRelease(
  io: Io,
  places: Places,
  client: Client,
  opened: OpenEnvironment,
  mode: { owner: boolean; detach: boolean },
): Promise<boolean> {
  const stop = (): void => {
    client.request(mode.owner ? 'stop' : 'interrupt', {}).catch(() => {});
  };
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    announce(io, opened, await deploy(io, client, opened, 'up'), mode.owner);
    return true;
  } catch (error) {
    if (!mode.owner || !(await oldReleaseServes(io, client))) {
      if (mode.owner) await endSupervisor(places, client, () => {});
      throw error;
    }
    if (mode.detach) throw error;
    printError(io, error);
    return false;
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
}

async function oldReleaseServes(io: Io, client: Client): Promise<boolean> {
  if (io.signal.aborted) return false;
  return client.request('status', {}).then(
    ({ release }) => release !== null,
    () => false,
  );
}

function announce(io: Io, opened: OpenEnvironment, result: OperateResult, owner: boolean): void {
  json(io, result);
  if (!owner) {
    say(
      io,
      result.changed
        ? `✓ release ${result.release} serves ${result.url} after ${duration(result.durationMs)}`
        : `Nothing changed: release ${result.release} serves ${result.url}`,
    );
    return;
  }
  say(io);
  say(io, `  ${opened.app.name}  ${result.url}`);
  say(io);
}

function namesOf(opened: OpenEnvironment): SupervisorNames {
  return { app: opened.app.name, environment: opened.env.name };
}

async function sameAddress(client: Client, port: number | undefined): Promise<void> {
  if (port === undefined) return;
  const { url } = await client.request('hello', {});
  if (Number(new URL(url).port) === port) return;
  throw new GantryError('GL1005', `the app runs at ${url}, not on port ${port}`);
}

function wantedPort(io: Io, args: Arguments): number | undefined {
  const text = args.options['port'] ?? (io.env['PORT'] || undefined);
  if (typeof text !== 'string') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new GantryError('GC1002', `${JSON.stringify(text)} is not a port`, {
    where: args.options['port'] === undefined ? 'PORT' : '--port',
    fix: 'Give a number from 1 to 65535.',
    exitCode: 2,
  });
}

function portOption(opened: OpenEnvironment): number | undefined {
  const port = opened.env.options['port'];
  return typeof port === 'number' ? port : undefined;
}
