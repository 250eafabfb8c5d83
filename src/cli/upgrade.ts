/** The supervisor of a running app may be of another build of Gantry than the command that asks it. */
import { GantryError, isGantryError } from '../errors.ts';
import { connect, type Client } from '../platforms/local/client.ts';
import type { Places } from '../platforms/local/places.ts';
import { buildDigest } from './dist.ts';
import type { Io } from './io.ts';
import { supervisorProgram, type SupervisorNames } from './local.ts';
import { say } from './print/text.ts';
import { version } from './version.ts';

const shownDigits = 7;

/**
 * A connection to a supervisor of this build: the one given, or the one that takes over from it while the app goes on.
 * @throws GantryError GR1001 while an operation runs, GL1032 when this version cannot read the state, GL1034 when the successor did not come up
 */
export async function ownBuild(io: Io, places: Places, names: SupervisorNames, client: Client): Promise<Client> {
  const present = await client.request('hello', {});
  const build = buildDigest();
  if (present.build === build) return client;
  const from = named(present.version, present.build);
  try {
    await client.request('upgrade', supervisorProgram(places, names, present.url, io));
  } catch (error) {
    throw isGantryError(error) && error.code === 'GL1013' ? unable(from, error) : error;
  } finally {
    client.close();
  }
  const own = await connect(places.supervisorSocket);
  say(io, `  Gantry ${named(version, build)} took over the running app from ${from}; requests went on`);
  return own;
}

function named(version_: string, build: string): string {
  return `${version_} (${build.slice(0, shownDigits)})`;
}

function unable(from: string, cause: GantryError): GantryError {
  return new GantryError('GL1013', `the running supervisor, ${from}, cannot make way for another version`, {
    where: cause.where ?? '',
    cause,
  });
}
