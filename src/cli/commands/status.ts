import { platforms } from '../../platforms/index.ts';
import { placesOf } from '../../platforms/local/places.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Run } from '../io.ts';
import { readPast, type Past } from '../past.ts';
import { servedBy, statusLines } from '../print/status.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'status');
  const { app, env, target, context } = opened;
  const [status, past] = await Promise.all([platforms[target.platform].status(context), pastOf(opened)]);
  const served = past === undefined ? undefined : servedBy(past, status.release);
  const unattended = status.state === 'stopped' ? await runsWithoutSupervisor(context.folder) : 0;
  json(io, { ...status, served: served ?? null, ...(unattended === 0 ? {} : { unattended }) });
  const shown = { ...status, app: app.name, environment: env.name };
  for (const line of statusLines(io, { status: shown, served, unattended, now: Date.now() })) say(io, line);
  return 0;
};

/** A record that cannot be read is no reason to say nothing about what runs. */
async function pastOf(opened: OpenEnvironment): Promise<Past | undefined> {
  return readPast(opened).catch(() => undefined);
}

/** How many replicas and resources a supervisor that died has left behind. */
async function runsWithoutSupervisor(folder: string): Promise<number> {
  const { stillAlive } = await import('../local.ts');
  return stillAlive(placesOf(folder));
}
