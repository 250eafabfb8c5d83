/** Numbered requests over a Unix socket, each answered by any number of events and then one result or error. */
import { createConnection, type Socket } from 'node:net';
import { fromWire, GantryError, type WireError } from '../../errors.ts';
import { readJsonLines, writeJsonLine } from './lines.ts';

export interface CallOptions {
  onEvent?(event: unknown): void;
  readonly signal?: AbortSignal;
  /** Without it the call waits for as long as the connection lasts. */
  readonly timeoutMs?: number;
}

export interface Channel {
  /** Sends `{ v, id, ...message }`. @throws GantryError what the peer says; GL1010 (connection lost); GL1011 (no answer in time) */
  call(message: object, options?: CallOptions): Promise<unknown>;
  close(): void;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
}

interface Pending {
  readonly options: CallOptions;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Answer {
  readonly id?: unknown;
  readonly event?: unknown;
  readonly result?: unknown;
  readonly error?: WireError;
}

/** Rejects with the system's error (ENOENT, ECONNREFUSED, EACCES) when nobody listens. */
export async function openChannel(socketPath: string, version: number): Promise<Channel> {
  const socket = await connected(socketPath);
  const pending = new Map<number, Pending>();
  let last = 0;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const call of pending.values()) call.reject(lost(socketPath));
      resolve();
    });
  });
  socket.on('error', () => socket.destroy());
  readJsonLines(socket, (message) => settle(pending, message));
  return {
    closed,
    close: () => void socket.destroy(),
    call: async (message, options = {}) => {
      options.signal?.throwIfAborted();
      if (socket.destroyed) throw lost(socketPath);
      last += 1;
      const id = last;
      const answer = waitFor(pending, id, options, socketPath, () => writeJsonLine(socket, { v: version, id, cancel: true }));
      writeJsonLine(socket, { v: version, id, ...message });
      return answer;
    },
  };
}

async function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function waitFor(
  pending: Map<number, Pending>,
  id: number,
  options: CallOptions,
  path: string,
  cancel: () => void,
): Promise<unknown> {
  const { signal, timeoutMs } = options;
  let onAbort = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<unknown>((resolve, reject) => {
      pending.set(id, { options, resolve, reject });
      onAbort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (timeoutMs !== undefined) timer = setTimeout(() => reject(silent(path, timeoutMs)), timeoutMs);
    });
  } catch (error) {
    if (pending.has(id)) cancel();
    throw error;
  } finally {
    pending.delete(id);
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function settle(pending: Map<number, Pending>, message: unknown): void {
  const answer = message as Answer;
  const call = typeof answer.id === 'number' ? pending.get(answer.id) : undefined;
  if (call === undefined || typeof answer.id !== 'number') return;
  if ('event' in answer) return call.options.onEvent?.(answer.event);
  pending.delete(answer.id);
  if (answer.error === undefined) call.resolve(answer.result);
  else call.reject(fromWire(answer.error));
}

function lost(path: string): GantryError {
  return new GantryError('GL1010', 'the connection was closed before the answer came', { where: path });
}

function silent(path: string, timeoutMs: number): GantryError {
  return new GantryError('GL1011', `no answer within ${timeoutMs / 1000} s`, { where: path });
}
