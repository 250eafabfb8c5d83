/** Ways to speak to the dashboard without having been let in, and ways to wear it out. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccess, idleMs } from '../../src/server/access/access.ts';
import { exchange, written, type RawAnswer } from './raw.ts';
import { exchangeWord, servePages, wordOf, type ServedPages } from './served-pages.ts';

let time = 0;
let server: ServedPages;
let token: string;

beforeAll(async () => {
  server = await servePages({ access: createAccess(() => time) });
  token = await server.signIn();
});

afterAll(() => server.close());

function get(headers: readonly string[], target = '/api/overview'): Promise<RawAnswer> {
  return exchange(server.port, written(server.port, { target, headers }));
}

function codeOf({ status, body }: RawAnswer): [number, string] {
  return [status, (JSON.parse(body.slice(body.indexOf('{'))) as { error: { code: string } }).error.code];
}

function flipped(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
}

describe('a token that is none', () => {
  const forged: readonly (readonly [string, (good: string) => string])[] = [
    ['nothing', () => ''],
    ['"null"', () => 'null'],
    ['"undefined"', () => 'undefined'],
    ['all but the last character', (good) => good.slice(0, -1)],
    ['all but the first character', (good) => good.slice(1)],
    ['one character more', (good) => `${good}A`],
    ['padding', (good) => `${good}=`],
    ['other letter case', flipped],
    ['another alphabet', (good) => Buffer.from(good, 'base64url').toString('base64')],
    ['hexadecimal', (good) => Buffer.from(good, 'base64url').toString('hex')],
    ['its own hash', (good) => createHash('sha256').update(good).digest('hex')],
    ['quotes', (good) => `"${good}"`],
    ['a scheme', (good) => `Bearer ${good}`],
    ['twice in one header', (good) => `${good}, ${good}`],
    ['percent-encoding', (good) => [...good].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')],
    ['256 zero bits', () => Buffer.alloc(32).toString('base64url')],
    ['a name of every object', () => '__proto__'],
    ['a very long one', (good) => good.repeat(200)],
  ];

  it.each(forged)('%s', async (_name, forge) => {
    expect(codeOf(await get([`x-gantry-token: ${forge(token)}`]))).toEqual([401, 'GC2001']);
  });

  it('the word of a link that is still good', async () => {
    expect(codeOf(await get([`x-gantry-token: ${wordOf(server.link())}`]))).toEqual([401, 'GC2001']);
  });

  it('two headers, one of them right', async () => {
    expect(codeOf(await get([`x-gantry-token: ${token}`, 'x-gantry-token: x']))).toEqual([401, 'GC2001']);
  });

  it('one of another server', async () => {
    const other = await servePages();
    expect(codeOf(await get([`x-gantry-token: ${await other.signIn()}`]))).toEqual([401, 'GC2001']);
    await other.close();
  });

  it('one that was not used for long', async () => {
    const [idle, good] = [await server.signIn(), await server.signIn()];
    time += idleMs - 1;
    expect((await get([`x-gantry-token: ${good}`])).status).toBe(200);
    time += 2;
    expect((await get([`x-gantry-token: ${good}`])).status).toBe(200);
    expect(codeOf(await get([`x-gantry-token: ${idle}`]))).toEqual([401, 'GC2001']);
    token = await server.signIn();
  });
});

describe('a good token in a place where it could leak', () => {
  it.each([
    ['Cookie', (good: string) => `Cookie: x-gantry-token=${good}`],
    ['Authorization', (good: string) => `Authorization: Bearer ${good}`],
    ['Basic', (good: string) => `Authorization: Basic ${Buffer.from(`x:${good}`).toString('base64')}`],
    ['Proxy-Authorization', (good: string) => `Proxy-Authorization: Bearer ${good}`],
    ['X-Auth-Token', (good: string) => `X-Auth-Token: ${good}`],
    ['Sec-WebSocket-Protocol', (good: string) => `Sec-WebSocket-Protocol: ${good}`],
    ['Referer', (good: string) => `Referer: http://127.0.0.1/?token=${good}`],
  ])('%s', async (_name, header) => {
    expect(codeOf(await get([header(token)]))).toEqual([401, 'GC2001']);
  });

  it.each(['x-gantry-token', 'token', 'access_token'])('the query, as %s', async (name) => {
    expect(codeOf(await get([], `/api/overview?${name}=${token}`))).toEqual([401, 'GC2001']);
    expect(codeOf(await get([], `/api/events?${name}=${token}`))).toEqual([401, 'GC2001']);
  });
});

describe('data without a token', () => {
  it.each([
    '/api/overview',
    '/%61pi/overview',
    '/api/%6Fverview',
    '/api/overview?',
    '/api/overview#',
    '/api/environments/local/logs',
    '/api/environments/local/releases/k1',
    '/api/operations/o1',
    '/api/events',
  ])('%s', async (target) => {
    const { status, body } = await get([], target);
    expect([400, 401]).toContain(status);
    expect(body).not.toContain('taskly');
  });
});

describe('signing in', () => {
  it('is not possible twice with one link', async () => {
    const word = wordOf(server.link());
    const answers = await Promise.all(Array.from({ length: 5 }, () => exchangeWord(server.url, word)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401]);
  });

  it('gives a token that the client had no say in', async () => {
    const chosen = 'A'.repeat(43);
    const headers = { 'content-type': 'application/json', 'x-gantry-token': chosen };
    const sign = (body: object): Promise<Response> =>
      fetch(`${server.url}/api/session`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect((await sign({ launch: wordOf(server.link()), token: chosen })).status).toBe(400);
    const response = await sign({ launch: wordOf(server.link()) });
    expect(((await response.json()) as { token: string }).token).not.toBe(chosen);
    expect(codeOf(await get([`x-gantry-token: ${chosen}`]))).toEqual([401, 'GC2001']);
  });

  it('sets no cookie, so that the app on the next port gets nothing', async () => {
    const response = await exchangeWord(server.url, wordOf(server.link()));
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('wearing it out', () => {
  let tired: ServedPages;

  beforeEach(async () => {
    tired = await servePages({ mostRequests: 300, patience: { headMs: 250, requestMs: 400 } });
  });

  afterEach(() => tired.close());

  const ask = (good: string): Promise<Response> => fetch(`${tired.url}/api/overview`, { headers: { 'x-gantry-token': good } });

  it('by guessing words: it is stopped, and whoever has a link still comes in', async () => {
    const guesses: number[] = [];
    for (let index = 0; index < 14; index++) guesses.push((await exchangeWord(tired.url, `guess ${index}`)).status);
    expect(guesses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429, 429, 429]);
    const refused = await exchangeWord(tired.url, 'another');
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('GC2009');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await ask(await tired.signIn())).toHaveProperty('status', 200);
  });

  it('by guessing tokens: it is stopped, and whoever has one goes on', async () => {
    const good = await tired.signIn();
    const statuses: number[] = [];
    for (let index = 0; index < 220; index++) statuses.push((await ask(`guess ${index}`)).status);
    expect([...new Set(statuses)]).toEqual([401, 429]);
    expect(statuses.indexOf(429)).toBe(200);
    expect((await ask(good)).status).toBe(200);
  });

  it('by a session that asks without end: it alone is stopped', async () => {
    const [busy, other] = [await tired.signIn(), await tired.signIn()];
    for (let index = 0; index < 300; index++) await (await ask(busy)).arrayBuffer();
    expect((await ask(busy)).status).toBe(429);
    expect((await ask(other)).status).toBe(200);
  });

  it.each([
    ['nothing is sent', '', 408],
    ['the head never ends', 'GET /api/overview HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-A: ', 408],
    [
      'the body never ends',
      'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
      408,
    ],
  ])('by being slow: %s', async (_name, text, status) => {
    const answer = await exchange(tired.port, text.replace('PORT', String(tired.port)));
    expect([0, status]).toContain(answer.status);
    expect((await fetch(tired.url)).status).toBe(200);
  });

  it('by connections: some are left waiting, none hurts', async () => {
    const sockets = Array.from({ length: 600 }, () => connect(tired.port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))));
    for (const socket of sockets) socket.destroy();
    const deadline = performance.now() + 30_000;
    let status = 0;
    while (status !== 200 && performance.now() < deadline) {
      status = await fetch(tired.url).then(
        (response) => response.status,
        () => 0,
      );
    }
    expect(status).toBe(200);
  });
});
