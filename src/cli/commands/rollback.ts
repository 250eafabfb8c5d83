/** `gantry rollback ENV [RELEASE]`: to the release promoted before, or to a named one; ends a deploy whose release users are on already. */
import { GantryError } from '../../errors.ts';
import { platforms } from '../../platforms/index.ts';
import type { Status } from '../../platforms/platform.ts';
import { promotedRecord } from '../../release/history.ts';
import { consentOf } from '../consent.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Io, Run } from '../io.ts';
import { interrupt } from '../operate.ts';
import { commitOf, meterOf, readPast, recordOf, type Past } from '../past.ts';
import { meterText, releaseName } from '../print/release.ts';
import { json, say } from '../print/text.ts';
import { releaseAndReport, type Releasing } from '../releasing.ts';

/** Users are on the next set, or may be in a moment: ending the release is the way back. */
const exposedSteps = new Set(['canary', 'shift', 'bake']);

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'rollback');
  const consent = consentOf(args);
  const name = args.words['release'];
  const status = await platforms[opened.target.platform].status(opened.context);
  if (status.state === 'stopped') throw notRunning(opened);
  const past = await readPast(opened);
  if (isUnderWay(status, past, name)) return endUnderWay(io, opened, status.url);
  const wanted = name ?? past.state.previous;
  const goal = wanted === null ? undefined : promotedRecord(past.records, wanted);
  const { app, env } = opened;
  const { allow, allowSchemaMismatch } = consent;
  const releasing: Releasing = {
    request: { operation: 'rollback', app, env, allow, allowSchemaMismatch, ...(name === undefined ? {} : { release: name }) },
    consent,
    wait: args.options['wait'] === true,
    past,
    what: `back to ${goal === undefined ? `release ${wanted ?? ''}`.trim() : releaseName(goal.number, goal.release)}`,
    commit: commitOf(past.records, goal?.release ?? null),
  };
  say(io, 'Goes back to what ran then; the contents of databases stay as they are.');
  return releaseAndReport(io, opened, releasing);
};

function notRunning({ project }: OpenEnvironment): GantryError {
  return new GantryError('GL1001', 'the app does not run', {
    where: project.folder,
    fix: 'Start it with `gantry up --detach`: it begins with the release that served last. Then go back.',
  });
}

/** Going back to the release that serves is what ends the one under way. */
function isUnderWay({ operation }: Status, { records, state }: Past, name: string | undefined): boolean {
  if (operation === null || !exposedSteps.has(operation.step)) return false;
  return name === undefined || promotedRecord(records, name)?.release === state.live;
}

async function endUnderWay(io: Io, opened: OpenEnvironment, url: string): Promise<number> {
  const started = performance.now();
  await interrupt(opened);
  const past = await readPast(opened);
  const last = past.records.at(-1);
  const live = { release: past.state.live, number: recordOf(past.records, past.state.live)?.number ?? 0 };
  const isBack = last?.outcome === 'rolled back';
  const meter = meterOf(last);
  json(io, {
    operation: 'rollback',
    environment: opened.env.name,
    outcome: isBack ? 'promoted' : 'failed',
    release: live.release,
    number: live.number,
    serves: live,
    url: isBack ? url : null,
    durationMs: Math.round(performance.now() - started),
    meter,
    ended: { release: last?.release ?? null, number: last?.number ?? 0, by: last?.who ?? '' },
  });
  if (!isBack) throw tooLate(opened, live);
  const figures = meterText(meter);
  say(
    io,
    `↺ ${releaseName(live.number, live.release)} serves everything; ${releaseName(last.number, last.release)} by ${last.who} was taken back${figures === '' ? '' : `.  ${figures}`}`,
  );
  return 0;
}

function tooLate({ env }: OpenEnvironment, live: { readonly number: number; readonly release: string | null }): GantryError {
  return new GantryError('GR1004', 'the release under way had reached its end before it could be taken back', {
    where: env.name,
    state: `${releaseName(live.number, live.release)} serves everything`,
    fix: `Go back from there: gantry rollback ${env.name}`,
  });
}
