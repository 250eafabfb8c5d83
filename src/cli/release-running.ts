/** A release of the running app, for commands other than `up`. */
import { GantryError } from '../errors.ts';
import { placesOf } from '../platforms/local/places.ts';
import { deploy } from './deploy.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { findSupervisor } from './local.ts';
import { say } from './print/text.ts';

/** @throws GantryError GL1001 when the app does not run */
export async function releaseRunning(io: Io, opened: OpenEnvironment): Promise<void> {
  const client = await findSupervisor(placesOf(opened.project.folder));
  if (client === undefined) throw new GantryError('GL1001', 'the app does not run', { where: opened.project.folder });
  try {
    const { release } = await deploy(io, client, opened, 'up');
    say(io, `✓ release ${release}`);
  } finally {
    client.close();
  }
}
