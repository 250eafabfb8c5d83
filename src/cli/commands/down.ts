import { basename } from 'node:path';
import { placesOf } from '../../platforms/local/places.ts';
import { stopApp } from '../follow.ts';
import type { Run } from '../io.ts';
import { reviveSupervisor } from '../local.ts';
import { appFolder } from '../project.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io) => {
  const places = placesOf(appFolder(io.cwd));
  await reviveSupervisor(places, { app: basename(places.folder), environment: 'local' }, io);
  const stopped = await stopApp(io, places);
  json(io, { stopped });
  if (!stopped) say(io, 'Nothing runs.');
  return 0;
};
