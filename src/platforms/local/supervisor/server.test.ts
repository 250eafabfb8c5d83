import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GantryError } from '../../../errors.ts';
import { connect, type Client } from '../client.ts';
import { claimSocket } from './lock.ts';
import { reception, type Handlers } from './server.ts';

let folder: string;
let path: string;
let server: Server | undefined;
let clients: Client[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-sock-'));
  path = join(folder, 's.sock');
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Only what a test needs; everything else is unknown. */
async function start(handlers: Partial<Handlers>): Promise<Client> {
  server = await claimSocket(path, reception(handlers as Handlers).accept);
  return enter();
}

async function enter(): Promise<Client> {
  const client = await connect(path);
  clients.push(client);
  return client;
}

const ignore = (): void => undefined;
const step = (message: string) => ({ step: 'x', state: 'running' as const, message, elapsedMs: 0 });

describe('client and server', () => {
  it('carries several requests at once, each with its events', async () => {
    const client = await start({
      awaitSet: async ({ set }, { emit }) => {
        emit(step(`${set} 1`));
        await new Promise((resolve) => setImmediate(resolve));
        emit(step(`${set} 2`));
        return { ready: set === 'live' ? 1 : 2 };
      },
    });
    const seen: string[] = [];
    const onEvent = ({ message }: { message: string }): void => void seen.push(message);
    const answers = await Promise.all([
      client.request('awaitSet', { set: 'live' }, { onEvent }),
      client.request('awaitSet', { set: 'next' }, { onEvent }),
    ]);
    expect(answers).toEqual([{ ready: 1 }, { ready: 2 }]);
    expect(seen.toSorted()).toEqual(['live 1', 'live 2', 'next 1', 'next 2']);
  });

  it('carries errors with their code, place and fix; a bug comes as one', async () => {
    const client = await start({
      desired: async () => {
        throw new GantryError('GL1026', 'there is no service x', { where: 'here', fix: 'do this', lines: ['a'], exitCode: 2 });
      },
      hello: async () => {
        throw new TypeError('not a function');
      },
    });
    await expect(client.request('desired', {})).rejects.toMatchObject({
      code: 'GL1026',
      message: 'there is no service x',
      where: 'here',
      fix: 'do this',
      lines: ['a'],
      exitCode: 2,
    });
    await expect(client.request('hello', {})).rejects.toMatchObject({ code: 'GL1014', message: 'not a function' });
    await expect(client.request('status', {})).rejects.toMatchObject({ code: 'GL1013' });
  });

  it('cancels what is waited for when asked, and when the client goes', async () => {
    const ended: unknown[] = [];
    const waits: Partial<Handlers> = {
      awaitRetired: async (_params, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => ended.push(signal.reason) && reject(signal.reason as Error)),
        ),
    };
    const client = await start(waits);
    const abort = new AbortController();
    const asked = client.request('awaitRetired', {}, { signal: abort.signal });
    abort.abort(new Error('mine'));
    await expect(asked).rejects.toThrow('mine');
    const left = client.request('awaitRetired', {});
    left.catch(() => undefined);
    while (ended.length < 1) await new Promise((resolve) => setImmediate(resolve));
    client.close();
    await expect(left).rejects.toMatchObject({ code: 'GL1010' });
    while (ended.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(ended.map(String)).toEqual(['Error: cancelled', 'Error: the connection was closed']);
  });

  it('refuses another version, except for what stops the app', async () => {
    await start({
      hello: async () => ({ protocol: 1, version: '0', build: 'b', pid: 1, app: 'a', folder, url: '' }),
      desired: async () => Promise.reject(new Error('reached')),
    });
    const answers = await raw('{"v":99,"id":1,"op":"desired","params":{}}\n{"v":99,"id":2,"op":"hello","params":{}}\n', 2);
    expect(answers).toMatchObject([
      { id: 1, error: { code: 'GL1013' } },
      { id: 2, result: { app: 'a' } },
    ]);
  });

  it('ends a connection that speaks something else', async () => {
    await start({});
    expect(await raw('GET / HTTP/1.1\r\n\r\n', 1)).toEqual([]);
    expect(await raw('{"id":"x"}\n', 1)).toEqual([]);
  });

  it('says that nothing runs', async () => {
    await expect(connect(path)).rejects.toMatchObject({ code: 'GL1001' });
  });

  it('drops events for a client that does not read, and answers when it does', async () => {
    const text = 'x'.repeat(1024 * 1024);
    await start({
      awaitSet: async (_params, { emit }) => {
        for (let count = 0; count < 64; count += 1) emit(step(text));
        return { ready: 1 };
      },
    });
    const answers = await raw('{"v":1,"id":1,"op":"awaitSet","params":{}}\n', 65, 300);
    expect(answers.length).toBeLessThan(20);
    expect(answers.at(-1)).toEqual({ id: 1, result: { ready: 1 } });
  });
});

/** Sends bytes, reads only after a pause, and gives what came until `count` lines or the end of the answer. */
async function raw(bytes: string, count: number, pauseMs = 0): Promise<unknown[]> {
  const socket = createConnection(path);
  socket.pause();
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(bytes);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  let text = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.split('\n').length > count || text.includes('"result":{"ready"')) resolve();
    });
    socket.once('close', () => resolve());
    socket.resume();
  });
  socket.destroy();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

describe('the socket is the lock', () => {
  it('is refused to a second, and taken from a dead one', async () => {
    server = await claimSocket(path, ignore);
    await expect(claimSocket(path, ignore)).rejects.toMatchObject({ code: 'GL1015' });
    await new Promise((resolve) => server?.close(resolve));
    writeFileSync(path, '');
    server = await claimSocket(path, ignore);
    expect(server.listening).toBe(true);
  });

  it('loses nobody who knocks early', async () => {
    const handlers: Partial<Handlers> = {
      hello: async () => ({ protocol: 1, version: '0', build: 'b', pid: 1, app: 'a', folder, url: '' }),
    };
    const claiming = claimSocket(path, reception(handlers as Handlers).accept);
    let first: Client | undefined;
    while (first === undefined)
      first = await connect(path).catch(async () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))));
    clients.push(first);
    expect((await first.request('hello', {})).app).toBe('a');
    server = await claiming;
  });

  it('has one winner when many start over a stale file', async () => {
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(path, resolve));
    const { _handle: handle } = stale as unknown as { _handle: { close(): void } };
    handle.close();
    writeFileSync(path, '');
    const results = await Promise.allSettled(Array.from({ length: 20 }, async () => claimSocket(path, ignore)));
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(winners).toHaveLength(1);
    [server] = winners;
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as GantryError).code] : []));
    expect(new Set(codes)).toEqual(new Set(['GL1015']));
  });
});
