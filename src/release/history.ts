/** What an environment's journal says about its releases, for `releases`, `status`, `rollback` and the dashboard; pure. */
import type { StoredEvent } from './journal.ts';
import type { NoteSubject, Step } from './machine.ts';

/** promoted: it served, or serves. rolled back: it was taken away, whether or not users saw it. failed: it ended before it changed anything. */
export type Outcome = 'running' | 'promoted' | 'rolled back' | 'failed' | 'unchanged';

export interface ReleaseRecord {
  /** From 1; attempts that did not get as far as a release have the number of none: 0. */
  readonly number: number;
  readonly release: string | null;
  readonly operation: string;
  readonly who: string;
  /** Of the folder that was released, hex; null without git, and for a rollback, whose content was released before. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly begun: string;
  readonly ended: string | null;
  readonly outcome: Outcome;
  /** Where it failed, with the error's code and message. */
  readonly failed: { readonly step: Step; readonly code: string; readonly message: string } | null;
  readonly notes: readonly Note[];
}

export interface Note {
  readonly about: NoteSubject;
  readonly at: string;
  readonly [key: string]: unknown;
}

type Draft = { -readonly [K in keyof ReleaseRecord]: ReleaseRecord[K] } & { notes: Note[] };

/** Oldest first. */
export function history(events: readonly StoredEvent[]): ReleaseRecord[] {
  const records: Draft[] = [];
  let number = 0;
  for (const event of events) {
    const last = records.at(-1);
    if (event.type === 'begun') records.push(begun(event));
    else if (last === undefined) continue;
    else if (event.type === 'named') Object.assign(last, { release: event.release, number: (number = numberOf(event, number)) });
    else if (event.type === 'noted') last.notes.push(note(event));
    else Object.assign(last, ending(event, last));
  }
  return records;
}

function begun(event: Extract<StoredEvent, { type: 'begun' }>): Draft {
  const { operation, who, at } = event;
  const commit = typeof event['commit'] === 'string' ? event['commit'] : null;
  return { number: 0, release: null, operation, who, commit, begun: at, ended: null, outcome: 'running', failed: null, notes: [] };
}

function note(event: Extract<StoredEvent, { type: 'noted' }>): Note {
  const { type: _type, ...rest } = event;
  return rest;
}

function ending(event: StoredEvent, last: Draft): Partial<Draft> {
  if (event.type === 'failed') return { failed: { step: event.step, code: event.code, message: event.message } };
  if (event.type === 'unchanged') return { outcome: 'unchanged', ended: event.at };
  if (event.type === 'reverted') return { outcome: last.release === null ? 'failed' : 'rolled back', ended: event.at };
  return event.type === 'done' && event.step === 'retire' ? { outcome: 'promoted', ended: event.at, failed: null } : {};
}

/** Counted, unless the event says it: what was before may not be kept any more. */
export function numberOf(event: StoredEvent, before: number): number {
  return typeof event['number'] === 'number' ? event['number'] : before + 1;
}

/** Of the newest release that was named; 0 when there was none. */
export function lastNumber(events: readonly StoredEvent[]): number {
  return events.reduce((number, event) => (event.type === 'named' ? numberOf(event, number) : number), 0);
}

/** Each release that was promoted, once, in the order in which they last were. */
export function promotedReleases(records: readonly ReleaseRecord[]): string[] {
  const ids = records.flatMap(({ outcome, release }) => (outcome === 'promoted' && release !== null ? [release] : []));
  return [...new Set(ids.toReversed())].toReversed();
}

const shortestPrefix = 4;

/** The newest record of a release that was promoted, by id, number or the beginning of an id; undefined when there is none, or several such. */
export function promotedRecord(records: readonly ReleaseRecord[], name: string): ReleaseRecord | undefined {
  const promoted = records.filter(({ outcome, release }) => outcome === 'promoted' && release !== null);
  const exact = promoted.findLast(({ release }) => release === name) ?? promoted.findLast(({ number }) => String(number) === name);
  if (exact !== undefined || name.length < shortestPrefix) return exact;
  const alike = promoted.filter(({ release }) => release?.startsWith(name) === true);
  return new Set(alike.map(({ release }) => release)).size === 1 ? alike.at(-1) : undefined;
}
