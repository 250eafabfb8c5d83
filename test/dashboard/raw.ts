/** A client that sends exactly what it is told, as no decent client would. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** Lines, as they are sent. */
  readonly headers?: readonly string[];
  /** Undefined: the right one. Null: none. */
  readonly host?: string | null;
  readonly body?: string;
}

/** The request as text; its connection ends with the answer. */
export function written(
  port: number,
  { method = 'GET', target = '/', version = '1.1', headers = [], host, body = '' }: RawRequest,
): string {
  const named = host === null ? [] : [`Host: ${host ?? `127.0.0.1:${port}`}`];
  const sized = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  return [`${method} ${target} HTTP/${version}`, ...named, ...headers, ...sized, 'Connection: close', '', body].join('\r\n');
}

/** Sends the text and reads until the other side ends. @throws when it does not within `deadlineMs` */
export function exchange(port: number, text: string, deadlineMs = 30_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    const timer = setTimeout(() => socket.destroy(new Error('no end of the answer')), deadlineMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve(read(Buffer.concat(parts).toString('latin1')));
    };
    socket.on('data', (part) => parts.push(part));
    socket.on('close', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // What the server did not read makes the kernel reset the connection; the answer has come before.
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
  });
}

function read(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    (headers[line.slice(0, at).toLowerCase()] ??= []).push(line.slice(at + 1).trim());
  }
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}
