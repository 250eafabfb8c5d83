/** What of a long journal is kept: plain events, so that whoever reads it needs to know nothing of compaction; pure. */
import { history, numberOf, promotedReleases } from './history.ts';
import type { StoredEvent } from './journal.ts';
import { replay } from './machine.ts';

/** Releases and attempts at one, from the newest. */
const kept = 250;
/** Compaction is worth its writes only now and then. */
const longest = 300;
const mostEvents = 12_000;
/** Older releases that a rollback may still go to. */
const keptPromoted = 20;
const notesEach = 100;

/** One operation and what was noted after it, up to the next. */
interface Chapter {
  readonly events: readonly StoredEvent[];
  readonly kind: 'release' | 'destroy' | 'notes';
}

/** The events to keep; undefined while the journal is short enough. They lead to the same state, and number the releases as before. */
export function shortened(events: readonly StoredEvent[]): readonly StoredEvent[] | undefined {
  const chapters = chaptersOf(numbered(events));
  const releases = chapters.filter(({ kind }) => kind === 'release').length;
  if (releases <= longest && events.length <= mostEvents) return undefined;
  const shorter = keptOf(chapters).flatMap((chapter) => fewerNotes(chapter.events));
  const isSame = JSON.stringify(replay(shorter)) === JSON.stringify(replay(events));
  return isSame && shorter.length <= events.length * 0.9 ? shorter : undefined;
}

function numbered(events: readonly StoredEvent[]): StoredEvent[] {
  let number = 0;
  return events.map((event) => {
    if (event.type !== 'named') return event;
    number = numberOf(event, number);
    return { ...event, number };
  });
}

function chaptersOf(events: readonly StoredEvent[]): Chapter[] {
  const starts = events.flatMap(({ type }, index) => (index === 0 || type === 'begun' || type === 'destroying' ? [index] : []));
  return starts.map((start, index) => {
    const own = events.slice(start, starts[index + 1]);
    const type = own[0]?.type;
    return { events: own, kind: type === 'begun' ? 'release' : type === 'destroying' ? 'destroy' : 'notes' };
  });
}

/**
 * The newest, and of those before them what made the releases that are still known (what serves, and where a rollback may go), and what
 * failed after it had changed the database.
 */
function keptOf(chapters: readonly Chapter[]): readonly Chapter[] {
  const border = borderOf(chapters);
  const old = chapters.slice(0, border);
  const wanted = new Set([...promoting(old), ...old.filter(hasLeftMigrations)]);
  const first = old.findIndex((chapter) => wanted.has(chapter));
  const stays = (chapter: Chapter, index: number): boolean =>
    wanted.has(chapter) || (chapter.kind === 'destroy' && first >= 0 && index > first);
  return [...old.filter(stays), ...chapters.slice(border)];
}

/** Of each release that may be gone back to, the one that promoted it last. */
function promoting(chapters: readonly Chapter[]): Chapter[] {
  const releases = promotedReleases(history(chapters.flatMap(({ events }) => events))).slice(-keptPromoted);
  const newest = new Map(chapters.map((chapter) => [promotedIn(chapter), chapter] as const));
  return releases.flatMap((release) => newest.get(release) ?? []);
}

function hasLeftMigrations(chapter: Chapter): boolean {
  return promotedIn(chapter) === undefined && chapter.events.some((event) => isAboutSchema(event) && event['applying'] !== undefined);
}

function borderOf(chapters: readonly Chapter[]): number {
  const releases = chapters.flatMap(({ kind }, index) => (kind === 'release' ? [index] : []));
  return releases.at(-kept) ?? 0;
}

function promotedIn({ events }: Chapter): string | undefined {
  return promotedReleases(history(events))[0];
}

function fewerNotes(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const notes = events.filter((event) => event.type === 'noted' && !isAboutSchema(event));
  const dropped = new Set(notes.slice(0, Math.max(0, notes.length - notesEach)));
  return events.filter((event) => !dropped.has(event));
}

function isAboutSchema(event: StoredEvent): boolean {
  return event.type === 'noted' && event.about === 'schema';
}
