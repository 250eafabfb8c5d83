/** The dashboard's server: pages and API on this machine's own address, for whoever has the link. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAccess, type Access } from '../access/access.ts';
import type { Parts } from '../parts.ts';
import { createRouter } from './router.ts';
import { refusalOf } from './gate.ts';
import { securityHeaders } from './headers.ts';
import { bodyOf, type Refused } from './refusal.ts';
import { createStreams } from './streams.ts';

export interface ServerOptions {
  /** Stay the caller's: they are not closed with the server. */
  readonly parts: Parts;
  /** Folder of the built pages: index.html and assets/. */
  readonly pages: string;
  /** Tried first; while it is taken, the next ones up to 100 further. 0: any that is free. */
  readonly port?: number;
  /** Told what a route threw that no person can do anything about. */
  readonly onBug?: (error: unknown) => void;
  readonly access?: Access;
  /** Between two signs of life on an event stream. */
  readonly beatMs?: number;
  /** API requests that one session may make in ten seconds. */
  readonly mostRequests?: number;
  /** How long a client may take for the head of a request, and for all of it, ms. */
  readonly patience?: { readonly headMs: number; readonly requestMs: number };
}

export interface RunningServer {
  /** `http://127.0.0.1:8081` */
  readonly url: string;
  readonly port: number;
  /** The address with a fresh word behind `#`, by which one browser can sign in. */
  link(): string;
  /** Ends event streams and connections. */
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** Ports after the first that are tried. */
const furtherPorts = 100;

/** A request that is under way when the server closes has this long. */
const closingMs = 500;

const usualPatience = { headMs: 10_000, requestMs: 15_000 };
const keepAliveMs = 60_000;
const mostHeaderBytes = 16 * 1024;
const mostConnections = 512;

/** @throws the system's error when no port can be had */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const access = options.access ?? createAccess();
  const streams = createStreams(options.parts, options.beatMs ?? 5000);
  const router = await createRouter({ ...options, access, streams });
  const server = newServer(options, (request, response) => answer(server, router.routing, request, response));
  const end = async (): Promise<void> => {
    streams.close();
    await closeServer(server);
    await router.close();
  };
  const port = await listen(server, options.port ?? 0).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  const url = `http://${host}:${port}`;
  return { url, port, link: () => `${url}/#launch=${access.launchWord()}`, close: end };
}

function newServer({ patience = usualPatience }: ServerOptions, handler: Handler): Server {
  const server = createServer(
    {
      maxHeaderSize: mostHeaderBytes,
      headersTimeout: patience.headMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.headMs / 5,
      keepAliveTimeout: keepAliveMs,
      // The gate refuses it, with all headers.
      requireHostHeader: false,
    },
    handler,
  );
  server.maxConnections = mostConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseUnreadable(error, socket as Socket));
  return server;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Headers come first, so that every answer has them, whoever makes it. */
function answer(server: Server, handle: Handler, request: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  const refusal = refusalOf(request, portOf(server));
  if (refusal) refuse(request, response, refusal);
  else handle(request, response);
}

/** What the request still carries is not read: the connection ends with the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refused): void {
  const body = JSON.stringify(bodyOf(refusal));
  const headers = { ...refusal.headers, 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(refusal.status, { ...headers, connection: 'close' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const unreadable: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Not HTTP, too long, or too slow: there is no request to answer. */
function refuseUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const headers = Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = unreadable[code] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('')}connection: close\r\ncontent-length: 0\r\n\r\n`);
}

async function listen(server: Server, first: number): Promise<number> {
  for (let port = first; ; port++) {
    try {
      await listenOn(server, port);
      return portOf(server);
    } catch (error) {
      const isTaken = ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!isTaken || port === 0 || port >= Math.min(first + furtherPorts, 65_535)) throw error;
    }
  }
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      server.off('error', onError).off('listening', onListening);
      end();
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onListening = (): void => settle(resolve);
    server.once('error', onError).once('listening', onListening);
    server.listen({ host, port, exclusive: true });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), closingMs);
  await closed;
  clearTimeout(force);
}
