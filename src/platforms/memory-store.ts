/** A store in memory, for tests: it obeys the contract, and can be slow, refuse and crash on demand. */
import { createHash } from 'node:crypto';
import { GantryError } from '../errors.ts';
import { digestsIn } from './digests.ts';
import { heldBy, lockLost, movedOn } from './store-errors.ts';
import type { Holder, Lease, Store, StoreEvent } from './store.ts';

export type StoreOperation = 'lock' | 'unlock' | 'release' | 'holder' | 'read' | 'stamp' | 'append' | 'compact' | 'put' | 'get';

/**
 * conflict: somebody else wrote first. refused: the disk took nothing. unanswered: it was stored, and the caller is told of an error.
 * crash-before: the caller dies before anything was stored. crash-after: it dies after it was stored, without learning that.
 */
export type Fault = 'conflict' | 'refused' | 'unanswered' | 'crash-before' | 'crash-after';

export interface MemoryStoreOptions {
  /** What is shared by several stores of one environment; a store of its own without it. */
  readonly memory?: Memory;
  /** Waits before each operation. */
  latency?(operation: StoreOperation): Promise<void>;
  /** What goes wrong with this operation, if anything. */
  fault?(operation: StoreOperation): Fault | undefined;
  /** Whether a holder lives; a dead one's lock is taken over. By default all live. */
  isAlive?(holder: Holder): boolean;
}

/** The environment's memory itself: what survives every caller. */
export interface Memory {
  events: StoreEvent[];
  /** Events that compaction has left out. */
  skipped: number;
  readonly blobs: Map<string, Uint8Array>;
  token: number;
  lease: { readonly lease: Lease; readonly lost: AbortController } | undefined;
}

export function createMemory(): Memory {
  return { events: [], skipped: 0, blobs: new Map(), token: 0, lease: undefined };
}

/** What a `crash` fault throws; it is no GantryError, because in truth nobody would be left to catch it. */
export class SimulatedCrash extends Error {
  constructor(operation: string) {
    super(`simulated crash in ${operation}`);
    this.name = 'SimulatedCrash';
  }
}

type Perform = <T>(operation: StoreOperation, work: () => T) => Promise<T>;

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const memory = options.memory ?? createMemory();
  const perform: Perform = async (operation, work) => {
    await options.latency?.(operation);
    const fault = options.fault?.(operation);
    if (fault === 'conflict') throw movedOn(memory.events.length, memory.events.length + 1);
    if (fault === 'refused') throw new GantryError('GX2001', `no space left for ${operation}`);
    if (fault === 'crash-before') throw new SimulatedCrash(operation);
    const result = work();
    if (fault === 'crash-after') throw new SimulatedCrash(operation);
    if (fault === 'unanswered') throw new GantryError('GX2004', `the disk reports an error after ${operation}`);
    return result;
  };
  return {
    lock: async (holder) => perform('lock', () => lock(memory, holder, options, perform)),
    unlock: async () => perform('unlock', () => unlock(memory)),
    holder: async () => perform('holder', () => liveHolder(memory, options)),
    read: async () => perform('read', () => ({ sequence: sequenceOf(memory), events: structuredClone(memory.events) })),
    stamp: async () => perform('stamp', () => `${sequenceOf(memory)} ${memory.events.length}`),
    append: async (lease, expected, event) => perform('append', () => append(memory, lease, expected, event)),
    compact: async (lease, expected, events) => perform('compact', () => compact(memory, lease, expected, events)),
    put: async (blob) => perform('put', () => put(memory, blob)),
    get: async (digest) => perform('get', () => get(memory, digest)),
  };
}

function lock(memory: Memory, holder: Holder, options: MemoryStoreOptions, perform: Perform): Lease {
  const present = liveHolder(memory, options);
  if (present !== undefined) throw heldBy(present);
  lose(memory);
  const lost = new AbortController();
  const release = async (): Promise<void> =>
    perform('release', () => {
      if (memory.lease?.lease === lease) memory.lease = undefined;
    });
  const lease: Lease = { token: ++memory.token, holder, lost: lost.signal, release };
  memory.lease = { lease, lost };
  return lease;
}

function unlock(memory: Memory): Holder | undefined {
  const holder = memory.lease?.lease.holder;
  memory.token += 1;
  lose(memory);
  return holder;
}

function lose(memory: Memory): void {
  const { lease } = memory;
  memory.lease = undefined;
  lease?.lost.abort(lockLost(lease.lease));
}

function liveHolder(memory: Memory, { isAlive }: MemoryStoreOptions): Holder | undefined {
  const holder = memory.lease?.lease.holder;
  return holder !== undefined && (isAlive?.(holder) ?? true) ? holder : undefined;
}

function sequenceOf({ events, skipped }: Memory): number {
  return skipped + events.length;
}

function checkTurn(memory: Memory, lease: Lease, expected: number): void {
  if (memory.lease?.lease !== lease) throw lockLost(lease);
  if (sequenceOf(memory) !== expected) throw movedOn(expected, sequenceOf(memory));
}

function append(memory: Memory, lease: Lease, expected: number, event: StoreEvent): number {
  checkTurn(memory, lease, expected);
  memory.events.push(structuredClone(event));
  return expected + 1;
}

function compact(memory: Memory, lease: Lease, expected: number, events: readonly StoreEvent[]): void {
  checkTurn(memory, lease, expected);
  const kept = digestsIn(events);
  memory.events = structuredClone([...events]);
  memory.skipped = expected - events.length;
  for (const digest of memory.blobs.keys()) if (!kept.has(digest)) memory.blobs.delete(digest);
}

function put(memory: Memory, blob: Uint8Array): string {
  const digest = createHash('sha256').update(blob).digest('hex');
  memory.blobs.set(digest, Uint8Array.from(blob));
  return digest;
}

function get(memory: Memory, digest: string): Uint8Array {
  const blob = memory.blobs.get(digest);
  if (blob === undefined) throw new GantryError('GL4015', `there is no blob ${digest}`);
  return Uint8Array.from(blob);
}
