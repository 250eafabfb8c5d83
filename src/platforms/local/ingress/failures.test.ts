/** Limits, deadlines, and replicas that fail or leave, over real sockets. */
import { Agent, get, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
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

describe('limits and deadlines', () => {
  const quick = { ...defaultLimits, idleTimeoutMs: 400, responseTimeoutMs: 400, headersTimeoutMs: 500, holdMs: 300 };

  it('refuses bodies beyond the limit, announced or not', async () => {
    let bytes = 0;
    await fixture.route(
      [
        ready(
          'a',
          await fixture.backend(
            (request, response) => void request.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => response.end()),
          ),
        ),
      ],
      { limits: { ...defaultLimits, bodyBytes: 100_000 } },
    );
    expect((await fetchText('/', { method: 'POST', body: 'x'.repeat(100_001) })).status).toBe(413);
    const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
    expect(await fixture.raw(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    expect(bytes).toBeLessThanOrEqual(100_000);
  });

  it('answers 504 when the backend is silent, and forgets the connection', async () => {
    let aborted = 0;
    await fixture.route([ready('a', await fixture.backend((request) => void request.on('close', () => (aborted += 1))))], {
      limits: quick,
    });
    const { status, text, headers } = await fetchText('/');
    expect([status, JSON.parse(text).error.status, headers.get('cache-control')]).toEqual([504, 504, 'no-store']);
    await eventually('the backend is told', () => aborted === 1);
  });

  it('answers 408 to a slow head and to a slow body', async () => {
    await fixture.route([ready('a', await fixture.backend(echo))], { limits: { ...quick, idleTimeoutMs: 2_500 } });
    expect(await fixture.raw('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
    expect(await fixture.raw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('closes idle connections and cuts answers that stand still', async () => {
    await fixture.route(
      [
        ready(
          'a',
          await fixture.backend(
            (request, response) =>
              void (request.url === '/stall' ? response.writeHead(200, { 'content-length': 10 }).write('abc') : response.end('ok')),
          ),
        ),
      ],
      { limits: quick },
    );
    expect(await fixture.raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/ok$/);
    expect(await fixture.raw('GET /stall HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/\r\n\r\nabc$/);
  });

  it('does not count silence against events', async () => {
    await fixture.route(
      [
        ready(
          'a',
          await fixture.backend((_, response) => {
            response.writeHead(200, { 'content-type': 'text/event-stream' });
            setTimeout(() => response.end('data: late\n\n'), 1_200);
            response.flushHeaders();
          }),
        ),
      ],
      { limits: quick },
    );
    expect((await fetchText('/')).text).toBe('data: late\n\n');
  });

  it('makes room by closing the connection that was idle longest', async () => {
    fixture.close();
    fixture = await Fixture.start({ maxConnections: 50 });
    await fixture.route([ready('a', await fixture.backend(echo))]);
    const idle: Socket[] = [];
    for (let at = 0; at < 80; at++) idle.push(connect(fixture.port, '127.0.0.1').on('error', () => undefined));
    await eventually('all are connected or closed', () => idle.filter((socket) => socket.readyState === 'opening').length === 0);
    expect((await fetchText('/')).status).toBe(200);
    expect(fixture.ingress.stats().connections).toBeLessThanOrEqual(50);
    for (const socket of idle) socket.destroy();
  });
});

describe('replicas that fail', () => {
  it('repeats a GET once on another replica, and never a POST', async () => {
    const seen: string[] = [];
    const dying = await fixture.rawBackend((socket) =>
      socket.on('data', (bytes) => {
        seen.push(bytes.toString().slice(0, 4));
        socket.destroy();
      }),
    );
    await fixture.route([ready('dying', dying), ready('well', await fixture.backend(echo))]);
    const statuses = async (method: string) =>
      Promise.all(Array.from({ length: 8 }, async () => (await fetchText('/', { method })).status));
    expect(await statuses('GET')).toEqual(Array.from({ length: 8 }, () => 200));
    const posts = await statuses('POST');
    expect(posts.filter((status) => status === 502).length).toBe(seen.filter((line) => line === 'POST').length);
    expect(posts.filter((status) => status === 200).length).toBe(8 - seen.filter((line) => line === 'POST').length);
  });

  it('takes any request elsewhere when nothing was sent', async () => {
    const gone = await fixture.rawBackend(() => undefined);
    const other = new Fixture();
    const closed = await other.rawBackend(() => undefined);
    other.close();
    await fixture.route([ready('closed', closed), ready('well', await fixture.backend(echo))]);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => fetchText('/', { method: 'POST', body: 'once' })));
    expect(answers.map(({ status, text }) => [status, JSON.parse(text).body])).toEqual(Array.from({ length: 10 }, () => [200, 'once']));
    expect(fixture.ingress.stats().replicas.find(({ id }) => id === 'closed')).toMatchObject({ ejected: true });
    expect(gone).toBeGreaterThan(0);
  });

  it('holds a request while its only replica restarts', async () => {
    const other = new Fixture();
    const port = await other.rawBackend(() => undefined);
    other.close();
    await fixture.route([ready('a', port)]);
    const waiting = fetchText('/', { method: 'POST', body: 'kept' });
    await eventually('it is held', () => fixture.ingress.stats().held === 1);
    await fixture.route([ready('b', await fixture.backend(echo))]);
    expect(JSON.parse((await waiting).text).body).toBe('kept');
  });

  it.each<[string, string]>([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['HTTP/0.9', '<html>hello</html>'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(200_000)}`],
    ['ten thousand cookies', `HTTP/1.1 200 OK\r\n${'Set-Cookie: a=b\r\n'.repeat(10_000)}\r\n`],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['an uninvited upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['endless interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000)],
    ['an uninvited 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['a status of 99', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n'],
    ['nothing', ''],
  ])('answers 502 to %s and does not use the connection again', async (_, answer) => {
    let connections = 0;
    const port = await fixture.rawBackend((socket) => {
      connections += 1;
      socket.once('data', () => (answer === '' ? socket.end() : socket.write(answer)));
    });
    await fixture.route([ready('a', port)], { limits: { ...defaultLimits, responseTimeoutMs: 2_000 } });
    for (let at = 1; at <= 2; at++) {
      expect((await fetchText('/', { method: 'POST' })).status).toBe(502);
      expect(connections).toBe(at);
    }
  });

  it('shows a cut answer as cut', async () => {
    const port = await fixture.rawBackend((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', () => socket.write('zz\r\n')),
      ),
    );
    await fixture.route([ready('a', port)]);
    const text = await fixture.raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(text).toMatch(/\r\n3\r\nabc\r\n$/);
    await expect(fetchText('/')).rejects.toThrow();
  });

  it('never gives one client what a backend says unasked to another', async () => {
    const port = await fixture.rawBackend((socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmineHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'),
      ),
    );
    await fixture.route([ready('a', port)]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let at = 0; at < 5; at++) expect(await bodyOf(await answerOf(get({ port: fixture.port, agent })))).toBe('mine');
    agent.destroy();
  });

  it('cancels upstream when the client leaves', async () => {
    let closed = 0;
    await fixture.route([
      ready(
        'a',
        await fixture.backend((request, response) => {
          if (request.url === '/stream') response.write('x');
          response.on('close', () => (closed += 1));
        }),
      ),
    ]);
    for (const path of ['/silent', '/stream']) {
      const before = closed;
      const request = get({ port: fixture.port, path }).on('error', () => undefined);
      await eventually('it is in flight', () => fixture.ingress.stats().inFlight['a'] === 1);
      request.destroy();
      await eventually('the backend is told', () => closed === before + 1);
      await eventually('nothing is in flight', () => fixture.ingress.stats().inFlight['a'] === 0);
    }
    expect(closed).toBe(2);
  });
});

describe('draining', () => {
  it('sends nothing new and waits for what is in flight', async () => {
    let finish = (): void => undefined;
    await fixture.route([ready('a', await fixture.backend((_, response) => (finish = () => response.end('done'))))]);
    const slow = fetchText('/');
    await eventually('it is in flight', () => fixture.ingress.stats().inFlight['a'] === 1);
    await fixture.route([
      { ...ready('a', fixture.ingress.stats().replicas.length), state: 'draining' },
      ready('b', await fixture.backend(echo)),
    ]);
    expect((await fetchText('/')).status).toBe(200);
    const drained = fixture.ingress.drained('a', 5_000);
    finish();
    expect([await drained, (await slow).text]).toEqual([0, 'done']);
    expect(await fixture.ingress.drained('unknown', 1_000)).toBe(0);
  });

  it('ends event streams behind an event', async () => {
    await fixture.route([
      ready(
        'a',
        await fixture.backend((_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: 1\n\ndata: 2');
          setTimeout(() => response.write('\n\n'), 300);
        }),
      ),
    ]);
    const stream = fetchText('/');
    await eventually('it is in flight', () => fixture.ingress.stats().inFlight['a'] === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await fixture.ingress.drained('a', 3_000)).toBe(0);
    expect((await stream).text).toBe('data: 1\n\ndata: 2\n\n');
  });
});
