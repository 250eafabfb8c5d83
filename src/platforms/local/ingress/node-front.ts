/** The front on node:http: its parser is strict and maintained; what it still lets pass is refused in headers.ts. */
import { IncomingMessage, ServerResponse, createServer, type Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { rawAnswer } from './answers.ts';
import type { Front, FrontEvents, FrontRequest, FrontSettings, OnRefused } from './front.ts';
import { headerValue } from './headers.ts';

/** A client that pipelines more than this is not a browser. */
const maxPipelined = 32;
/** How long the rest of a body is thrown away after an early answer, so that the client reads the answer rather than a reset. */
const lingerMs = 1_000;
/** A client that sends just when it thinks the connection has been idle for as long as it may be must still find it open. */
const idleSlackMs = 1_000;

class Connection {
  readonly socket: Socket;
  readonly remoteAddress: string;
  open = 0;
  /** The last answer has been given: whatever else the client has sent is not read as a request. */
  closing = false;
  idleSince = performance.now();
  #readSoFar = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    const address = socket.remoteAddress ?? '';
    this.remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address;
  }

  becomeIdle(): void {
    this.idleSince = performance.now();
    this.#readSoFar = this.socket.bytesRead;
  }

  /** The beginning of a request has arrived; its rest is given the time that a head may take. */
  get isReading(): boolean {
    return this.socket.bytesRead !== this.#readSoFar;
  }
}

const connectionKey = Symbol('connection');
const servedKey = Symbol('served');
type KnownResponse = ServerResponse & {
  [servedKey]?: { readonly front: NodeRequest; readonly connection: Connection; readonly idle: Set<Connection> };
};
/** What Node does not promise, but has had ever since: the socket's own object knows its descriptor. */
type KnownServer = Server & { readonly _handle?: { readonly fd?: number } | null };
type KnownSocket = Duplex & { [connectionKey]?: Connection };

/**
 * Only a WebSocket takes a connection over. Without this node:http would also let go of a request that merely offers another protocol, as
 * some HTTP/2 clients do with every first request, and of its body.
 */
class Incoming extends IncomingMessage {
  declare offersUpgrade: boolean;

  get upgrade(): boolean {
    return this.offersUpgrade && headerValue(this.rawHeaders, 'upgrade')?.trim().toLowerCase() === 'websocket';
  }

  set upgrade(offered: boolean) {
    this.offersUpgrade = offered;
  }
}

class NodeRequest implements FrontRequest {
  readonly method: string;
  target: string;
  readonly version: string;
  readonly headers: readonly string[];
  readonly remoteAddress: string;
  readonly expectsContinue: boolean;
  events: FrontEvents | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  readonly #connection: Connection;
  readonly #stopping: () => boolean;

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection, how: How) {
    this.#connection = connection;
    this.method = request.method ?? '';
    this.target = request.url ?? '';
    this.version = request.httpVersion;
    this.headers = request.rawHeaders;
    this.remoteAddress = connection.remoteAddress;
    this.expectsContinue = how.expectsContinue;
    this.#request = request;
    this.#response = response;
    this.#upgrade = how.upgrade;
    this.#stopping = how.stopping;
  }

  get upgradable(): boolean {
    return this.#upgrade !== undefined;
  }

  get complete(): boolean {
    return this.#request.complete;
  }

  readBody(): void {
    if (this.expectsContinue) this.#response.writeContinue();
    this.#request.on('data', (chunk: Buffer) => this.events?.onBody(chunk));
    this.#request.on('end', () => this.events?.onBodyEnd());
  }

  pauseBody(): void {
    this.#request.pause();
  }

  resumeBody(): void {
    this.#request.resume();
  }

  head(status: number, reason: string, headers: string[]): void {
    this.#response.writeHead(status, reason, this.#ending(headers));
    this.#response.flushHeaders();
    this.#response.on('drain', () => this.events?.onDrain());
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk);
  }

  end(): void {
    if (this.complete || this.#upgrade !== undefined) this.#response.end();
    else this.#linger();
  }

  answer(status: number, reason: string, headers: string[], body: Buffer | string | undefined): void {
    const response = this.#response;
    response.writeHead(status, reason, this.#ending(headers));
    if (this.complete || this.#upgrade !== undefined) response.end(body);
    else {
      if (body !== undefined) response.write(body);
      else response.flushHeaders();
      this.#linger();
    }
  }

  switchProtocols(reason: string, headers: readonly string[]): Duplex {
    const { socket, head } = this.#upgrade as { socket: Duplex; head: Buffer };
    this.#response.detachSocket(socket as Socket);
    let text = `HTTP/1.1 101 ${reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
    socket.write(`${text}\r\n`, 'latin1');
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  abort(): void {
    this.#request.socket.destroy();
  }

  #ending(headers: string[]): string[] {
    const told = headers.at(-2) === 'Connection';
    const ends = told || !this.complete || this.#upgrade !== undefined || this.#stopping();
    if (ends && !told) headers.push('Connection', 'close');
    this.#connection.closing ||= ends;
    return headers;
  }

  #linger(): void {
    const request = this.#request;
    const response = this.#response;
    const timer = setTimeout(() => response.end(), lingerMs);
    request.removeAllListeners('data');
    request.once('end', () => {
      clearTimeout(timer);
      response.end();
    });
    request.resume();
  }
}

/** One function for all requests: a closure for each would cost more than the rest of this. */
function onResponseClose(this: ServerResponse): void {
  const served = (this as KnownResponse)[servedKey];
  if (served === undefined) return;
  const { front, connection, idle } = served;
  connection.open -= 1;
  connection.becomeIdle();
  if (connection.open === 0 && !connection.socket.destroyed) idle.add(connection);
  front.events?.onClose();
}

interface How {
  readonly expectsContinue: boolean;
  readonly upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  readonly stopping: () => boolean;
}

export class NodeFront implements Front {
  readonly #server: Server;
  readonly #onRequest: (request: FrontRequest) => void;
  readonly #onRefused: OnRefused;
  readonly #connections = new Set<Connection>();
  /** Oldest first. */
  readonly #idle = new Set<Connection>();
  readonly #plain: How;
  readonly #expecting: How;
  #settings: FrontSettings;
  #stopping = false;

  constructor(settings: FrontSettings, onRequest: (request: FrontRequest) => void, onRefused: OnRefused) {
    this.#settings = settings;
    this.#onRequest = onRequest;
    this.#onRefused = onRefused;
    this.#plain = { expectsContinue: false, upgrade: undefined, stopping: () => this.#stopping };
    this.#expecting = { ...this.#plain, expectsContinue: true };
    this.#server = createServer({
      IncomingMessage: Incoming,
      maxHeaderSize: settings.headerBytes,
      requireHostHeader: false,
      insecureHTTPParser: false,
      connectionsCheckingInterval: 1_000,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    this.#prepare();
    this.apply(settings);
  }

  get connections(): number {
    return this.#connections.size;
  }

  get descriptor(): number | undefined {
    return (this.#server as KnownServer)._handle?.fd;
  }

  apply(settings: FrontSettings): void {
    this.#settings = settings;
    const server = this.#server;
    Object.assign(server, { maxHeaderSize: settings.headerBytes });
    server.headersTimeout = settings.headersTimeoutMs;
    // Bodies may take as long as they move, and idle connections are closed by `sweep`: no timer for each request.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 0;
    server.maxHeadersCount = 260;
  }

  async listen(where: { readonly fd: number } | { readonly port: number; readonly host: string }): Promise<number> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      const settled = (error?: Error): void => {
        server.off('error', settled).off('listening', listening);
        if (error === undefined) resolve();
        else reject(error);
      };
      const listening = (): void => settled();
      server.on('error', settled).on('listening', listening).listen(where);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  sweep(now: number): void {
    const oldest = now - this.#settings.idleTimeoutMs - idleSlackMs;
    for (const connection of this.#idle) {
      if (connection.idleSince > oldest) return;
      if (!connection.isReading) connection.socket.destroySoon();
    }
  }

  stopAccepting(): void {
    this.#stopping = true;
    // The HTTP server's own close would end idle connections now, while a client may be writing to one.
    if (this.#server.listening) NetServer.prototype.close.call(this.#server);
  }

  closeIdle(): void {
    // Right after the sockets were read: what a client has sent until now is not idle any more.
    setImmediate(() => {
      for (const connection of this.#idle) if (!connection.isReading) connection.socket.destroySoon();
    });
  }

  destroy(): void {
    this.stopAccepting();
    this.#server.close();
    for (const connection of this.#connections) connection.socket.destroy();
  }

  #prepare(): void {
    const server = this.#server;
    server.on('connection', (socket: Socket) => this.#connected(socket));
    server.on('request', (request, response) => this.#serve(request, response, this.#plain));
    server.on('checkContinue', (request, response) => this.#serve(request, response, this.#expecting));
    server.on('upgrade', (request, socket, head) => this.#upgrading(request, socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#failed(error, socket));
  }

  #connected(socket: Socket): void {
    const connection = new Connection(socket);
    (socket as KnownSocket)[connectionKey] = connection;
    this.#connections.add(connection);
    this.#idle.add(connection);
    socket.once('close', () => {
      this.#connections.delete(connection);
      this.#idle.delete(connection);
    });
    if (this.#connections.size > this.#settings.maxConnections) this.#makeRoom(socket);
  }

  /** Under a flood the connection that has been idle longest goes; if none is idle, the new one. */
  #makeRoom(socket: Socket): void {
    const [oldest] = this.#idle;
    (oldest?.socket ?? socket).destroy();
  }

  #serve(request: IncomingMessage, response: ServerResponse, how: How): void {
    const connection = (request.socket as KnownSocket)[connectionKey];
    if (connection === undefined || connection.closing) return;
    this.#idle.delete(connection);
    connection.open += 1;
    const front = new NodeRequest(request, response, connection, how);
    (response as KnownResponse)[servedKey] = { front, connection, idle: this.#idle };
    response.on('close', onResponseClose);
    if (connection.open > maxPipelined) connection.socket.destroy();
    else this.#onRequest(front);
  }

  /** Once a client asks for another protocol, node:http lets go of the connection; whatever is answered is the last on it. */
  #upgrading(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const response = new ServerResponse(request);
    response.assignSocket(socket as Socket);
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => response.emit('drain'));
    response.once('finish', () => (socket as Socket).destroySoon());
    this.#serve(request, response, { ...this.#plain, upgrade: { socket, head } });
  }

  #failed(error: NodeJS.ErrnoException, socket: Duplex): void {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const reset = error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ETIMEDOUT';
    const answering = (socket as Duplex & { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
    if (reset || !socket.writable) socket.destroy();
    // What has been answered so far still leaves; a cut answer stays recognisable as one.
    else if (answering) (socket as Socket).destroySoon();
    else this.#refuse(status, socket);
  }

  #refuse(status: number, socket: Duplex): void {
    this.#onRefused(status, (socket as KnownSocket)[connectionKey]?.remoteAddress ?? '');
    socket.end(rawAnswer(status));
    setTimeout(() => socket.destroy(), lingerMs).unref();
  }
}
