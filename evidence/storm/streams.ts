/** Clients with long connections: slow uploads, event streams, WebSockets. */
import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { problemOf, send } from './http.ts';
import type { Tally } from './tally.ts';

export interface Streamer {
  readonly base: URL;
  readonly tally: Tally;
  running(): boolean;
}

const pieceBytes = 2048;
const pieces = 12;
/** A stream that says nothing for this long hangs. */
const silenceMs = 5000;
const pingMs = 400;
/** A client waits a moment before it comes back, as a browser does. */
const comeBackMs = 50;

/** Sends a body drop by drop; the answer must name exactly these bytes. */
export async function upload({ base, tally, running }: Streamer): Promise<void> {
  while (running()) {
    const body = Array.from({ length: pieces }, () => randomBytes(pieceBytes));
    const sha256 = createHash('sha256').update(Buffer.concat(body)).digest('hex');
    const pauseMs = 50 + Math.random() * 250;
    const started = performance.now();
    try {
      const answer = await send(base, { method: 'POST', path: '/echo/upload' }, false, async (sink) => {
        for (const piece of body) {
          sink.write(piece);
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      });
      const right = answer.status === 200 && (JSON.parse(answer.body) as { sha256: string }).sha256 === sha256;
      if (right) tally.good('upload', performance.now() - started - pieces * pauseMs);
      else tally.bad('upload', answer.status === 200 ? 'wrong digest' : String(answer.status));
    } catch (error) {
      tally.bad('upload', problemOf(error));
    }
  }
}

/** Each event counts as an answer; the end of a stream is no failure if it comes behind an event and the next stream opens at once. */
export async function follow({ base, tally, running }: Streamer): Promise<void> {
  let ended: number | undefined;
  while (running()) {
    try {
      await oneStream(base, tally, running, () => {
        if (ended !== undefined) tally.reconnected(performance.now() - ended);
      });
    } catch (error) {
      tally.bad('events', problemOf(error));
    }
    ended = performance.now();
    await new Promise((resolve) => setTimeout(resolve, comeBackMs));
  }
}

async function oneStream(base: URL, tally: Tally, running: () => boolean, opened: () => void): Promise<void> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ host: base.hostname, port: base.port, path: '/echo/events', agent: false }, resolve);
    sent.setTimeout(silenceMs, () => sent.destroy(new Error('hangs')));
    sent.on('error', reject);
    sent.end();
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(String(response.statusCode));
  }
  opened();
  await events(response, tally, running);
}

async function events(response: IncomingMessage, tally: Tally, running: () => boolean): Promise<void> {
  let text = '';
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const id = Number(/^id: (\d+)/.exec(text.slice(0, end))?.[1]);
        text = text.slice(end + 2);
        if (id === ++last) tally.beat('events');
        else reject(new Error('an event is missing'));
      }
      if (!running()) response.destroy();
    });
    response.on('error', (error) => (running() ? reject(error) : resolve()));
    response.on('close', () => {
      if (!running() || (response.complete && text === '')) resolve();
      else reject(new Error(response.complete ? 'cut in an event' : 'truncated'));
    });
  });
}

/** Sends numbers and expects them back; a close frame with 1001 or 1012 is an invitation to come back, anything else a failure. */
export async function talk({ base, tally, running }: Streamer): Promise<void> {
  let ended: number | undefined;
  while (running()) {
    try {
      await oneTalk(base, tally, running, () => {
        if (ended !== undefined) tally.reconnected(performance.now() - ended);
      });
    } catch (error) {
      tally.bad('websocket', problemOf(error));
    }
    ended = performance.now();
    await new Promise((resolve) => setTimeout(resolve, comeBackMs));
  }
}

async function oneTalk(base: URL, tally: Tally, running: () => boolean, opened: () => void): Promise<void> {
  const socket = connect(Number(base.port), base.hostname);
  const conversation = new Conversation(socket, tally);
  let timer: NodeJS.Timeout | undefined;
  try {
    await conversation.open(base.host);
    opened();
    timer = setInterval(() => (running() ? conversation.ping() : conversation.close()), pingMs);
    await conversation.ended;
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
}

class Conversation {
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #tally: Tally;
  #bytes = Buffer.alloc(0);
  #upgraded: (() => void) | undefined;
  #finish!: (problem?: Error) => void;
  #sent = 0;
  #sentAt = 0;
  #received = 0;
  #closing = false;

  constructor(socket: Socket, tally: Tally) {
    this.#socket = socket;
    this.#tally = tally;
    this.ended = new Promise((resolve, reject) => (this.#finish = (problem) => (problem === undefined ? resolve() : reject(problem))));
    this.ended.catch(() => undefined);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#finish(error));
    socket.on('close', () => this.#finish(this.#closing ? undefined : new Error('closed without a close frame')));
  }

  async open(host: string): Promise<void> {
    const key = randomBytes(16).toString('base64');
    this.#socket.write(
      `GET /echo/socket HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    await Promise.race([new Promise<void>((resolve) => (this.#upgraded = resolve)), this.ended]);
  }

  ping(): void {
    if (this.#closing) return;
    if (this.#sent > this.#received) {
      if (performance.now() - this.#sentAt > silenceMs) this.#finish(new Error('hangs'));
      return;
    }
    this.#sent += 1;
    this.#sentAt = performance.now();
    this.#write(1, Buffer.from(String(this.#sent)));
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#write(8, Buffer.from([0x03, 0xe8]));
    this.#socket.end();
  }

  #write(opcode: number, payload: Buffer): void {
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]));
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#upgraded !== undefined && !this.#head()) return;
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) this.#understand(frame);
  }

  /** Whether the head of the answer has come whole. */
  #head(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const status = this.#bytes.toString('latin1', 9, 12);
    this.#bytes = this.#bytes.subarray(end + 4);
    if (status !== '101') {
      this.#finish(new Error(status));
      return false;
    }
    this.#upgraded?.();
    this.#upgraded = undefined;
    return true;
  }

  #frame(): { readonly opcode: number; readonly payload: Buffer } | undefined {
    const length = (this.#bytes[1] ?? 0) & 0x7f;
    if (this.#bytes.length < 2 + length || this.#bytes.length < 2) return undefined;
    const frame = { opcode: (this.#bytes[0] ?? 0) & 0x0f, payload: this.#bytes.subarray(2, 2 + length) };
    this.#bytes = this.#bytes.subarray(2 + length);
    return frame;
  }

  #understand({ opcode, payload }: { readonly opcode: number; readonly payload: Buffer }): void {
    if (opcode === 8) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#closing = true;
      this.#socket.end();
      if (![1000, 1001, 1012].includes(code)) this.#finish(new Error(`close ${code}`));
      return;
    }
    if (opcode !== 1) return;
    this.#received += 1;
    if (payload.toString() === String(this.#received)) this.#tally.beat('websocket');
    else this.#finish(new Error('wrong echo'));
  }
}
