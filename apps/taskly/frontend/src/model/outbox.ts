import { fieldsOf, type Fields, type Task } from './task.ts';

/**
 * The outbox: changes the person made that the server has not acknowledged yet, oldest first.
 * Everything here is pure; storing and sending lie in client/.
 */

export type Change =
  | { kind: 'create'; fields: Pick<Fields, 'title' | 'notes' | 'due'> }
  | { kind: 'edit'; fields: Partial<Fields>; base: Fields }
  /** Right behind `after`, or, should that one be gone, right in front of `before`. */
  | { kind: 'move'; after: string | null; before: string | null }
  | { kind: 'delete'; base: Fields };

/** Why an entry waits for the person instead of the network. */
export type Trouble = { kind: 'conflict'; theirs: Task } | { kind: 'refused'; message: string };

export interface Entry {
  /** Sorts by time of the change, and is the Idempotency-Key of a create. */
  id: string;
  /** The task's id, or the entry's own `localId` while the server has not given one. */
  task: string;
  /** The version of the task that the person saw. */
  version: number;
  /** For messages, when the task itself is no longer at hand. */
  title: string;
  change: Change;
  /** Not sent before this moment (ms since 1970): the time in which a deletion can be undone. */
  holdUntil?: number;
  trouble?: Trouble;
}

export interface Row {
  task: Task;
  pending: boolean;
  trouble: Entry | null;
}

const localPrefix = 'new:';

export const localId = (entryId: string): string => `${localPrefix}${entryId}`;

export const isLocal = (taskId: string): boolean => taskId.startsWith(localPrefix);

let counter = 0;

/** Sorts by time; `random` (16 hex digits) tells tabs apart. */
export function entryId(now: number, random: string): string {
  counter = (counter + 1) % 46_656;
  return `${now.toString(36).padStart(9, '0')}-${counter.toString(36).padStart(3, '0')}-${random}`;
}

/** The tasks, in the order of `tasks`, as they will be once everything in the outbox has arrived. */
export function overlay(tasks: readonly Task[], entries: readonly Entry[]): Row[] {
  const rows: Row[] = tasks.map((task) => ({ task, pending: false, trouble: null }));
  for (const entry of entries) applyEntry(rows, entry);
  return rows;
}

function applyEntry(rows: Row[], entry: Entry): void {
  const { change } = entry;
  if (change.kind === 'create') return void rows.unshift(createdRow(entry, change.fields));
  const index = rows.findIndex((row) => row.task.id === entry.task);
  const row = rows[index];
  if (row === undefined) return showMissing(rows, entry);
  if (entry.trouble !== undefined) rows[index] = { ...row, trouble: entry };
  else if (change.kind === 'delete') rows.splice(index, 1);
  else if (change.kind === 'edit') rows[index] = { ...row, pending: true, task: { ...row.task, ...change.fields } };
  else moveRow(rows, index, change);
}

/** A conflict about a task that was not read yet is still to be decided. */
function showMissing(rows: Row[], entry: Entry): void {
  if (entry.trouble?.kind === 'conflict') rows.push({ task: entry.trouble.theirs, pending: false, trouble: entry });
}

function createdRow(entry: Entry, fields: Pick<Fields, 'title' | 'notes' | 'due'>): Row {
  const at = '';
  const task = { ...fields, id: entry.task, done: false, doneAt: null, position: '', version: 0, createdAt: at, updatedAt: at };
  return { task, pending: entry.trouble === undefined, trouble: entry.trouble === undefined ? null : entry };
}

function moveRow(rows: Row[], index: number, change: { after: string | null; before: string | null }): void {
  const [row] = rows.splice(index, 1);
  if (row === undefined) return;
  const behind = rows.findIndex(({ task }) => task.id === change.after);
  const front = rows.findIndex(({ task }) => task.id === change.before);
  const target = behind >= 0 ? behind + 1 : front;
  rows.splice(target >= 0 ? target : index, 0, { ...row, pending: true });
}

/** The oldest entry that can go out now, in order; what waits for the person or for its own time holds nobody up. */
export const nextToSend = (entries: readonly Entry[], now: number): Entry | undefined => entries.find((entry) => isSendable(entry, now));

const isSendable = (entry: Entry, now: number): boolean =>
  entry.trouble === undefined && (entry.holdUntil ?? 0) <= now && (entry.change.kind === 'create' || !isLocal(entry.task));

/** When the next held entry comes due; undefined when none is held. */
export function nextRelease(entries: readonly Entry[]): number | undefined {
  const times = entries.flatMap((entry) => (entry.holdUntil === undefined || entry.trouble !== undefined ? [] : [entry.holdUntil]));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** How many changes wait for the network; a deletion that can still be undone is not waiting for it. */
export const waitingCount = (entries: readonly Entry[], now: number): number =>
  entries.filter((entry) => entry.trouble === undefined && (entry.holdUntil ?? 0) <= now).length;

export type Answer =
  | { kind: 'done'; task: Task | null }
  | { kind: 'gone' }
  | { kind: 'conflict'; theirs: Task }
  | { kind: 'refused'; message: string; fields?: Readonly<Record<string, string>> };

export interface Settled {
  entries: Entry[];
  /** The task as the server now has it. */
  put?: Task;
  /** The id of a task that no longer exists. */
  drop?: string;
  /** Something the person should hear of. */
  notice?: string;
}

/** What the server's answer to one entry makes of the outbox. */
export function settle(entries: readonly Entry[], entry: Entry, answer: Answer): Settled {
  switch (answer.kind) {
    case 'done':
      return settleDone(entries, entry, answer.task);
    case 'gone':
      return settleGone(entries, entry);
    case 'conflict':
      return settleConflict(entries, entry, answer.theirs);
    case 'refused':
      return settleRefused(entries, entry, answer);
  }
}

const without = (entries: readonly Entry[], entry: Entry): Entry[] => entries.filter(({ id }) => id !== entry.id);

const replace = (entries: readonly Entry[], next: Entry): Entry[] => entries.map((entry) => (entry.id === next.id ? next : entry));

function settleDone(entries: readonly Entry[], entry: Entry, task: Task | null): Settled {
  if (task === null) return { entries: without(entries, entry), drop: entry.task };
  return { entries: without(entries, entry).map((later) => follow(later, entry, task)), put: task };
}

/** Later changes of the same task were made on top of this one: they go on from its result. */
function follow(later: Entry, entry: Entry, task: Task): Entry {
  const rename = (id: string): string => (id === entry.task ? task.id : id);
  const change = later.change.kind === 'move' ? renameNeighbours(later.change, rename) : later.change;
  if (later.task !== entry.task) return change === later.change ? later : { ...later, change };
  return { ...later, change, task: task.id, version: later.version <= entry.version ? task.version : later.version };
}

function renameNeighbours(change: Extract<Change, { kind: 'move' }>, rename: (id: string) => string): Change {
  const after = change.after === null ? null : rename(change.after);
  const before = change.before === null ? null : rename(change.before);
  return after === change.after && before === change.before ? change : { kind: 'move', after, before };
}

function settleGone(entries: readonly Entry[], entry: Entry): Settled {
  const rest = entries.filter(({ task }) => task !== entry.task);
  if (entry.change.kind === 'delete') return { entries: rest, drop: entry.task };
  return { entries: rest, drop: entry.task, notice: `“${entry.title}” was deleted elsewhere.` };
}

function settleConflict(entries: readonly Entry[], entry: Entry, theirs: Task): Settled {
  const rebased = rebase(entry, theirs);
  return { entries: rebased === null ? without(entries, entry) : replace(entries, rebased), put: theirs };
}

/** The entry on top of somebody else's change: untouched fields merge; null when nothing is left to do; with trouble when both changed the same. */
export function rebase(entry: Entry, theirs: Task): Entry | null {
  const { change } = entry;
  const conflict: Entry = { ...entry, trouble: { kind: 'conflict', theirs } };
  if (change.kind === 'delete') return sameFields(change.base, theirs) ? { ...entry, version: theirs.version } : conflict;
  if (change.kind !== 'edit') return { ...entry, version: theirs.version };
  const fields = stillDifferent(change.fields, theirs);
  if (Object.keys(fields).length === 0) return null;
  const clash = keysOf(fields).some((key) => theirs[key] !== change.base[key]);
  return clash ? conflict : { ...entry, version: theirs.version, change: { ...change, fields, base: fieldsOf(theirs) } };
}

const keysOf = (fields: Partial<Fields>): (keyof Fields)[] => Object.keys(fields) as (keyof Fields)[];

const stillDifferent = (fields: Partial<Fields>, theirs: Task): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([key, value]) => theirs[key as keyof Fields] !== value));

const sameFields = (base: Fields, theirs: Task): boolean => keysOf(base).every((key) => base[key] === theirs[key]);

function settleRefused(entries: readonly Entry[], entry: Entry, answer: Extract<Answer, { kind: 'refused' }>): Settled {
  const { change } = entry;
  if (change.kind !== 'move') return { entries: replace(entries, { ...entry, trouble: { kind: 'refused', message: answer.message } }) };
  const other = change.after === null ? null : change.before;
  if (other !== null) return { entries: replace(entries, { ...entry, change: { kind: 'move', after: null, before: other } }) };
  return { entries: without(entries, entry), notice: `“${entry.title}” could not be moved: its new neighbour is gone.` };
}

/** The person's decision about a conflict. */
export function resolve(entries: readonly Entry[], entry: Entry, keep: 'mine' | 'theirs'): Entry[] {
  if (keep === 'theirs' || entry.trouble?.kind !== 'conflict') return without(entries, entry);
  const { trouble, ...clean } = entry;
  const base = fieldsOf(trouble.theirs);
  const change = 'base' in clean.change ? { ...clean.change, base } : clean.change;
  return replace(entries, { ...clean, change, version: trouble.theirs.version });
}

/** Lets a refused entry go out once more. */
export function retry(entries: readonly Entry[], entry: Entry): Entry[] {
  const { trouble: _, ...clean } = entry;
  return replace(entries, clean);
}

/** Takes an entry back, and with a create everything that was built on it. */
export const discard = (entries: readonly Entry[], entry: Entry): Entry[] =>
  entry.change.kind === 'create' ? entries.filter(({ task }) => task !== entry.task) : without(entries, entry);

/** Whether a task the server tells of is most likely the answer to a create that is still under way; showing both would be a flicker. */
export const isEchoOf = (entries: readonly Entry[], task: Task): boolean =>
  entries.some(
    ({ change, trouble }) =>
      change.kind === 'create' && trouble === undefined && change.fields.title === task.title && change.fields.due === task.due,
  );
