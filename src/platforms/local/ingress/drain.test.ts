/** What becomes of everything that is in flight when a replica, or the ingress, is on its way out; over real sockets. */
import { Agent, get, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessLog } from './access-log.ts';
import { defaultLimits } from './ingress.ts';
import { bodyOf, echo, eventually, Fixture, ready } from './testing/fixture.ts';
import { Replica } from './upstream.ts';

let fixture: Fixture;
let lines: { status: number; replica: string }[] = [];
beforeEach(async () => {
  lines = [];
  const log = {
    add: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
    close: async () => undefined,
    dropped: 0,
  } as unknown as AccessLog;
  fixture = await Fixture.start({ log });
});
afterEach(() => fixture.close());

async function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => asked.on('response', resolve).on('error', reject));
}

function inFlight(id = 'old'): number {
  return fixture.ingress.stats().inFlight[id] ?? 0;
}

/** From now on everything new goes to another replica; gives how many requests had come there. */
async function replaceOld(oldPort: number): Promise<() => number> {
  let count = 0;
  const port = await fixture.backend((incoming, response) => {
    count += 1;
    echo(incoming, response);
  });
  await fixture.route([{ ...ready('old', oldPort), state: 'draining' }, ready('new', port)]);
  return () => count;
}

describe('a request in flight', () => {
  it('completes on the old replica while others go to the new one (F28)', async () => {
    let finish = (): void => undefined;
    const old = await fixture.backend((_, response) => (finish = () => response.end('done')));
    await fixture.route([ready('old', old)]);
    const slow = answerOf(get({ port: fixture.port, agent: false }));
    await eventually('it is in flight', () => inFlight() === 1);
    const newCount = await replaceOld(old);
    const drained = fixture.ingress.drained('old', 20_000);
    await bodyOf(await answerOf(get({ port: fixture.port, agent: false })));
    finish();
    expect([await drained, (await slow).statusCode, await bodyOf(await slow), newCount()]).toEqual([0, 200, 'done', 1]);
  });

  it.each(['GET', 'POST'])('that outlasts the drain gets 504, is counted and logged, and is not repeated (F29, %s)', async (method) => {
    const old = await fixture.backend((incoming) => void incoming.resume());
    await fixture.route([ready('old', old)]);
    const asked = request({ port: fixture.port, agent: false, method });
    const slow = answerOf(asked);
    asked.end(method === 'POST' ? 'body' : undefined);
    await eventually('it is in flight', () => inFlight() === 1);
    const newCount = await replaceOld(old);
    expect(await fixture.ingress.drained('old', 100)).toBe(1);
    expect([(await slow).statusCode, newCount()]).toEqual([504, 0]);
    await eventually('nothing is left there', () => inFlight() === 0);
    expect(lines).toMatchObject([{ status: 504, replica: 'old' }]);
    expect(fixture.ingress.stats().services).toMatchObject([{ byClass: [0, 0, 0, 0, 1], cut: 0, inFlight: 0 }]);
    expect(fixture.ingress.metricsText()).toContain('gantry_ingress_upstream_errors_total{kind="drain"} 1');
  });

  it('that outlasts the drain with half an answer is cut, counted and logged (F29)', async () => {
    const old = await fixture.backend((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('half'));
    await fixture.route([ready('old', old)]);
    const answer = await answerOf(get({ port: fixture.port, agent: false }));
    await replaceOld(old);
    const body = bodyOf(answer).catch((error: NodeJS.ErrnoException) => error.code);
    expect(await fixture.ingress.drained('old', 100)).toBe(1);
    expect(await body).toBe('ECONNRESET');
    expect(lines).toMatchObject([{ status: 502, replica: 'old' }]);
    expect(fixture.ingress.stats().services).toMatchObject([{ byClass: [0, 0, 0, 0, 1], cut: 1, inFlight: 0 }]);
    expect(fixture.ingress.metricsText()).toContain('gantry_ingress_cut_total{service="web"} 1');
  });

  it('with a body still arriving finishes on the old replica and never reaches the new one (F32)', async () => {
    const old = await fixture.backend(echo);
    await fixture.route([ready('old', old)]);
    const upload = request({ port: fixture.port, agent: false, method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    upload.write('first,');
    await eventually('it is in flight', () => inFlight() === 1);
    const newCount = await replaceOld(old);
    let left: number | undefined;
    const drained = fixture.ingress.drained('old', 20_000).then((count) => (left = count));
    for (const part of ['second,', 'third,']) {
      await new Promise((resolve) => upload.write(part, resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect([left, inFlight()]).toEqual([undefined, 1]);
    upload.end('last');
    expect(JSON.parse(await bodyOf(await answerOf(upload))).body).toBe('first,second,third,last');
    expect([await drained, newCount()]).toEqual([0, 0]);
  });

  it('with a body that comes too late is cut with 504 and reaches nobody else (F32)', async () => {
    const old = await fixture.backend(echo);
    await fixture.route([ready('old', old)]);
    const upload = request({ port: fixture.port, agent: false, method: 'POST', headers: { 'content-length': 1_000 } });
    upload.on('error', () => undefined).write('first');
    await eventually('it is in flight', () => inFlight() === 1);
    const newCount = await replaceOld(old);
    const answer = answerOf(upload);
    expect(await fixture.ingress.drained('old', 100)).toBe(1);
    expect([(await answer).statusCode, (await answer).headers.connection, newCount()]).toEqual([504, 'close', 0]);
  });
});

const handshake =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

interface Speaker {
  readonly port: number;
  /** Of each WebSocket: what the app received. */
  readonly received: Buffer[];
  readonly sockets: Duplex[];
}

/** An app that sends and receives whatever it is told, and closes when it is asked to. */
async function speaker(): Promise<Speaker> {
  const received: Buffer[] = [];
  const sockets: Duplex[] = [];
  const port = await fixture.backend(
    (_, response) => response.end(),
    (server) =>
      server.on('upgrade', (_, socket) => {
        const at = sockets.push(socket) - 1;
        received[at] = Buffer.alloc(0);
        socket.on('data', (chunk: Buffer) => (received[at] = Buffer.concat([received[at] as Buffer, chunk])));
        socket.on('error', () => socket.destroy()).on('end', () => socket.end());
        socket.write(switching);
      }),
  );
  return { port, received, sockets };
}

/** A WebSocket client that only looks at bytes. */
class Client {
  text = '';
  closedAt = 0;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => undefined);
    this.socket.setEncoding('latin1').on('data', (chunk: string) => (this.text += chunk));
    this.socket.on('end', () => (this.closedAt = performance.now()));
    this.socket.write(handshake);
  }

  get frames(): string {
    return this.text.slice(this.text.indexOf('\r\n\r\n') + 4);
  }

  get isOpen(): boolean {
    return this.text.includes('\r\n\r\n');
  }
}

const close1012 = '\x88\x02\x03\xf4';
const masked1012 = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf4]);

describe('a WebSocket', () => {
  it('is closed with 1012 on both sides, behind the frames that are under way (F30)', async () => {
    const app = await speaker();
    await fixture.route([ready('old', app.port)]);
    const client = new Client(fixture.port);
    await eventually('it is open', () => client.isOpen);
    app.sockets[0]?.write(Buffer.from([0x81, 4, 97, 98]));
    client.socket.write(Buffer.from([0x82, 0x83, 1, 2, 3, 4, 0x60]));
    await eventually('both halves have arrived', () => client.frames.length === 4 && app.received[0]?.length === 7);
    const drained = fixture.ingress.drained('old', 6_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    app.sockets[0]?.write(Buffer.from([99, 100, 0x81, 1, 120]));
    client.socket.write(Buffer.from([0x61, 0x62, 0x81, 0x80]));
    expect(await drained).toBe(0);
    expect(client.frames).toBe(`\x81\x04abcd\x81\x01x${close1012}`);
    expect(app.received[0]?.subarray(7)).toEqual(Buffer.concat([Buffer.from([0x61, 0x62]), masked1012]));
    expect(client.closedAt).toBeGreaterThan(0);
  });

  it('that stays in the middle of a frame is cut at the end of the drain, not left hanging (F30)', async () => {
    const app = await speaker();
    await fixture.route([ready('old', app.port)]);
    const client = new Client(fixture.port);
    await eventually('it is open', () => client.isOpen);
    app.sockets[0]?.write(Buffer.from([0x81, 100, 97]));
    await eventually('the beginning has arrived', () => client.frames.length === 3);
    // It hangs as well.
    app.sockets[0]?.removeAllListeners('end');
    let closed = false;
    client.socket.on('close', () => (closed = true));
    expect(await fixture.ingress.drained('old', 200)).toBe(1);
    await eventually('it is closed', () => closed && inFlight() === 0);
    expect(client.frames).toBe('\x81\x64a');
  });

  it('that opens while its replica drains is closed as well', async () => {
    let accept: (() => void) | undefined;
    const old = await fixture.backend(
      () => undefined,
      (server) => server.on('upgrade', (_, socket) => (accept = () => void socket.on('end', () => socket.end()).write(switching))),
    );
    await fixture.route([ready('old', old)]);
    const client = new Client(fixture.port);
    await eventually('the app is asked', () => accept !== undefined);
    const drained = fixture.ingress.drained('old', 5_000);
    accept?.();
    expect([await drained, client.frames]).toEqual([0, close1012]);
  });

  it('is closed properly, with 500 others (F30)', async () => {
    const app = await speaker();
    await fixture.route([ready('old', app.port)]);
    const clients = Array.from({ length: 500 }, () => new Client(fixture.port));
    await eventually('all are open', () => clients.every((client) => client.isOpen), 40_000);
    expect(await fixture.ingress.drained('old', 40_000)).toBe(0);
    await eventually('all are closed', () => clients.every(({ closedAt }) => closedAt > 0));
    expect(clients.filter(({ frames }) => frames !== close1012)).toEqual([]);
    expect(app.received.filter((bytes) => !bytes.equals(masked1012))).toEqual([]);
  }, 90_000);
});

describe('streams of one replica', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** When each of so many streams is asked to end, in ms. */
  function moments(streams: number, spreadMs: number): number[] {
    const replica = new Replica('a', 1, 'web');
    const asked: number[] = [];
    for (let at = 0; at < streams; at++) replica.join({ endGently: () => void asked.push(Date.now() - began), cut: () => undefined });
    const began = Date.now();
    replica.endStreams(spreadMs);
    replica.join({ endGently: () => void asked.push(Date.now() - began), cut: () => undefined });
    vi.runAllTimers();
    return asked;
  }

  it('are asked to end one after the other, so that their clients do not come back together (F30)', () => {
    const asked = moments(500, 2_000);
    expect([asked.length, Math.max(...asked) <= 2_000]).toEqual([501, true]);
    const perMoment = [...new Set(asked)].map((moment) => asked.filter((other) => other === moment).length);
    expect(Math.max(...perMoment)).toBeLessThanOrEqual(3);
  });

  it('do not wait long when they are few', () => {
    expect(Math.max(...moments(1, 2_000))).toBeLessThanOrEqual(20);
    expect(Math.max(...moments(10, 2_000))).toBeLessThanOrEqual(200);
  });
});

describe('an event stream', () => {
  it('ends behind an event, also one that begins while its replica drains (F30)', async () => {
    const responses: (() => void)[] = [];
    const old = await fixture.backend(
      (_, response) =>
        void responses.push(() => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: 1\n\n');
        }),
    );
    await fixture.route([ready('old', old)]);
    const texts = [0, 1].map(async () => bodyOf(await answerOf(get({ port: fixture.port, agent: false }))));
    await eventually('both are in flight', () => responses.length === 2);
    responses[0]?.();
    const drained = fixture.ingress.drained('old', 6_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    responses[1]?.();
    expect([await drained, ...(await Promise.all(texts))]).toEqual([0, 'data: 1\n\n', 'data: 1\n\n']);
    expect(fixture.ingress.stats().services).toMatchObject([{ byClass: [0, 2, 0, 0, 0], cut: 0 }]);
  });

  it('that never finishes its event is cut at the end of the drain (F30)', async () => {
    const old = await fixture.backend((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\ndata: 2');
    });
    await fixture.route([ready('old', old)]);
    const answer = await answerOf(get({ port: fixture.port, agent: false }));
    const body = bodyOf(answer).catch((error: NodeJS.ErrnoException) => error.code);
    expect(await fixture.ingress.drained('old', 200)).toBe(1);
    expect(await body).toBe('ECONNRESET');
    expect(fixture.ingress.stats().services).toMatchObject([{ cut: 1, inFlight: 0 }]);
  });
});

describe('idle connections', () => {
  it('that are used just when they have been idle for long enough lose no request (F31)', async () => {
    const idleTimeoutMs = 600;
    await fixture.route([ready('a', await fixture.backend(echo))], { limits: { ...defaultLimits, idleTimeoutMs } });
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, async (_, at) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        await bodyOf(await answerOf(get({ port: fixture.port, agent })));
        await new Promise((resolve) => setTimeout(resolve, idleTimeoutMs - 5 + (at % 11)));
        const status = await answerOf(get({ port: fixture.port, agent })).then(
          async (answer) => bodyOf(answer).then(() => answer.statusCode),
          (error: NodeJS.ErrnoException) => error.code,
        );
        agent.destroy();
        return status;
      }),
    );
    expect(outcomes.filter((status) => status !== 200)).toEqual([]);
    await eventually('those that stay idle are closed', () => fixture.ingress.stats().connections === 0);
  });

  it('on which a request has begun to arrive are not closed by a stop', async () => {
    await fixture.route([ready('a', await fixture.backend(echo))]);
    const socket = connect(fixture.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.write('GET /slow-head HTTP/1.1\r\nHo');
    await eventually('it is connected', () => fixture.ingress.stats().connections === 1);
    const stopped = fixture.ingress.stop(10_000);
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    socket.write('st: a\r\n\r\n');
    expect(await stopped).toBe(0);
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"url":"\/slow-head"/i);
  });
});

describe('a stop of the ingress', () => {
  it('answers what is left with 504 at the deadline', async () => {
    await fixture.route([ready('a', await fixture.backend(() => undefined))]);
    const answer = answerOf(get({ port: fixture.port, agent: false }));
    await eventually('it is in flight', () => inFlight('a') === 1);
    expect(await fixture.ingress.stop(200)).toBe(1);
    expect((await answer).statusCode).toBe(504);
    expect(lines).toMatchObject([{ status: 504 }]);
  });
});
