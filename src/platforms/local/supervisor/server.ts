/** Answers requests on the supervisor's socket. A peer that does not read loses events, never the supervisor's memory. */
import type { Socket } from 'node:net';
import { GantryError, isGantryError, type WireError } from '../../../errors.ts';
import { readJsonLines, writeJsonLine } from '../lines.ts';
import { protocolVersion, type Operation, type Operations } from '../protocol.ts';

export interface Call<O extends Operation> {
  emit(event: Operations[O]['event']): void;
  /** Aborted when the peer cancels the request or goes away. */
  readonly signal: AbortSignal;
}

export type Handlers = {
  readonly [O in Operation]: (params: Operations[O]['params'], call: Call<O>) => Promise<Operations[O]['result']>;
};

type AnyHandler = (params: unknown, call: { emit(event: unknown): void; readonly signal: AbortSignal }) => Promise<unknown>;

interface Incoming {
  readonly v?: unknown;
  readonly id?: unknown;
  readonly op?: unknown;
  readonly params?: unknown;
  readonly cancel?: unknown;
}

/** Events for a peer with more than this unread are dropped. */
const unreadLimit = 4 * 1024 * 1024;
const mostConnections = 256;

/** Operations that every version understands, so that an app can be stopped, and taken over, by another version of Gantry. */
const timeless: ReadonlySet<string> = new Set(['hello', 'stop', 'upgrade', 'relieve']);

export interface Reception {
  /** Takes a connection; must be listening for them before the socket does, or the first ones are lost. */
  accept(socket: Socket): void;
  /** Resolves when every connection has been closed. */
  closeAll(): Promise<void>;
}

export function reception(handlers: Handlers): Reception {
  const open = new Set<Socket>();
  return {
    accept(socket) {
      if (open.size >= mostConnections) return void socket.destroy();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      converse(socket, handlers);
    },
    closeAll: async () => {
      await Promise.all([...open].map(async (socket) => new Promise<void>((resolve) => closeSoon(socket, resolve))));
    },
  };
}

/** What has been answered is still read by the peer. */
function closeSoon(socket: Socket, done: () => void): void {
  const timer = setTimeout(() => socket.destroy(), 1000);
  socket.once('close', () => {
    clearTimeout(timer);
    done();
  });
  socket.end();
}

function converse(socket: Socket, handlers: Handlers): void {
  const running = new Map<number, AbortController>();
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    for (const call of running.values()) call.abort(new Error('the connection was closed'));
  });
  readJsonLines(socket, (message) => {
    const request = message as Incoming;
    if (typeof request.id !== 'number') return void socket.destroy();
    if (request.cancel === true) return running.get(request.id)?.abort(new Error('cancelled'));
    void answer(socket, handlers, request, request.id, running);
  });
}

async function answer(
  socket: Socket,
  handlers: Handlers,
  request: Incoming,
  id: number,
  running: Map<number, AbortController>,
): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const emit = (event: unknown): void => {
    if (socket.writableLength < unreadLimit) writeJsonLine(socket, { id, event });
  };
  try {
    const handler = handlerFor(handlers, request);
    writeJsonLine(socket, { id, result: await handler(request.params ?? {}, { emit, signal: abort.signal }) });
  } catch (error) {
    writeJsonLine(socket, { id, error: wire(error) });
  } finally {
    running.delete(id);
  }
}

function handlerFor(handlers: Handlers, { v, op }: Incoming): AnyHandler {
  if (typeof op !== 'string' || !Object.hasOwn(handlers, op))
    throw new GantryError('GL1013', `the supervisor does not know "${String(op)}"`);
  if (v === protocolVersion || timeless.has(op)) return handlers[op as Operation] as AnyHandler;
  throw new GantryError('GL1013', `the running supervisor speaks protocol ${protocolVersion}, this command ${String(v)}`);
}

/** A bug crosses the border as text; its stack is in the supervisor's log. */
function wire(error: unknown): WireError {
  if (isGantryError(error)) return error.toJSON();
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new GantryError('GL1014', error instanceof Error ? error.message : String(error), {
    lines: stack.split('\n').slice(1, 12),
  }).toJSON();
}
