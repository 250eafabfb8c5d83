/** The store of an environment that lives on this machine: a folder with a journal, blobs, and a lock that dies with its holder. */
import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDiskError } from '../exec/files.ts';
import { GantryError, isGantryError } from '../errors.ts';
import { getBlob, pruneBlobs, putBlob } from './folder-blobs.ts';
import { FolderLock } from './folder-lock.ts';
import {
  appendAtTip,
  copiesStamp,
  createCopies,
  mendedTip,
  notOurs,
  openToOthers,
  readCopies,
  replaceCopies,
  writableByOthers,
  type JournalState,
  type Tip,
} from './journal-copies.ts';
import { journalHeader, told, type EventRecord, type JournalRecord, type MarkRecord, type Told } from './journal-file.ts';
import { digestsIn } from './digests.ts';
import { heldBy, movedOn } from './store-errors.ts';
import type { Holder, Journal, Lease, Sequence, Store, StoreEvent } from './store.ts';

export interface FolderStoreOptions {
  /** Gets a sentence when damage was found and mended; by default a warning of the process. Each sentence once. */
  notice?(text: string): void;
  /** How often the journal is read before damage is believed: it may be the half of an append by another process. Default 4. */
  readonly looks?: number;
}

const defaultLooks = 4;
const lookPauseMs = 15;
const maxTries = 4;

/** @param folder made when it is first written to; its parent exists */
export function folderStore(folder: string, options: FolderStoreOptions = {}): Store {
  return new FolderStore(folder, options);
}

function warn(text: string): void {
  process.emitWarning(text, { code: 'GANTRY_STORE' });
}

/** The journal as this process last saw it; what is true of it is checked again before anything is added. */
interface Known extends Tip, Pick<Told, 'sequence' | 'token'> {}

class FolderStore implements Store {
  readonly #folder: string;
  readonly #lock: FolderLock;
  readonly #notice: (text: string) => void;
  readonly #looks: number;
  readonly #noticed = new Set<string>();
  #known: Known | undefined;
  /** Reads and appends of this process, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, { notice, looks }: FolderStoreOptions) {
    this.#folder = folder;
    this.#lock = new FolderLock(folder);
    this.#notice = notice ?? warn;
    this.#looks = looks ?? defaultLooks;
  }

  async lock(holder: Holder): Promise<Lease> {
    await this.#checkFolder();
    const present = await this.holder();
    if (present !== undefined) throw heldBy(present);
    await createIfNew(this.#folder);
    const { lease, inherited } = await this.#lock.take(holder, await this.#told());
    if (!inherited) return lease;
    return this.#fence(lease.token).then(
      () => lease,
      async (error: unknown) => lease.release().then(() => Promise.reject(error)),
    );
  }

  async holder(): Promise<Holder | undefined> {
    return this.#lock.holder();
  }

  async unlock(): Promise<Holder | undefined> {
    await this.#checkFolder();
    if (!existsSync(this.#folder)) return undefined;
    return this.#lock.unlock(await this.#told(), async (token) => this.#fence(token));
  }

  async read(): Promise<Journal> {
    const { sequence, events } = await this.#told();
    return { sequence, events };
  }

  async stamp(): Promise<string> {
    await this.#checkFolder();
    return copiesStamp(this.#folder);
  }

  async append(lease: Lease, expected: Sequence, event: StoreEvent): Promise<Sequence> {
    return this.#inTurn(async () => {
      await this.#lock.check(lease);
      await this.#add({ token: lease.token, event }, (known) => this.#checkTurn(lease, expected, known));
      await this.#lock.check(lease);
      this.#lock.seen(lease, expected + 1);
      return expected + 1;
    });
  }

  async compact(lease: Lease, expected: Sequence, events: readonly StoreEvent[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#lock.check(lease);
      this.#checkTurn(lease, expected, told((await this.#load()).records));
      this.#known = undefined;
      const { token } = lease;
      const mark: MarkRecord = { token, skipped: expected - events.length };
      await replaceCopies(this.#folder, [mark, ...events.map((event): EventRecord => ({ token, event }))]);
      await pruneBlobs(this.#blobs(), digestsIn(events));
    });
  }

  async put(blob: Uint8Array): Promise<string> {
    await this.#checkFolder();
    await createIfNew(this.#folder);
    return putBlob(this.#blobs(), blob);
  }

  async get(digest: string): Promise<Uint8Array> {
    return getBlob(this.#blobs(), digest);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #blobs(): string {
    return join(this.#folder, 'blobs');
  }

  async #told(): Promise<Told> {
    return this.#inTurn(async () => {
      await this.#checkFolder();
      return told((await this.#load()).records);
    });
  }

  /** From here on nothing counts that earlier holders may still write. */
  async #fence(token: number): Promise<void> {
    return this.#inTurn(async () => this.#add({ token }, () => {}));
  }

  #checkTurn(lease: Lease, expected: Sequence, { token, sequence }: Pick<Told, 'token' | 'sequence'>): void {
    if (token > lease.token) throw this.#lock.lose(lease);
    if (sequence !== expected) throw movedOn(expected, sequence);
  }

  /** Reads the journal only when somebody else has written to it since this process did. */
  async #add(record: JournalRecord, check: (known: Known) => void): Promise<void> {
    for (let tries = 1; tries <= maxTries; tries++) {
      const known = this.#known ?? (await this.#learn());
      this.#known = undefined;
      check(known);
      const tip = await appendAtTip(this.#folder, known, record);
      if (tip === undefined) continue;
      this.#known = { ...tip, token: record.token, sequence: known.sequence + ('event' in record ? 1 : 0) };
      return;
    }
    throw new GantryError('GL4013', 'the journal changes faster than it can be read', { where: this.#folder });
  }

  async #learn(): Promise<Known> {
    const state = await this.#load();
    const { sequence, token } = told(state.records);
    return { ...(await mendedTip(state)), sequence, token };
  }

  /** Damage may be the half of an append by another process; only what stays is believed. */
  async #load(): Promise<JournalState> {
    for (let looks = 1; ; looks++) {
      const had = await this.#lock.leastSequence();
      const state = await readCopies(this.#folder).catch((error: unknown) => {
        if (looks < this.#looks && isGantryError(error) && error.code === 'GL4013') return 'damaged' as const;
        throw error;
      });
      if (state !== 'damaged' && (looks === this.#looks || state === undefined || state.repair.length === 0))
        return this.#accept(state, had);
      await delay(lookPauseMs);
    }
  }

  /**
   * A store that exists and has no journal has lost it: nothing else is made before the journal.
   * @param had how many events there were at least, before the journal was read
   */
  #accept(state: JournalState | undefined, had: Sequence): JournalState {
    state?.notices.forEach((text) => this.#tell(text));
    if (state === undefined && hasMoreThanJournal(this.#folder)) throw this.#damaged('both copies of the journal are missing');
    const found = state ?? { records: [], bytes: journalHeader, repair: [], notices: [] };
    const { sequence } = told(found.records);
    if (sequence < had) throw this.#damaged(`both copies of the journal end after ${sequence} events, and there were ${had}`);
    return found;
  }

  #damaged(what: string): GantryError {
    return new GantryError('GL4013', what, { where: this.#folder });
  }

  #tell(text: string): void {
    if (this.#noticed.has(text)) return;
    this.#noticed.add(text);
    this.#notice(text);
  }

  async #checkFolder(): Promise<void> {
    const found = await lstat(this.#folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw await asDiskError(error, this.#folder);
    });
    if (found === undefined) return;
    if (!found.isDirectory()) throw notOurs(this.#folder, 'is not a folder');
    if (found.uid !== (process.getuid?.() ?? found.uid)) throw notOurs(this.#folder, `belongs to user ${found.uid}`);
    if ((found.mode & writableByOthers) !== 0) throw openToOthers(this.#folder, this.#folder);
  }
}

async function createIfNew(folder: string): Promise<void> {
  if (!hasMoreThanJournal(folder)) await createCopies(folder);
}

function hasMoreThanJournal(folder: string): boolean {
  return existsSync(join(folder, 'locks')) || existsSync(join(folder, 'blobs'));
}
