/** `gantry releases ENV`: what was released, from the environment's own record; works while the app is stopped. */
import { GantryError } from '../../errors.ts';
import { builders } from '../../builders/index.ts';
import { platforms } from '../../platforms/index.ts';
import { placesOf } from '../../platforms/local/places.ts';
import type { ReleaseRecord } from '../../release/history.ts';
import { readRef, type StoredEvent } from '../../release/journal.ts';
import { entryOf, isWorthShowing, refDigests, type Past, type ReleaseEntry } from '../../release/past.ts';
import { hasContent } from '../../release/stored.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { readPast } from '../past.ts';
import { printable } from '../print/error.ts';
import { ago, duration, json, say, table, thousands } from '../print/text.ts';

const defaultNumber = 20;
const shownCommit = 7;

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'releases');
  const most = wantedNumber(args);
  const past = await readPast(opened);
  if (args.options['events'] === true) return printEvents(io, past.events);
  const chosen = past.records.filter(isWorthShowing).slice(-most).toReversed();
  const runnable = await runnableReleases(opened, past, chosen);
  const entries = chosen.map((record) => entryOf(record, past, runnable));
  const atWork = entries.some(({ outcome }) => outcome === 'running') && (await isAtWork(opened));
  json(io, entries);
  if (entries.length === 0) say(io, `Nothing was released to ${opened.env.name} yet: gantry deploy ${opened.env.name}`);
  for (const line of table(
    entries.map((entry) => row(entry, Date.now(), atWork)),
    '',
  ))
    say(io, line);
  return 0;
};

async function isAtWork({ target, context }: OpenEnvironment): Promise<boolean> {
  return (await platforms[target.platform].status(context)).operation !== null;
}

function wantedNumber({ options }: Arguments): number {
  const text = options['number'];
  if (typeof text !== 'string') return defaultNumber;
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  throw new GantryError('GC1002', `${JSON.stringify(text)} is not a number of releases`, { where: '--number', exitCode: 2 });
}

function printEvents(io: Io, events: readonly StoredEvent[]): number {
  for (const event of events) io.stdout.write(`${JSON.stringify(event)}\n`);
  return 0;
}

async function runnableReleases(
  opened: OpenEnvironment,
  { store, events }: Past,
  records: readonly ReleaseRecord[],
): Promise<ReadonlySet<string>> {
  const { project, target, context } = opened;
  const [name = 'folder'] = target.builders;
  const tools = { builder: builders[name], folder: project.folder, cacheDir: placesOf(project.folder).cacheDir, signal: context.signal };
  const digests = refDigests(events);
  const promoted = new Set(records.filter(({ outcome }) => outcome === 'promoted').map(({ release }) => release ?? ''));
  const found = [...promoted].map(async (release) => {
    const ref = await readRef(store, digests.get(release)).catch(() => undefined);
    return ref !== undefined && (await hasContent(ref, tools)) ? [release] : [];
  });
  return new Set((await Promise.all(found)).flat());
}

/** @param atWork somebody carries on what has no end yet */
function row(entry: ReleaseEntry, now: number, atWork: boolean): string[] {
  const { number, release, operation, outcome, live, runnable, who, begun, durationMs, commit, meter, failed } = entry;
  const kept = outcome === 'promoted' && !runnable ? ['not kept'] : [];
  const requests = meter === null ? [] : [`${thousands(meter.failed)} of ${thousands(meter.requests)} failed`];
  const why = failed === null ? [] : [`${failed.step}: ${printable(failed.message).split('\n')[0] ?? ''}  ${failed.code}`];
  return [
    number === 0 ? '-' : String(number),
    release ?? '-',
    live ? 'serves' : outcome === 'running' && !atWork ? 'half-way' : outcome,
    operation,
    ago(now - Date.parse(begun)),
    durationMs === null ? '' : duration(durationMs),
    who,
    commit === null ? '' : commit.slice(0, shownCommit),
    [...requests, ...kept, ...why].join('  '),
  ];
}
