/** Load of every kind, from clients that never try again. The backend that belongs to it keeps the ledger. */
import { Agent, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { bodyOf } from './fixture.ts';

const handshake =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const close1012 = '\x88\x02\x03\xf4';

export class Load {
  readonly done: Record<string, number> = {};
  readonly failures: string[] = [];
  /** How often each write has arrived. */
  readonly ledger = new Map<string, number>();
  readonly #acknowledged = new Set<string>();
  readonly #clients: Promise<void>[] = [];
  readonly #streams: Promise<void>[] = [];
  #running = true;
  #writes = 0;

  readonly listener: RequestListener = (incoming, response) => {
    if (incoming.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(`data: ${'x'.repeat(100)}\n\n`), 20);
      return void response.on('close', () => clearInterval(timer));
    }
    bodyOf(incoming).then(
      (body) => {
        if (incoming.method === 'POST') this.ledger.set(body, (this.ledger.get(body) ?? 0) + 1);
        setTimeout(() => response.end(body || 'ok'), 2);
      },
      () => response.destroy(),
    );
  };

  /** The backend's WebSocket sends a small frame now and then, and closes when it is told to. */
  readonly prepare = (server: Server): void => {
    server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      const timer = setInterval(() => socket.write(Buffer.from([0x81, 1, 120])), 20);
      socket.on('error', () => socket.destroy()).on('close', () => clearInterval(timer));
      socket.on('data', (chunk: Buffer) => {
        if (chunk[0] === 0x88) socket.end();
      });
    });
  };

  /** Begins: `clients` of each kind at the public port, and two at the internal one. */
  start(port: number, internalPort: number, clients: number): void {
    for (let at = 0; at < clients; at++) {
      this.#repeat('kept', port, true, at % 2 === 0 ? 'POST' : 'GET');
      this.#repeat('fresh', port, false, at % 2 === 0 ? 'GET' : 'POST');
      this.#clients.push(this.#loop('upload', async () => this.#upload(port)));
      this.#streams.push(this.#loop('events', async () => this.#events(port)));
      this.#streams.push(this.#loop('socket', async () => webSocket(port)));
    }
    this.#repeat('inside', internalPort, true, 'POST');
    this.#repeat('inside', internalPort, false, 'GET');
  }

  /** Ends when every client has finished what it was doing. `endStreams`: makes the ingress end event streams and WebSockets. */
  async stop(endStreams: () => Promise<unknown>): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
    await endStreams();
    await Promise.all(this.#streams);
  }

  /** Writes that were acknowledged and did not arrive exactly once, and others that arrived more than once. */
  get wrong(): string[] {
    const doubled = [...this.ledger].filter(([, count]) => count > 1).map(([write]) => write);
    return [...doubled, ...[...this.#acknowledged].filter((write) => this.ledger.get(write) !== 1)];
  }

  #repeat(kind: string, port: number, keepAlive: boolean, method: string): void {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    const client = this.#loop(kind, async () => {
      const body = method === 'POST' ? this.#write() : undefined;
      const outgoing = request({ port, agent, method });
      const answer = answerOf(outgoing);
      outgoing.end(body);
      await this.#check(await answer, body);
    });
    this.#clients.push(client.then(() => agent.destroy()));
  }

  async #loop(kind: string, once: () => Promise<void>): Promise<void> {
    while (this.#running) {
      await once().then(
        () => (this.done[kind] = (this.done[kind] ?? 0) + 1),
        (error: Error) => this.failures.push(`${kind}: ${error.message}`),
      );
    }
  }

  #write(): string {
    this.#writes += 1;
    return `write-${this.#writes}`;
  }

  async #check(answer: IncomingMessage, body = 'ok'): Promise<void> {
    const text = await bodyOf(answer);
    if (answer.statusCode !== 200 || text !== body) throw new Error(`${answer.statusCode} ${text.slice(0, 60)}`);
    if (body !== 'ok') this.#acknowledged.add(body);
  }

  /** Takes about a second. */
  async #upload(port: number): Promise<void> {
    const body = this.#write();
    const outgoing = request({ port, agent: false, method: 'POST' });
    const answer = answerOf(outgoing);
    for (const part of body) {
      outgoing.write(part);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    outgoing.end();
    await this.#check(await answer, body);
  }

  async #events(port: number): Promise<void> {
    const outgoing = request({ port, agent: false, path: '/events' });
    const answer = answerOf(outgoing);
    outgoing.end();
    const text = await bodyOf(await answer);
    if (!text.endsWith('\n\n')) throw new Error(`ended with ${JSON.stringify(text.slice(-20))}`);
  }
}

async function answerOf(outgoing: ReturnType<typeof request>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => outgoing.on('response', resolve).on('error', reject));
}

/** Resolves when it was closed as it should be. */
async function webSocket(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let tail = '';
    const socket = connect(port, '127.0.0.1', () => void socket.write(handshake)).on('error', reject);
    socket.setEncoding('latin1').on('data', (chunk: string) => (tail = (tail + chunk).slice(-200)));
    socket.on('close', () => (tail.endsWith(close1012) ? resolve() : reject(new Error(`ended with ${JSON.stringify(tail.slice(-20))}`))));
  });
}
