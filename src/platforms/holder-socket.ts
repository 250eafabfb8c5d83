/** A sign of life that ends with its process: a Unix socket on which the holder of a lock says who it is. */
import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../exec/files.ts';
import type { Holder } from './store.ts';

export interface HolderSocket {
  readonly path: string;
  close(): Promise<void>;
}

/** The kernel cuts longer paths in silence. */
const longestPath = 100;
const answerTimeoutMs = 300;

export async function openHolderSocket(folder: string, holder: Holder): Promise<HolderSocket> {
  const path = await socketPath(folder);
  const server = createServer((socket) => answer(socket, `${JSON.stringify(holder)}\n`));
  await listen(server, path);
  server.unref();
  return { path, close: async () => close(server, path) };
}

/** Who asks and never hangs up must not keep the holder from closing. */
function answer(socket: Socket, text: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(text, () => socket.destroy());
}

async function socketPath(folder: string): Promise<string> {
  const name = `${randomBytes(6).toString('hex')}.sock`;
  const near = join(folder, name);
  if (Buffer.byteLength(near) <= longestPath) {
    await makeFolders(folder, 0o700);
    return near;
  }
  const short = join(tmpdir(), `gantry-${process.getuid?.() ?? 0}-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}-lock`);
  await makeFolders(short, 0o700);
  return join(short, name);
}

async function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

async function close(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(path, { force: true });
}

/** Who answers on the socket; undefined when nobody does. */
export async function askHolder(path: string): Promise<Holder | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection(path);
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(parse(text)));
  });
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
