/** What the record of an environment answers, from a record that was just looked at. */
import { engines } from '../../engines/index.ts';
import { GantryError } from '../../errors.ts';
import { promotedRecord } from '../../release/history.ts';
import { outlook } from '../../release/outlook.ts';
import { entryOf, isWorthShowing } from '../../release/past.ts';
import type { ReleaseRef } from '../../stack/stack.ts';
import type { Comparison, Marker, Meter, Plan, ReleaseSummary } from '../api/index.ts';
import type { Served } from '../served.ts';
import { markersOf } from '../watch/markers.ts';
import type { Attempt } from './attempts.ts';
import type { Chronicle, Recorded } from './chronicle.ts';
import { differencesOf } from './differences.ts';

/** Newest first, without what is no history. @param before key; only older ones. @throws GantryError GC2006 */
export async function summaries(chronicle: Chronicle, recorded: Recorded, limit: number, before?: string): Promise<ReleaseSummary[]> {
  const { attempts } = recorded;
  const end = before === undefined ? attempts.length : attempts.indexOf(attemptOf(recorded, before));
  const shown = attempts.slice(0, end).filter(({ record }) => isWorthShowing(record));
  return Promise.all(
    shown
      .slice(-limit)
      .toReversed()
      .map(async (attempt) => summaryOf(chronicle, recorded, attempt)),
  );
}

/** @throws GantryError GC2006 */
export function attemptOf({ attempts }: Recorded, key: string): Attempt {
  const found = attempts.find((attempt) => attempt.key === key);
  if (found === undefined) throw new GantryError('GC2006', 'no attempt at a release began at that time');
  return found;
}

export async function summaryOf(chronicle: Chronicle, recorded: Recorded, { key, record }: Attempt): Promise<ReleaseSummary> {
  const { release } = record;
  const isRunnable = release !== null && recorded.promoted.has(release) && (await chronicle.isRunnable(release));
  const { meter, ...entry } = entryOf(record, recorded.past, new Set(isRunnable ? [release] : []));
  return { key, ...entry, meter: meter === null ? null : meterOf(meter) };
}

export function meterOf(meter: { readonly [Key in keyof Meter]: Readonly<Meter[Key]> }): Meter {
  return { ...meter, failures: { ...meter.failures } };
}

/** @throws GantryError GC2006 */
export async function comparison(
  chronicle: Chronicle,
  recorded: Recorded,
  served: Served,
  names: readonly [string, string],
): Promise<Comparison> {
  const [from, to] = await Promise.all(
    names.map(async (name) => promoted(chronicle, recorded, name)) as [Promise<Promoted>, Promise<Promoted>],
  );
  const { target } = served;
  return {
    from: { release: from.ref.id, number: from.number },
    to: { release: to.ref.id, number: to.number },
    ...differencesOf(from.ref, to.ref, { target, engines }),
  };
}

interface Promoted {
  readonly ref: ReleaseRef;
  readonly number: number;
}

async function promoted(chronicle: Chronicle, { past }: Recorded, name: string): Promise<Promoted> {
  const record = promotedRecord(past.records, name);
  const ref = record?.release == null ? undefined : await chronicle.ref(record.release);
  if (record === undefined || ref === undefined) throw new GantryError('GC2006', `no release ${name} that was promoted is kept`);
  return { ref, number: record.number };
}

/** What a deploy of the folder as it is now would change. */
export async function planOf({ past }: Recorded, served: Served): Promise<Plan> {
  const { app, env, target, platform, context } = served;
  const { harm, ...places } = await served.planPlaces();
  const { folder, signal } = context;
  const found = await outlook(past, { app, env, target, platform, folder, signal, ...places }, async () => harm);
  const { live, number, next, running, downtime, dataLoss, changes } = found;
  const { files, variables, settings } = differencesOf(live, next, { target, engines: places.engines });
  return {
    live: live === undefined ? null : { release: live.id, number },
    running,
    downtime,
    dataLoss,
    changes: changes.map((change) => ({ ...change })),
    files,
    variables,
    settings,
    schema: harm.map(({ name, effect, reasons }) => ({ name, effect, reasons: [...reasons] })),
  };
}

/** The newest number of each release. */
export function numbersOf({ past }: Recorded): { [release: string]: number } {
  return Object.fromEntries(past.records.flatMap(({ release, number }) => (release === null ? [] : [[release, number]])));
}

/** Releases, and what people have steered in between, oldest first. */
export function allMarkers({ past }: Recorded): Marker[] {
  const steered = past.records.flatMap(({ notes }) =>
    notes.flatMap((note): Marker[] => {
      const [at, service] = [Date.parse(note.at), String(note['service'] ?? '')];
      if (note.about === 'scale') return [{ at, kind: 'scale', text: `${service} -> ${String(note['count'])}` }];
      return note.about === 'restart' ? [{ at, kind: 'restart', text: service === 'all' ? 'all services' : service }] : [];
    }),
  );
  return [...markersOf(past.records), ...steered].toSorted((a, b) => a.at - b.at);
}
