/** The contract of a store: an environment's memory, kept with the environment. */

/** Who holds the lock, shown to everyone who has to wait. */
export interface Holder {
  /** `ana@build-7`, or the user's name on a machine. */
  readonly who: string;
  readonly operation: string;
  /** ISO 8601, for people. */
  readonly since: string;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, and the boot's id: with the pid they name one process for ever. */
  readonly startTime: string;
  readonly bootId: string;
}

/**
 * Proof of being the only writer: a lease with its holder and a fencing token. A write with an older token than the newest is refused.
 * A lease lasts as long as its holder shows that it lives. A store that others reach over a network lets the holder renew it and lets it
 * lapse otherwise; for a folder of this machine, the process's entry in the process table (pid, start time, boot) and its answering
 * socket are the renewal: they end with the process, at once and without a clock.
 */
export interface Lease {
  readonly token: number;
  readonly holder: Holder;
  /** Aborted when the lease is lost, with GL4011 as the reason: soon after it happened, at the latest at the next append. */
  readonly lost: AbortSignal;
  /** Does nothing when the lease is lost. */
  release(): Promise<void>;
}

/** Number of events that were ever appended. */
export type Sequence = number;

/** What happened. `type` names it; the rest is JSON. */
export interface StoreEvent {
  readonly type: string;
  readonly at: string;
  readonly [key: string]: unknown;
}

export interface Journal {
  readonly sequence: Sequence;
  /** Those that are kept: all of them, until somebody calls `compact`. */
  readonly events: readonly StoreEvent[];
}

export interface Store {
  /** Fails with GR1001, naming the holder, while somebody alive holds it. */
  lock(holder: Holder): Promise<Lease>;
  /** Who holds the lock now. */
  holder(): Promise<Holder | undefined>;
  /**
   * Takes the lock away from whoever has it: the token rises, so that nothing which that one still writes is taken.
   * @returns who had it; undefined when nobody did
   */
  unlock(): Promise<Holder | undefined>;
  read(): Promise<Journal>;
  /** Text that is another one once anything was written to the journal; costs far less than reading it, however long it is. */
  stamp(): Promise<string>;
  /**
   * Appends when the journal still has `expected` events and the lease is the newest; fails otherwise. When it fails with anything but
   * GL4011 and GL4012, only `read` tells whether the event is there.
   */
  append(lease: Lease, expected: Sequence, event: StoreEvent): Promise<Sequence>;
  /**
   * Keeps these events in place of all so far, as one step; the sequence stays. Blobs that none of them names by its digest are removed.
   * Fails like `append`.
   */
  compact(lease: Lease, expected: Sequence, events: readonly StoreEvent[]): Promise<void>;
  /** SHA-256 of the blob, hex. */
  put(blob: Uint8Array): Promise<string>;
  get(digest: string): Promise<Uint8Array>;
}
