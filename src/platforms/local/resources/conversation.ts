/** A short exchange of bytes with a server, within one deadline for all of it. */
import { createConnection, type Socket } from 'node:net';

export interface Conversation {
  write(bytes: Buffer | string): void;
  /** Exactly that many bytes. */
  read(length: number): Promise<Buffer>;
  /** Up to and with the given byte. */
  readThrough(byte: number): Promise<Buffer>;
  close(): void;
}

/** Connects; every read fails once the time is over or the server has closed the connection. */
export async function connect(host: string, port: number, timeoutMs: number): Promise<Conversation> {
  const socket = createConnection({ host, port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    await opened(socket);
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
  const inbox = collect(socket);
  const close = (): void => {
    clearTimeout(timer);
    socket.destroy();
  };
  return { write: (bytes) => void socket.write(bytes), read: inbox.read, readThrough: inbox.readThrough, close };
}

async function opened(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', (error) => reject(error));
  });
}

interface Inbox {
  read(length: number): Promise<Buffer>;
  readThrough(byte: number): Promise<Buffer>;
}

function collect(socket: Socket): Inbox {
  let bytes = Buffer.alloc(0);
  let ended: Error | undefined;
  let wake: () => void = () => undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    wake();
  });
  socket.on('error', end);
  socket.on('close', () => end(new Error('it closed the connection')));
  /** `size` gives how many bytes make the next piece, or undefined while they are not there. */
  const take = async (size: () => number | undefined): Promise<Buffer> => {
    for (;;) {
      const length = size();
      if (length !== undefined) {
        const piece = bytes.subarray(0, length);
        bytes = bytes.subarray(length);
        return piece;
      }
      if (ended !== undefined) throw ended;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const through = (byte: number): number | undefined => {
    const index = bytes.indexOf(byte);
    return index < 0 ? undefined : index + 1;
  };
  return {
    read: async (length) => take(() => (bytes.length >= length ? length : undefined)),
    readThrough: async (byte) => take(() => through(byte)),
  };
}
