/** What clients and backends see of the ingress, over real sockets. */
import { createHash } from 'node:crypto';
import { get, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, echo, eventually, Fixture, ready } from './testing/fixture.ts';
import { defaultLimits } from './ingress.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.start();
});
afterEach(() => fixture.close());

async function fetchText(path: string, init?: RequestInit): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await fetch(`http://127.0.0.1:${fixture.port}${path}`, init);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

async function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
}

describe('what a backend sees', () => {
  it('is the request as it was, with true forwarded headers', async () => {
    await fixture.route([ready('a', await fixture.backend(echo))]);
    const { text } = await fetchText('/x%20y/@s%2fn?q=%2f..', {
      headers: {
        'x-forwarded-for': '6.6.6.6',
        forwarded: 'for=6',
        'x-gantry-set': 'live',
        'x-gantry-set-key': 'no',
        'x-request-id': 'mine',
        cookie: 'c=1',
      },
    });
    const seen = JSON.parse(text);
    expect(seen.url).toBe('/x%20y/@s%2fn?q=%2f..');
    expect(seen.headers).toMatchObject({
      host: `127.0.0.1:${fixture.port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${fixture.port}`,
      'x-real-ip': '127.0.0.1',
      'x-request-id': 'mine',
      cookie: 'c=1',
    });
    expect(Object.keys(seen.headers).filter((name) => name === 'forwarded' || name.includes('gantry'))).toEqual([]);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('has the body of %s, in one piece or streamed', async (method) => {
    await fixture.route([ready('a', await fixture.backend(echo))]);
    for (const size of [0, 1, 70_000, 3_000_000]) {
      const body = 'b'.repeat(size);
      const seen = JSON.parse((await fetchText('/', { method, body })).text);
      expect([seen.method, seen.body.length]).toEqual([method, size]);
    }
  });

  it('streams an upload while it is made, no faster than the backend reads', async () => {
    let received = 0;
    let open = (): void => undefined;
    await fixture.route([
      ready(
        'a',
        await fixture.backend((request, response) => {
          open = () => request.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end(String(received)));
        }),
      ),
    ]);
    const upload = httpRequest({ port: fixture.port, method: 'POST', headers: { 'content-length': 20_000_000 } });
    let written = 0;
    const feed = (): void => {
      while (written < 20_000_000) {
        written += 100_000;
        if (!upload.write(Buffer.alloc(100_000))) return void upload.once('drain', feed);
      }
      upload.end();
    };
    feed();
    await eventually('the backend has the head', () => open.toString().includes('request'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(15_000_000);
    open();
    expect(await bodyOf(await answerOf(upload))).toBe('20000000');
  });
});

describe('what a client sees', () => {
  it('is a HEAD, a 204 and a 304 without a body, on one connection', async () => {
    await fixture.route([
      ready(
        'a',
        await fixture.backend((request, response) => {
          if (request.url === '/204') response.writeHead(204).end();
          else if (request.url === '/304') response.writeHead(304, { etag: '"x"' }).end();
          else response.writeHead(200, { 'content-length': 5, server: 'app/1' }).end('hello');
        }),
      ),
    ]);
    const head = (method: string, path: string, more = '') => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const text = await fixture.raw(
      head('HEAD', '/') + head('GET', '/204') + head('GET', '/304') + head('GET', '/', 'Connection: close\r\n'),
    );
    const parts = text.split('HTTP/1.1 ').slice(1);
    expect(parts.map((part) => part.slice(0, 3))).toEqual(['200', '204', '304', '200']);
    expect(parts[0]).toMatch(/content-length: 5\r\n/i);
    expect(parts.slice(0, 3).map((part) => part.split('\r\n\r\n')[1])).toEqual(['', '', '']);
    expect(parts[3]).toMatch(/server: app\/1[\s\S]*\r\n\r\nhello$/i);
  });

  it('gets server-sent events as they are sent', async () => {
    let send = (_: string): void => undefined;
    await fixture.route([
      ready(
        'a',
        await fixture.backend((_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.flushHeaders();
          send = (text) => response.write(text);
        }),
      ),
    ]);
    const request = get({ port: fixture.port });
    const answer = await answerOf(request);
    const seen: string[] = [];
    answer
      .setEncoding('utf8')
      .on('data', (text: string) => seen.push(text))
      .on('error', () => undefined);
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event);
      await eventually(`${event} arrives`, () => seen.at(-1) === event);
    }
    expect(seen).toEqual(['data: 1\n\n', 'data: 2\n\n']);
    request.destroy();
  });

  it('takes a large answer at its own pace', async () => {
    const size = 30_000_000;
    let sent = 0;
    await fixture.route([
      ready(
        'a',
        await fixture.backend((_, response) => {
          const feed = (): void => {
            while (sent < size) {
              sent += 100_000;
              if (!response.write(Buffer.alloc(100_000, 'x'))) return void response.once('drain', feed);
            }
            response.end();
          };
          feed();
        }),
      ),
    ]);
    const answer = await answerOf(get({ port: fixture.port }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sent).toBeLessThan(20_000_000);
    const hash = createHash('sha1');
    let received = 0;
    for await (const chunk of answer) {
      received += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
    }
    expect([received, hash.digest('hex')]).toEqual([size, createHash('sha1').update(Buffer.alloc(size, 'x')).digest('hex')]);
  });

  it('waits for 100 Continue, and is not asked for a body that is too large', async () => {
    await fixture.route([ready('a', await fixture.backend(echo))], { limits: { ...defaultLimits, bodyBytes: 10 } });
    const request = httpRequest({ port: fixture.port, method: 'POST', headers: { expect: '100-continue', 'content-length': 5 } });
    request.flushHeaders();
    await new Promise((resolve) => request.once('continue', resolve));
    request.end('hello');
    expect(JSON.parse(await bodyOf(await answerOf(request))).body).toBe('hello');
    const large = await fixture.raw('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n');
    expect(large).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('gets 417 for other expectations', async () => {
    expect(await fixture.raw('POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 417 /);
  });

  it('gets an HTTP/1.0 answer without chunks', async () => {
    await fixture.route([
      ready(
        'a',
        await fixture.backend((_, response) => {
          response.write('part');
          response.end('end');
        }),
      ),
    ]);
    const text = await fixture.raw('GET / HTTP/1.0\r\n\r\n');
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(text).toMatch(/\r\n\r\npartend$/);
  });

  it('can speak before its upload ends, and reads the answer', async () => {
    await fixture.route([ready('a', await fixture.backend((_, response) => response.writeHead(401, { connection: 'close' }).end('no')))]);
    const text = await fixture.raw(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`);
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close[\s\S]*no/i);
  });
});

describe('WebSockets', () => {
  const handshake =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  async function echoing(): Promise<number> {
    return fixture.backend(
      (_, response) => response.writeHead(426).end('upgrade'),
      (server) =>
        server.on('upgrade', (request, socket) => {
          if (request.url === '/no') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
          socket.on('error', () => socket.destroy());
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Path: ${request.url}\r\n\r\n`,
          );
          socket.pipe(socket);
        }),
    );
  }

  it('pass bytes both ways, with those that came early', async () => {
    await fixture.route([ready('a', await echoing())]);
    const text = await fixture.raw(`${handshake}early`, 'early');
    expect(text).toMatch(
      /^HTTP\/1\.1 101 [\s\S]*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=[\s\S]*x-path: \/ws[\s\S]*\r\n\r\nearly$/i,
    );
    await eventually('it is over', () => fixture.ingress.stats().inFlight['a'] === 0);
  });

  it('are refused by the backend like any request', async () => {
    await fixture.route([ready('a', await echoing())]);
    const text = await fixture.raw(`${handshake.replace('/ws', '/no')}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*no$/);
  });

  it('are told to go away when their replica drains, between two frames', async () => {
    await fixture.route([ready('a', await echoing())]);
    const whole = fixture.raw(Buffer.concat([Buffer.from(handshake), Buffer.from([0x81, 2, 104, 105])]));
    await eventually('it is open', () => fixture.ingress.stats().inFlight['a'] === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await fixture.ingress.drained('a', 3_000)).toBe(0);
    expect((await whole).endsWith('\x81\x02hi\x88\x02\x03\xf4')).toBe(true);
  });
});
