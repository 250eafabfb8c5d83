/** Starting the app without a release, as a process that goes on by itself. */
import { GantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import { placesOf } from '../platforms/local/places.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Arguments, Io } from './io.ts';
import { startSupervisor, type SupervisorNames } from './local.ts';

export function namesOf({ app, env }: OpenEnvironment): SupervisorNames {
  return { app: app.name, environment: env.name };
}

/** @param port asked for; else the environment's own, else the first that is free */
export async function startApp(io: Io, opened: OpenEnvironment, port: number | undefined): Promise<Client> {
  return startSupervisor(placesOf(opened.project.folder), namesOf(opened), port ?? portOption(opened), io);
}

function portOption({ env }: OpenEnvironment): number | undefined {
  const port = env.options['port'];
  return typeof port === 'number' ? port : undefined;
}

/** What `--port` says, or PORT. @throws GantryError GC1002 */
export function wantedPort(io: Io, args: Arguments): number | undefined {
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
