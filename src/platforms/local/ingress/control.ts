/** The ingress's own Unix socket: one JSON object a line, each answered by one line. */
import { rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { GantryError, isGantryError, type WireError } from '../../../errors.ts';
import type { IngressRequest } from './table.ts';

const maxLineBytes = 16 * 1024 * 1024;

/** Performs one request; what it resolves with is sent back. */
export type Perform = (request: IngressRequest) => Promise<unknown>;

export interface Control {
  close(): void;
}

/**
 * Listens at `path`. A predecessor that listens there keeps its open connections; new ones come here from then on.
 */
export async function listenForControl(path: string, perform: Perform): Promise<Control> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, perform);
  });
  const own = join(dirname(path), `i${process.pid}`);
  await rm(own, { force: true });
  await listen(server, own);
  await rename(own, path);
  return {
    close() {
      server.close();
      for (const socket of connections) socket.end();
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function serve(socket: Socket, perform: Perform): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') void answer(socket, line, perform);
    if (pending.length > maxLineBytes) socket.destroy();
  });
}

async function answer(socket: Socket, line: string, perform: Perform): Promise<void> {
  let id = 0;
  try {
    const request = parse(line);
    ({ id } = request);
    reply(socket, { id, result: await perform(request) });
  } catch (error) {
    reply(socket, { id, error: wire(error) });
  }
}

function reply(socket: Socket, message: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

function parse(line: string): IngressRequest {
  const message = tryJson(line);
  if (typeof message !== 'object' || message === null || !('op' in message)) throw unknown('it is not a request');
  const { v, id } = message as Partial<IngressRequest>;
  if (v !== 1) throw unknown(`it has protocol version ${String(v)}, this ingress speaks 1`);
  if (typeof id !== 'number') throw unknown('it has no id');
  return message as IngressRequest;
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function unknown(why: string): GantryError {
  return new GantryError('GL2005', `the ingress cannot read a message: ${why}`);
}

function wire(error: unknown): WireError {
  return isGantryError(error) ? error.toJSON() : new GantryError('GL2005', String(error), { cause: error }).toJSON();
}
