/** The journal of an environment as the release machine's memory. */
import { GantryError, isGantryError } from '../errors.ts';
import type { Lease, Store, StoreEvent } from '../platforms/store.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import {
  initial,
  isKnown,
  replay,
  steps,
  transition,
  type NoteSubject,
  type ReleaseEvent,
  type ReleaseState,
  type Step,
} from './machine.ts';

/** An event as it is stored: with the time, and with whatever the writer wanted to keep beside it. */
export type StoredEvent = ReleaseEvent & { readonly at: string; readonly [key: string]: unknown };

export interface OpenJournal {
  state(): ReleaseState;
  /** All events that are kept, oldest first. */
  events(): readonly StoredEvent[];
  /** @returns undefined when no release of that id was ever named */
  ref(release: string | null): Promise<ReleaseRef | undefined>;
  /**
   * Durable when it resolves. When it rejects the event is not in the journal, unless `doubt` says so.
   * @throws GantryError GL4011 when somebody else has taken the lock
   */
  add(event: ReleaseEvent, extra?: Readonly<Record<string, unknown>>): Promise<void>;
  note(about: NoteSubject, extra: Readonly<Record<string, unknown>>): Promise<void>;
  /** The state that the journal has if the last event that could not be added is there after all; undefined when that is known. */
  doubt(): ReleaseState | undefined;
  /** Reads whether that event is there. */
  clearDoubt(): Promise<void>;
  /** Keeps these in place of all events so far; they must lead to the same state. */
  compact(events: readonly StoredEvent[]): Promise<void>;
}

/** @throws GantryError GL4014 (written by a later version), GR1009 (cannot be followed), and what the store says */
export async function readEvents(store: Store): Promise<readonly StoredEvent[]> {
  const { events } = await store.read();
  return followed(events).events;
}

/** @throws like `readEvents` */
export async function openJournal(store: Store, lease: Lease): Promise<OpenJournal> {
  const read = await store.read();
  return new Journal(store, lease, read.sequence, followed(read.events));
}

interface Followed {
  readonly events: readonly StoredEvent[];
  readonly state: ReleaseState;
}

/** Whole bytes may still tell a story that this version cannot follow; then nothing is known, and nothing is touched. */
function followed(stored: readonly StoreEvent[]): Followed {
  stored.forEach((event, index) => {
    if (!isKnown(event)) throw laterVersion(event, place(index, stored));
  });
  const events = modern(stored as unknown as readonly StoredEvent[]);
  const state = events.reduce((before, event, index) => follow(before, event, events, index), initial);
  return { events, state };
}

function follow(state: ReleaseState, event: StoredEvent, events: readonly StoredEvent[], index: number): ReleaseState {
  try {
    return transition(state, event);
  } catch (cause) {
    throw new GantryError('GR1009', `what the journal tells cannot have happened: ${(cause as Error).message}`, {
      where: place(index, events),
      lines: events.slice(Math.max(0, index - shownEvents), index + 1).map(asLine),
      state: 'what runs is left alone',
      cause,
    });
  }
}

const shownEvents = 5;

function asLine(event: StoredEvent): string {
  const what = 'step' in event ? event.step : 'release' in event ? event.release : 'about' in event ? event.about : '';
  return [event.at, event.type, what].join(' ').trim();
}

function place(index: number, events: readonly unknown[]): string {
  return `event ${index + 1} of ${events.length} in the journal`;
}

function laterVersion({ type, step }: StoreEvent, where: string): GantryError {
  const what = typeof step === 'string' ? `"${type}" of a step "${step}"` : `an event "${type}"`;
  return new GantryError('GL4014', `the journal tells of ${what}, which this version of Gantry does not know`, {
    where,
    state: 'what runs is left alone',
  });
}

class Journal implements OpenJournal {
  readonly #store: Store;
  readonly #lease: Lease;
  readonly #refs = new Map<string, string>();
  #sequence: number;
  #events: StoredEvent[];
  #state: ReleaseState;
  #doubt: StoredEvent | undefined;

  constructor(store: Store, lease: Lease, sequence: number, { events, state }: Followed) {
    this.#store = store;
    this.#lease = lease;
    this.#sequence = sequence;
    this.#events = [...events];
    this.#state = state;
    for (const event of events) this.#remember(event);
  }

  state(): ReleaseState {
    return this.#state;
  }

  events(): readonly StoredEvent[] {
    return this.#events;
  }

  async ref(release: string | null): Promise<ReleaseRef | undefined> {
    return release === null ? undefined : readRef(this.#store, this.#refs.get(release));
  }

  async add(event: ReleaseEvent, extra: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.clearDoubt();
    const entry: StoredEvent = { ...extra, ...event, at: new Date().toISOString() };
    const next = transition(this.#state, entry);
    await this.#store.append(this.#lease, this.#sequence, asStored(entry)).catch(async (error: unknown) => this.#afterError(entry, error));
    this.#take(entry, next);
  }

  async note(about: NoteSubject, extra: Readonly<Record<string, unknown>>): Promise<void> {
    return this.add({ type: 'noted', about }, extra);
  }

  doubt(): ReleaseState | undefined {
    return this.#doubt === undefined ? undefined : transition(this.#state, this.#doubt);
  }

  async clearDoubt(): Promise<void> {
    const entry = this.#doubt;
    if (entry === undefined) return;
    if (await this.#isThere(entry)) this.#take(entry, transition(this.#state, entry));
    this.#doubt = undefined;
  }

  async compact(events: readonly StoredEvent[]): Promise<void> {
    await this.#store.compact(this.#lease, this.#sequence, events.map(asStored));
    this.#events = [...events];
  }

  #take(entry: StoredEvent, next: ReleaseState): void {
    this.#sequence += 1;
    this.#state = next;
    this.#events.push(entry);
    this.#remember(entry);
  }

  #remember(event: StoredEvent): void {
    if (event.type === 'named' && typeof event['ref'] === 'string') this.#refs.set(event.release, event['ref']);
  }

  /** An error says little about what is on the disk: only reading tells whether the event is there. */
  async #afterError(entry: StoredEvent, error: unknown): Promise<void> {
    if (isGantryError(error) && (error.code === 'GL4011' || error.code === 'GL4012')) throw error;
    this.#doubt = entry;
    const isThere = await this.#isThere(entry).catch(() => undefined);
    if (isThere === undefined) throw error;
    this.#doubt = undefined;
    if (!isThere) throw error;
  }

  async #isThere(entry: StoredEvent): Promise<boolean> {
    const { sequence, events } = await this.#store.read();
    return sequence > this.#sequence && JSON.stringify(events.at(this.#sequence - sequence)) === JSON.stringify(asStored(entry));
  }
}

/** What JSON keeps of it. */
function asStored(event: StoredEvent): StoreEvent {
  return JSON.parse(JSON.stringify(event)) as StoreEvent;
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
