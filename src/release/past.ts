/** What an environment remembers of its releases; read without its lock, and while nothing runs. */
import type { Store } from '../platforms/store.ts';
import { history, type Note, type ReleaseRecord } from './history.ts';
import { readEvents, type StoredEvent } from './journal.ts';
import type { MeterResult } from './meter.ts';
import { replay, type ReleaseState } from './machine.ts';

export interface Past {
  readonly store: Store;
  readonly events: readonly StoredEvent[];
  readonly state: ReleaseState;
  /** Oldest first. */
  readonly records: readonly ReleaseRecord[];
  /** Of the release that serves; undefined before the first. */
  readonly live: ReleaseRecord | undefined;
}

export async function pastIn(store: Store): Promise<Past> {
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

/** What users noticed of the release itself, not of what was steered after it; null where nothing was measured. */
export function meterOf(record: Pick<ReleaseRecord, 'notes'> | undefined): MeterResult | null {
  const note = record?.notes.find(({ about, of }) => about === 'scale' || about === 'restart' || (about === 'meter' && of === undefined));
  return note?.about === 'meter' ? figuresOf(note) : null;
}

function figuresOf(note: Note): MeterResult {
  const { requests, failed, failures, p99DeltaMs, longestGapMs } = note as unknown as MeterResult;
  return { requests, failed, failures, p99DeltaMs, longestGapMs };
}

/** Digests of the stored releases by id, as far as they were named. */
export function refDigests(events: readonly StoredEvent[]): ReadonlyMap<string, string> {
  return new Map(
    events.flatMap((event) => (event.type === 'named' && typeof event['ref'] === 'string' ? [[event.release, event['ref']] as const] : [])),
  );
}

/** An attempt as `releases` tells it, on the terminal, as JSON and in the dashboard. */
export interface ReleaseEntry {
  readonly number: number;
  readonly release: string | null;
  readonly operation: string;
  readonly outcome: ReleaseRecord['outcome'];
  /** Serves now. */
  readonly live: boolean;
  /** `rollback` can go there. */
  readonly runnable: boolean;
  readonly who: string;
  readonly begun: string;
  readonly ended: string | null;
  readonly durationMs: number | null;
  readonly commit: string | null;
  readonly meter: MeterResult | null;
  readonly failed: ReleaseRecord['failed'];
}

/** An attempt that only asked a question, and a release of what served already, are no history. */
export function isWorthShowing({ outcome, failed }: ReleaseRecord): boolean {
  return outcome !== 'unchanged' && failed?.code !== 'GR1005';
}

/** @param runnable releases whose content is kept */
export function entryOf(record: ReleaseRecord, past: Pick<Past, 'records' | 'live'>, runnable: ReadonlySet<string>): ReleaseEntry {
  const { number, release, operation, outcome, who, begun, ended, failed } = record;
  return {
    number,
    release,
    operation,
    outcome,
    live: record === past.live,
    runnable: runnable.has(release ?? ''),
    who,
    begun,
    ended,
    durationMs: ended === null ? null : Math.max(0, Date.parse(ended) - Date.parse(begun)),
    commit: record.commit ?? commitOf(past.records, release) ?? null,
    meter: meterOf(record),
    failed,
  };
}
