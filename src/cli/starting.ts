/** Starting the app without a release, as a process that goes on by itself. */
import { GantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import { openChannel } from '../platforms/local/channel.ts';
import { placesOf, type Places } from '../platforms/local/places.ts';
import { protocolVersion } from '../platforms/local/protocol.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Arguments, Io } from './io.ts';
import { findSupervisor, startSupervisor, type SupervisorNames } from './local.ts';

/** An ingress starts another supervisor well within this time. */
const ingressTurnMs = 5000;
const retryMs = 25;

export function namesOf({ app, env }: OpenEnvironment): SupervisorNames {
  return { app: app.name, environment: env.name };
}

/** @param port asked for; else the environment's own, else the first that is free */
export async function startApp(io: Io, opened: OpenEnvironment, port: number | undefined): Promise<Client> {
  const places = placesOf(opened.project.folder);
  return (await startedByIngress(places)) ?? startSupervisor(places, namesOf(opened), port ?? portOption(opened), io);
}

/** Where the supervisor has died and its ingress has not, the ingress starts the next one: two would fight over the address. */
async function startedByIngress(places: Places): Promise<Client | undefined> {
  for (const deadline = performance.now() + ingressTurnMs; performance.now() < deadline && (await hasIngress(places));) {
    const client = await findSupervisor(places);
    if (client !== undefined) return client;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return undefined;
}

async function hasIngress({ ingressSocket }: Places): Promise<boolean> {
  return openChannel(ingressSocket, protocolVersion).then(
    (channel) => {
      channel.close();
      return true;
    },
    () => false,
  );
}

function portOption({ env }: OpenEnvironment): number | undefined {
  const port = env.options['port'];
  return typeof port === 'number' ? port : undefined;
}

/** What `--port` says, or PORT. @throws GantryError GC1002 */
export function wantedPort(io: Io, args: Arguments): number | undefined {
  const option = args.options['port'];
  return portOf(option ?? (io.env['PORT'] || undefined), option === undefined ? 'PORT' : '--port');
}

/** Undefined when nothing was given. @param where it was. @throws GantryError GC1002 */
export function portOf(text: Arguments['options'][string], where: string): number | undefined {
  if (typeof text !== 'string') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new GantryError('GC1002', `${JSON.stringify(text)} is not a port`, { where, fix: 'Give a number from 1 to 65535.', exitCode: 2 });
}
