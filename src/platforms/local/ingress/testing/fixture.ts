/** For the tests of the ingress: an ingress in this process, backends, raw sockets. Everything is closed by `close`. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { defaultLimits, Ingress, type IngressOptions } from '../ingress.ts';
import type { ReplicaAddress, RouteTable, RoutingTable } from '../table.ts';

export class Fixture {
  readonly ingress: Ingress;
  port = 0;
  #version = 0;
  readonly #closers: (() => void)[] = [];

  constructor(options: IngressOptions = {}) {
    this.ingress = new Ingress(options);
  }

  static async start(options: IngressOptions = {}): Promise<Fixture> {
    const fixture = new Fixture(options);
    fixture.port = await fixture.ingress.listen({ port: 0, host: '127.0.0.1' });
    return fixture;
  }

  /** An HTTP backend; resolves with its port. */
  async backend(listener: RequestListener, prepare: (server: Server) => void = () => {}): Promise<number> {
    const server = createServer(listener);
    prepare(server);
    this.#closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return listening(server);
  }

  /** A backend that is nothing but a socket. */
  async rawBackend(onConnection: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    this.#closers.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return listening(server);
  }

  /** Puts a table in force with one service at `/` and whatever else is given. */
  async route(replicas: readonly ReplicaAddress[], more: Partial<RoutingTable> = {}, routes: readonly RouteTable[] = []): Promise<void> {
    await this.apply({
      live: { release: 'r1', routes: [{ kind: 'service', service: 'web', prefix: '/', replicas }, ...routes], internal: [] },
      ...more,
    });
  }

  async apply(table: Partial<RoutingTable>): Promise<void> {
    this.#version += 1;
    await this.ingress.apply({ version: this.#version, limits: defaultLimits, share: 0, setKey: 'key', live: null, next: null, ...table });
  }

  /** Sends bytes and resolves with all that comes back until the ingress closes, or until `until` is seen. */
  async raw(bytes: string | Buffer, until?: string): Promise<string> {
    return exchangeBytes(this.port, bytes, until);
  }

  onClose(closer: () => void): void {
    this.#closers.push(closer);
  }

  close(): void {
    this.ingress.destroy();
    for (const closer of this.#closers) closer();
  }
}

export function ready(id: string, port: number): ReplicaAddress {
  return { id, port, state: 'ready' };
}

export async function exchangeBytes(port: number, bytes: string | Buffer, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of the answer within 8 s; so far: ${JSON.stringify(text.slice(0, 300))}`));
    }, 8_000);
    let text = '';
    const done = () => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(text);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (until !== undefined && text.includes(until)) done();
    });
    socket.on('close', done);
    socket.on('error', () => undefined);
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

export async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Waits until something holds, looking often, and fails with its name. */
export async function eventually(what: string, holds: () => boolean, withinMs = 8_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; !holds(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

/** Answers with what it got, as JSON. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  bodyOf(request).then(
    (body) => {
      const { method, url, headers, rawHeaders } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, headers, rawHeaders, body }));
    },
    () => response.destroy(),
  );
}

async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
