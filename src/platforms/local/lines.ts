/** JSON objects over a stream, one a line, with a bound on what is held in memory. */
import type { Socket } from 'node:net';

const newline = 0x0a;
const longestLine = 64 * 1024 * 1024;

/** Calls back for every complete object. A line that is too long or is not JSON ends the connection: the peer speaks something else. */
export function readJsonLines(socket: Socket, onMessage: (message: unknown) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  socket.on('data', (data: Buffer) => {
    let from = 0;
    for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline, from)) {
      chunks.push(data.subarray(from, end));
      from = end + 1;
      deliver(socket, Buffer.concat(chunks.splice(0)), onMessage);
      size = 0;
    }
    if (from < data.length) chunks.push(data.subarray(from));
    size += data.length - from;
    if (size > longestLine) socket.destroy(new Error('a line is too long'));
  });
}

function deliver(socket: Socket, line: Buffer, onMessage: (message: unknown) => void): void {
  if (line.length === 0 || socket.destroyed) return;
  const message = parse(line);
  if (message === undefined) socket.destroy(new Error('a line is not a JSON object'));
  else onMessage(message);
}

function parse(line: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writeJsonLine(socket: Socket, message: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
