/** The lock of a folder store: a numbered file, a socket that ends with its holder, and a look now and then whether it is still ours. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asDiskError } from '../exec/files.ts';
import { amend, claim, newestHolder, type Claim } from '../exec/generations.ts';
import { isAlive } from '../exec/identity.ts';
import { askHolder, openHolderSocket, type HolderSocket } from './holder-socket.ts';
import { heldBy, lockLost } from './store-errors.ts';
import type { Holder, Lease, Sequence } from './store.ts';

/** What a lock's file says. */
interface LockRecord {
  readonly holder: Holder;
  readonly socket: string;
  /** How long the journal was when the lock was taken or given back: it cannot be shorter since. Missing in locks of earlier versions. */
  readonly sequence?: Sequence;
}

export interface Grant {
  readonly lease: Lease;
  /** The holder before did not give the lock back, and may still be writing. */
  readonly inherited: boolean;
}

/** What the journal says about earlier holders. */
export interface Before {
  readonly token: number;
  readonly sequence: Sequence;
}

/** How soon a holder learns, without writing anything, that the lock was taken away. */
const lookMs = 250;

/** Sockets of the locks that this process has not given back. Its disk may not have taken the news; it knows better than the file. */
const ours = new Set<string>();

interface Held {
  readonly claim: Claim;
  readonly lost: AbortController;
  sequence: Sequence;
}

export class FolderLock {
  readonly #folder: string;
  readonly #held = new WeakMap<Lease, Held>();

  /** @param store the folder of the store */
  constructor(store: string) {
    this.#folder = join(store, 'locks');
  }

  async holder(): Promise<Holder | undefined> {
    const newest = await newestHolder<LockRecord>(this.#folder);
    if (newest?.record === undefined || !newest.held) return undefined;
    return (await isHolding(newest.record)) ? newest.record.holder : undefined;
  }

  /** The journal had at least so many events when the lock was last taken or given back. */
  async leastSequence(): Promise<Sequence> {
    return (await newestHolder<LockRecord>(this.#folder))?.record?.sequence ?? 0;
  }

  /** @throws GantryError GR1001 while somebody alive holds it */
  async take(holder: Holder, { token, sequence }: Before): Promise<Grant> {
    const socket = await openHolderSocket(this.#folder, holder).catch(async (error: unknown) =>
      Promise.reject(await asDiskError(error, this.#folder)),
    );
    try {
      const record: LockRecord = { holder, socket: socket.path, sequence };
      const result = await claim<LockRecord>({ folder: this.#folder, record, isAlive: isHolding, floor: token });
      if ('holder' in result) throw heldBy(result.holder.holder);
      return { lease: this.#lease(record, result.claim, socket), inherited: result.claim.inherited };
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  /**
   * Takes the lock away from who has it now; whoever takes it meanwhile keeps it.
   * @param fence called with the new token before the lock is free
   */
  async unlock({ token: floor, sequence }: Before, fence: (token: number) => Promise<void>): Promise<Holder | undefined> {
    const newest = await newestHolder<LockRecord>(this.#folder);
    if (newest?.record === undefined || !newest.held) return undefined;
    const result = await claim<LockRecord>({
      folder: this.#folder,
      record: { ...newest.record, sequence },
      isAlive: async (_record, token) => token !== newest.token,
      floor,
    });
    if ('claim' in result) await freed(result.claim, fence);
    return newest.record.holder;
  }

  /** @throws GantryError GL4011 */
  async check(lease: Lease): Promise<void> {
    const held = this.#held.get(lease);
    if (held === undefined || !(await held.claim.isNewest())) throw this.lose(lease);
  }

  /** Tells the holder. */
  lose(lease: Lease): Error {
    const error = lockLost(lease);
    this.#held.get(lease)?.lost.abort(error);
    return error;
  }

  /** The holder has seen the journal with so many events. */
  seen(lease: Lease, sequence: Sequence): void {
    const held = this.#held.get(lease);
    if (held !== undefined) held.sequence = sequence;
  }

  #lease(record: LockRecord, own: Claim, socket: HolderSocket): Lease {
    const { holder, sequence = 0 } = record;
    ours.add(socket.path);
    const held: Held = { claim: own, lost: new AbortController(), sequence };
    const looking = setInterval(() => void this.check(lease).catch(() => undefined), lookMs).unref();
    const release = async (): Promise<void> => {
      clearInterval(looking);
      if (!this.#held.delete(lease)) return;
      ours.delete(socket.path);
      try {
        await this.#giveBack(record, held);
      } finally {
        await socket.close();
      }
    };
    const lease: Lease = { token: own.token, holder, lost: held.lost.signal, release };
    held.lost.signal.addEventListener('abort', () => clearInterval(looking), { once: true });
    this.#held.set(lease, held);
    return lease;
  }

  async #giveBack(record: LockRecord, { claim: own, sequence }: Held): Promise<void> {
    if (!(await own.isNewest())) return;
    if (sequence !== record.sequence) await amend(this.#folder, own.token, { ...record, sequence }).catch(() => undefined);
    await own.release();
  }
}

async function freed(taken: Claim, fence: (token: number) => Promise<void>): Promise<void> {
  try {
    await fence(taken.token);
  } finally {
    await taken.release();
  }
}

/** Alive is who answers on the socket, or who is found in the process table; the second also holds for a stopped process. */
async function isHolding({ holder, socket }: LockRecord): Promise<boolean> {
  if (await isAlive(holder)) return holder.pid !== process.pid || ours.has(socket);
  const answer = await askHolder(socket);
  if (answer?.pid === holder.pid && answer.startTime === holder.startTime) return true;
  await rm(socket, { force: true }).catch(() => undefined);
  return false;
}
