/** What an environment remembers of its releases; read without its lock, and while the app is stopped too. */
import { platforms } from '../platforms/index.ts';
import type { Store } from '../platforms/store.ts';
import { history, type ReleaseRecord } from '../release/history.ts';
import { readEvents, type StoredEvent } from '../release/journal.ts';
import type { MeterResult } from '../release/meter.ts';
import { replay, type ReleaseState } from '../release/machine.ts';
import type { OpenEnvironment } from './environment.ts';

export interface Past {
  readonly store: Store;
  readonly events: readonly StoredEvent[];
  readonly state: ReleaseState;
  /** Oldest first. */
  readonly records: readonly ReleaseRecord[];
  /** Of the release that serves; undefined before the first. */
  readonly live: ReleaseRecord | undefined;
}

export async function readPast({ target, context }: Pick<OpenEnvironment, 'target' | 'context'>): Promise<Past> {
  const store = await platforms[target.platform].store(context);
  const events = await readEvents(store);
  const records = history(events);
  const state = replay(events);
  return { store, events, state, records, live: recordOf(records, state.live) };
}

/** The newest promotion of a release. */
export function recordOf(records: readonly ReleaseRecord[], release: string | null): ReleaseRecord | undefined {
  return records.findLast((record) => record.release === release && record.outcome === 'promoted');
}

/** Of the content, which a rollback has from an earlier release. */
export function commitOf(records: readonly ReleaseRecord[], release: string | null): string | undefined {
  return records.find((record) => record.release === release && record.commit !== null)?.commit ?? undefined;
}

/** What users noticed; null where nothing was measured. */
export function meterOf(record: Pick<ReleaseRecord, 'notes'> | undefined): MeterResult | null {
  const note = record?.notes.findLast(({ about }) => about === 'meter');
  if (note === undefined) return null;
  const { about: _about, at: _at, ...result } = note;
  return result as unknown as MeterResult;
}
