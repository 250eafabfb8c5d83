/** The supervisor of an app folder, as others ask it. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { GantryError } from '../../errors.ts';
import { openChannel, type Channel } from './channel.ts';
import { handoverFile } from './places.ts';
import { protocolVersion, type Operation, type Operations } from './protocol.ts';

export interface RequestOptions<O extends Operation> {
  onEvent?(event: Operations[O]['event']): void;
  /** Cancels the request at the supervisor where that is safe; what must be finished goes on without an audience. */
  readonly signal?: AbortSignal;
}

export interface Client {
  /** @throws GantryError what the supervisor says; GL1010 when it ends before it has answered */
  request<O extends Operation>(op: O, params: Operations[O]['params'], options?: RequestOptions<O>): Promise<Operations[O]['result']>;
  close(): void;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
}

const handoverMs = 20_000;
const retryMs = 10;

/** Waits while one supervisor makes way for another. @throws GantryError GL1001 when no supervisor listens there */
export async function connect(socketPath: string): Promise<Client> {
  const channel = await open(socketPath).catch((error: unknown) => {
    throw unreachable(error, socketPath);
  });
  const request: Client['request'] = async (op, params, options = {}) => {
    return (await channel.call({ op, params }, options)) as Operations[typeof op]['result'];
  };
  return { request, close: channel.close, closed: channel.closed };
}

async function open(socketPath: string): Promise<Channel> {
  for (;;) {
    try {
      return await openChannel(socketPath, protocolVersion);
    } catch (error) {
      if (!isHandingOver(socketPath)) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

function isHandingOver(socketPath: string): boolean {
  const since = statSync(handoverFile(dirname(socketPath)), { throwIfNoEntry: false })?.mtimeMs;
  return since !== undefined && Math.abs(Date.now() - since) < handoverMs;
}

function unreachable(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return new GantryError('GL1001', 'the app does not run', { where: path, cause: error });
  if (code === 'EACCES') return new GantryError('GL1012', 'the app runs as another user', { where: path, cause: error });
  return error;
}
