/** The journal of an environment as the release machine's memory. */
import type { Lease, Store, StoreEvent } from '../platforms/store.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { initial, replay, steps, transition, type NoteSubject, type ReleaseEvent, type ReleaseState, type Step } from './machine.ts';

/** An event as it is stored: with the time, and with whatever the writer wanted to keep beside it. */
export type StoredEvent = ReleaseEvent & { readonly at: string; readonly [key: string]: unknown };

export interface OpenJournal {
  state(): ReleaseState;
  /** All events so far, oldest first. */
  events(): readonly StoredEvent[];
  /** Ids of all releases so far, each once, in the order in which they were last named. */
  releases(): readonly string[];
  /** @returns undefined when no release of that id was ever named */
  ref(release: string | null): Promise<ReleaseRef | undefined>;
  /** Durable when it resolves. @throws GantryError GL4011 when somebody else has taken the lock */
  add(event: ReleaseEvent, extra?: Readonly<Record<string, unknown>>): Promise<void>;
  note(about: NoteSubject, extra: Readonly<Record<string, unknown>>): Promise<void>;
}

export async function readEvents(store: Store): Promise<readonly StoredEvent[]> {
  const { events } = await store.read();
  return modern(events as unknown as readonly StoredEvent[]);
}

export async function openJournal(store: Store, lease: Lease): Promise<OpenJournal> {
  const stored = await store.read();
  const events: StoredEvent[] = [];
  const refs = new Map<string, string>();
  let sequence = stored.sequence;
  let state = initial;
  const take = (event: StoredEvent): void => {
    state = transition(state, event);
    events.push(event);
    if (event.type === 'named' && typeof event['ref'] === 'string') {
      refs.delete(event.release);
      refs.set(event.release, event['ref']);
    }
  };
  for (const event of modern(stored.events as unknown as readonly StoredEvent[])) take(event);
  const add: OpenJournal['add'] = async (event, extra = {}) => {
    const entry: StoredEvent = { ...extra, ...event, at: new Date().toISOString() };
    transition(state, entry);
    sequence = await store.append(lease, sequence, entry as unknown as StoreEvent);
    take(entry);
  };
  return {
    state: () => state,
    events: () => events,
    releases: () => [...refs.keys()],
    ref: async (release) => (release === null ? undefined : readRef(store, refs.get(release))),
    add,
    note: async (about, extra) => add({ type: 'noted', about }, extra),
  };
}

/** The release that serves, without the lock. @param events all of the store */
export async function liveRelease(store: Store, events: readonly StoredEvent[]): Promise<ReleaseRef | undefined> {
  const { live } = replay(events);
  const named = events.findLast((event) => event.type === 'named' && event.release === live);
  return readRef(store, typeof named?.['ref'] === 'string' ? named['ref'] : undefined);
}

/** @returns undefined without a digest */
export async function readRef(store: Store, digest: string | undefined): Promise<ReleaseRef | undefined> {
  if (digest === undefined) return undefined;
  return JSON.parse(Buffer.from(await store.get(digest)).toString('utf8')) as ReleaseRef;
}

/** Steps that an earlier version of the walk did not have. */
const later: ReadonlySet<Step> = new Set(['confirm', 'push', 'canary', 'bake']);

/** A journal that an earlier version began is read as if its releases had walked through the steps that came later. */
export function modern(events: readonly StoredEvent[]): readonly StoredEvent[] {
  let at = 0;
  return events.flatMap((event) => {
    if (event.type === 'begun') at = 0;
    if (event.type !== 'done' && event.type !== 'failed') return [event];
    const missed = steps.slice(at, Math.max(at, steps.indexOf(event.step)));
    const filled = missed.every((step) => later.has(step)) ? missed : [];
    at = steps.indexOf(event.step) + (event.type === 'done' ? 1 : 0);
    return [...filled.map((step): StoredEvent => ({ type: 'done', step, at: event.at })), event];
  });
}
