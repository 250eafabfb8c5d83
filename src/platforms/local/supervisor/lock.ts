/** One supervisor per app folder: whoever listens on the socket is the supervisor. */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError } from '../../../errors.ts';
import { claim, type Claim } from '../../../exec/generations.ts';
import { identifySelf, isAlive, type Identity } from '../../../exec/identity.ts';

/** Takes connections from the very first on. */
type Accept = (socket: Socket) => void;

const patienceMs = 10_000;
const retryMs = 20;

/**
 * Listens on the socket, and replaces the file that a dead supervisor left. Starters take turns, so that none of them takes the fresh
 * socket of another for a stale one.
 * @throws GantryError GL1015 when a supervisor listens already, GL1016 when the folder is not private
 */
export async function claimSocket(path: string, accept: Accept): Promise<Server> {
  await privateFolder(dirname(path));
  const turn = await takeTurn(path);
  try {
    return await bind(path, accept);
  } finally {
    await turn.release();
  }
}

async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid))
    throw new GantryError('GL1016', `${folder} is not a folder of this user`, { where: folder });
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

async function takeTurn(path: string): Promise<Claim> {
  const record = await identifySelf();
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const result = await claim<Identity>({ folder: `${path}.turn`, record, isAlive });
    if ('claim' in result) return result.claim;
    if (await answers(path)) throw another(path);
    if (performance.now() > deadline)
      throw new GantryError('GL1015', `process ${result.holder.pid} is starting the supervisor`, { where: path });
    await delay(retryMs);
  }
}

async function bind(path: string, accept: Accept): Promise<Server> {
  try {
    return await listen(path, accept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  }
  if (await answers(path)) throw another(path);
  await unlink(path);
  return listen(path, accept);
}

async function listen(path: string, accept: Accept): Promise<Server> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function another(path: string): GantryError {
  return new GantryError('GL1015', 'another supervisor already looks after this folder', { where: path });
}
