/** The store of an environment that lives on this machine: a folder with a journal, blobs, and a lock that dies with its holder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDiskError, makeFolders, writeDurably } from '../exec/files.ts';
import { claim, holderIn, type Claim } from '../exec/generations.ts';
import { isAlive } from '../exec/identity.ts';
import { GantryError, isGantryError } from '../errors.ts';
import { askHolder, openHolderSocket, type HolderSocket } from './holder-socket.ts';
import { appendToCopies, createCopies, notOurs, readCopies, type JournalState } from './journal-copies.ts';
import type { JournalRecord } from './journal-file.ts';
import { heldBy, movedOn } from './store-errors.ts';
import type { Holder, Journal, Lease, Sequence, Store, StoreEvent } from './store.ts';

export interface FolderStoreOptions {
  /** Gets a sentence when damage was found and mended; by default a warning of the process. Each sentence once. */
  notice?(text: string): void;
}

const maxLooks = 4;
const lookPauseMs = 15;

/** What a lock's file says. */
interface LockRecord {
  readonly holder: Holder;
  readonly socket: string;
}

/** @param folder made when it is first written to; its parent exists */
export function folderStore(folder: string, options: FolderStoreOptions = {}): Store {
  return new FolderStore(folder, options.notice ?? warn);
}

function warn(text: string): void {
  process.emitWarning(text, { code: 'GANTRY_STORE' });
}

class FolderStore implements Store {
  readonly #folder: string;
  readonly #notice: (text: string) => void;
  readonly #noticed = new Set<string>();
  readonly #claims = new WeakMap<Lease, { readonly claim: Claim; readonly lost: AbortController }>();
  /** Reads and appends of this process, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, notice: (text: string) => void) {
    this.#folder = folder;
    this.#notice = notice;
  }

  async lock(holder: Holder): Promise<Lease> {
    await this.#checkFolder();
    const present = await this.holder();
    if (present !== undefined) throw heldBy(present);
    await createIfNew(this.#folder);
    const { records } = await this.#load();
    const socket = await openHolderSocket(this.#locks(), holder).catch(async (error: unknown) =>
      Promise.reject(await asDiskError(error, this.#folder)),
    );
    try {
      const result = await claim<LockRecord>({
        folder: this.#locks(),
        record: { holder, socket: socket.path },
        isAlive: isHolding,
        floor: newestToken(records),
      });
      if ('holder' in result) throw heldBy(result.holder.holder);
      return this.#lease(holder, result.claim, socket);
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  async holder(): Promise<Holder | undefined> {
    const record = await holderIn<LockRecord>(this.#locks());
    return record !== undefined && (await isHolding(record)) ? record.holder : undefined;
  }

  async unlock(): Promise<Holder | undefined> {
    await this.#checkFolder();
    const record = await holderIn<LockRecord>(this.#locks());
    if (record === undefined) return undefined;
    const { records } = await this.#load();
    const result = await claim<LockRecord>({ folder: this.#locks(), record, isAlive: async () => false, floor: newestToken(records) });
    if ('claim' in result) await result.claim.release();
    return record.holder;
  }

  async read(): Promise<Journal> {
    return this.#inTurn(async () => {
      await this.#checkFolder();
      const { records } = await this.#load();
      const events = effective(records).map(({ event }) => event);
      return { sequence: events.length, events };
    });
  }

  async append(lease: Lease, expected: Sequence, event: StoreEvent): Promise<Sequence> {
    return this.#inTurn(async () => this.#append(lease, expected, event));
  }

  async put(blob: Uint8Array): Promise<string> {
    await this.#checkFolder();
    await createIfNew(this.#folder);
    const digest = digestOf(blob);
    const file = this.#blob(digest);
    if (await holds(file, digest)) return digest;
    try {
      await makeFolders(dirname(file), 0o700);
      await writeDurably(file, blob);
    } catch (error) {
      throw await asDiskError(error, file);
    }
    return digest;
  }

  async get(digest: string): Promise<Uint8Array> {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new GantryError('GL4015', `"${digest}" is not a digest`);
    const file = this.#blob(digest);
    const blob = await readFile(file).catch(async (error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new GantryError('GL4015', `${file} is missing`, { where: file }) : await asDiskError(error, file);
    });
    if (digestOf(blob) !== digest) throw new GantryError('GL4015', `the content of ${file} does not match its digest`, { where: file });
    return blob;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #locks(): string {
    return join(this.#folder, 'locks');
  }

  #blob(digest: string): string {
    return join(this.#folder, 'blobs', digest.slice(0, 2), digest);
  }

  async #append(lease: Lease, expected: Sequence, event: StoreEvent): Promise<Sequence> {
    await this.#checkLease(lease);
    const state = await this.#load();
    const { length } = effective(state.records);
    if (newestToken(state.records) > lease.token) throw this.#lose(lease);
    if (length !== expected) throw movedOn(expected, length);
    await appendToCopies(this.#folder, state, { token: lease.token, event });
    return length + 1;
  }

  async #checkLease(lease: Lease): Promise<void> {
    const known = this.#claims.get(lease);
    if (known === undefined || !(await known.claim.isNewest())) throw this.#lose(lease);
  }

  #lose(lease: Lease): GantryError {
    const error = new GantryError('GL4011', `the lock of ${lease.holder.who} (${lease.holder.operation}) is not valid any more`, {
      where: this.#folder,
    });
    this.#claims.get(lease)?.lost.abort(error);
    return error;
  }

  #lease(holder: Holder, held: Claim, socket: HolderSocket): Lease {
    const lost = new AbortController();
    const release = async (): Promise<void> => {
      if (!this.#claims.delete(lease)) return;
      await held.release();
      await socket.close();
    };
    const lease: Lease = { token: held.token, holder, lost: lost.signal, release };
    this.#claims.set(lease, { claim: held, lost });
    return lease;
  }

  /** Damage may be the half of an append by another process; only what stays is believed. */
  async #load(): Promise<JournalState> {
    for (let looks = 1; ; looks++) {
      const state = await readCopies(this.#folder).catch((error: unknown) => {
        if (looks < maxLooks && isGantryError(error) && error.code === 'GL4013') return 'damaged' as const;
        throw error;
      });
      if (state !== 'damaged' && (looks === maxLooks || state === undefined || state.repair.length === 0)) return this.#accept(state);
      await delay(lookPauseMs);
    }
  }

  /** A store that exists and has no journal has lost it: nothing else is made before the journal. */
  #accept(state: JournalState | undefined): JournalState {
    state?.notices.forEach((text) => this.#tell(text));
    if (state !== undefined) return state;
    if (hasMoreThanJournal(this.#folder))
      throw new GantryError('GL4013', `both copies of the journal are missing from ${this.#folder}`, { where: this.#folder });
    return { records: [], bytes: Buffer.alloc(0), repair: [], notices: [] };
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
  }
}

async function createIfNew(folder: string): Promise<void> {
  if (!hasMoreThanJournal(folder)) await createCopies(folder);
}

function hasMoreThanJournal(folder: string): boolean {
  return existsSync(join(folder, 'locks')) || existsSync(join(folder, 'blobs'));
}

/** Alive is who answers on the socket, or who is found in the process table; the second also holds for a stopped process. */
async function isHolding({ holder, socket }: LockRecord): Promise<boolean> {
  if (await isAlive(holder)) return true;
  const answer = await askHolder(socket);
  if (answer?.pid === holder.pid && answer.startTime === holder.startTime) return true;
  await rm(socket, { force: true }).catch(() => undefined);
  return false;
}

function newestToken(records: readonly JournalRecord[]): number {
  return records.reduce((newest, { token }) => Math.max(newest, token), 0);
}

/** A record with an older token than one before it was written by somebody who had lost the lock: it never happened. */
function effective(records: readonly JournalRecord[]): readonly JournalRecord[] {
  let newest = 0;
  return records.filter(({ token }) => {
    newest = Math.max(newest, token);
    return token === newest;
  });
}

function digestOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('hex');
}

async function holds(file: string, digest: string): Promise<boolean> {
  return readFile(file).then(
    (blob) => digestOf(blob) === digest,
    () => false,
  );
}
