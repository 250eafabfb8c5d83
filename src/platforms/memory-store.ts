/** A store in memory, for tests: it obeys the contract, and can be slow, refuse and crash on demand. */
import { createHash } from 'node:crypto';
import { GantryError } from '../errors.ts';
import { heldBy, movedOn } from './store-errors.ts';
import type { Holder, Lease, Store, StoreEvent } from './store.ts';

export type StoreOperation = 'lock' | 'unlock' | 'holder' | 'read' | 'append' | 'put' | 'get';

/**
 * conflict: somebody else wrote first. before: the caller dies before anything was stored. after: the caller dies after it was stored,
 * without learning that.
 */
export type Fault = 'conflict' | 'crash-before' | 'crash-after';

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
  readonly events: StoreEvent[];
  readonly blobs: Map<string, Uint8Array>;
  token: number;
  lease: { readonly lease: Lease; readonly lost: AbortController } | undefined;
}

export function createMemory(): Memory {
  return { events: [], blobs: new Map(), token: 0, lease: undefined };
}

/** What a `crash` fault throws; it is no GantryError, because in truth nobody would be left to catch it. */
export class SimulatedCrash extends Error {
  constructor(operation: StoreOperation) {
    super(`simulated crash in ${operation}`);
    this.name = 'SimulatedCrash';
  }
}

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const memory = options.memory ?? createMemory();
  const perform = async <T>(operation: StoreOperation, work: () => T): Promise<T> => {
    await options.latency?.(operation);
    const fault = options.fault?.(operation);
    if (fault === 'conflict') throw movedOn(memory.events.length, memory.events.length + 1);
    if (fault === 'crash-before') throw new SimulatedCrash(operation);
    const result = work();
    if (fault === 'crash-after') throw new SimulatedCrash(operation);
    return result;
  };
  return {
    lock: async (holder) => perform('lock', () => lock(memory, holder, options)),
    unlock: async () => perform('unlock', () => unlock(memory)),
    holder: async () => perform('holder', () => liveHolder(memory, options)),
    read: async () => perform('read', () => ({ sequence: memory.events.length, events: structuredClone(memory.events) })),
    append: async (lease, expected, event) => perform('append', () => append(memory, lease, expected, event)),
    put: async (blob) => perform('put', () => put(memory, blob)),
    get: async (digest) => perform('get', () => get(memory, digest)),
  };
}

function lock(memory: Memory, holder: Holder, options: MemoryStoreOptions): Lease {
  const present = liveHolder(memory, options);
  if (present !== undefined) throw heldBy(present);
  memory.lease?.lost.abort();
  const lost = new AbortController();
  const release = async (): Promise<void> => {
    if (memory.lease?.lease === lease) memory.lease = undefined;
  };
  const lease: Lease = { token: ++memory.token, holder, lost: lost.signal, release };
  memory.lease = { lease, lost };
  return lease;
}

function unlock(memory: Memory): Holder | undefined {
  const { lease } = memory;
  memory.token += 1;
  memory.lease = undefined;
  lease?.lost.abort();
  return lease?.lease.holder;
}

function liveHolder(memory: Memory, { isAlive }: MemoryStoreOptions): Holder | undefined {
  const holder = memory.lease?.lease.holder;
  return holder !== undefined && (isAlive?.(holder) ?? true) ? holder : undefined;
}

function append(memory: Memory, lease: Lease, expected: number, event: StoreEvent): number {
  if (memory.lease?.lease !== lease)
    throw new GantryError('GL4011', `the lock of ${lease.holder.who} (${lease.holder.operation}) is not valid any more`);
  if (memory.events.length !== expected) throw movedOn(expected, memory.events.length);
  return memory.events.push(structuredClone(event));
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
