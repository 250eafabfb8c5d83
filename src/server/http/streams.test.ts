/** `GET /api/events` over HTTP, with a hub that tells everybody everything. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeHub, fakeParts, overview, type FakeHub } from '../../../test/dashboard/fake-parts.ts';
import { servePages, type ServedPages } from '../../../test/dashboard/served-pages.ts';
import type { Access } from '../access/access.ts';
import { createAccess } from '../access/access.ts';
import { createHub } from '../events/hub.ts';

const waiting = { timeout: 30_000 };

let access: Access;
let hub: FakeHub;
let server: ServedPages;
let token: string;

beforeEach(async () => {
  hub = fakeHub();
  access = createAccess();
  server = await servePages({ parts: fakeParts({}, hub), beatMs: 20, access });
  token = await server.signIn();
});

afterEach(() => server.close());

const told = { type: 'environments', environments: overview.environments } as const;

/** Reads until the text contains what is awaited. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, awaited: string): Promise<string> {
  let text = '';
  while (!text.includes(awaited)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended before "${awaited}": ${text}`);
    text += new TextDecoder().decode(value);
  }
  return text;
}

async function open(query = '', signal?: AbortSignal): Promise<[Response, ReadableStreamDefaultReader<Uint8Array>]> {
  const response = await fetch(`${server.url}/api/events${query}`, { headers: { 'x-gantry-token': token }, signal: signal ?? null });
  return [response, (response.body as ReadableStream<Uint8Array>).getReader()];
}

describe('an event stream', () => {
  it('tells every event with its id', async () => {
    const [response, reader] = await open('?topic=local/status&topic=local/logs&after=fake-7');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(hub.asked).toEqual([{ interests: ['local/status', 'local/logs'], after: 'fake-7' }]);
    hub.publish(told);
    const text = await readUntil(reader, '"environments"');
    expect(text).toContain(`id: 2\ndata: ${JSON.stringify(told)}\n\n`);
    await reader.cancel();
  });

  it('is the hub from the first event on', async () => {
    const real = createHub({ server: 'life', version: '1.2.3' });
    const other = await servePages({ parts: fakeParts({}, real) });
    const headers = { 'x-gantry-token': await other.signIn() };
    const response = await fetch(`${other.url}/api/events?topic=local/status`, { headers });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(await readUntil(reader, 'hello')).toContain('"version":"1.2.3"');
    expect(real.isWanted('local/status')).toBe(true);
    real.publish(told);
    await readUntil(reader, '"environments"');
    await reader.cancel();
    await vi.waitFor(() => expect(real.isWanted('local/status')).toBe(false), waiting);
    await other.close();
    real.close();
  });

  it('gives signs of life, which keep the session', async () => {
    const use = vi.spyOn(access, 'use');
    const [, reader] = await open();
    const beats = ': beat\n\n'.repeat(3);
    await readUntil(reader, beats);
    expect(use.mock.calls.filter(([used]) => used === token).length).toBeGreaterThanOrEqual(4);
    await reader.cancel();
  });

  it('ends with its client', async () => {
    const ended = new AbortController();
    await open('', ended.signal);
    expect(hub.sinks.size).toBe(1);
    ended.abort();
    await vi.waitFor(() => expect(hub.sinks.size).toBe(0), waiting);
  });

  it.each([
    ['?topic=local/nothing', 400],
    ['?topic=status', 400],
    ['?topic=local%2Fstatus&topic=%2Fstatus', 400],
    ['?topic=moon/status', 404],
    ['?surprise=1', 400],
  ])('refuses %s with %d', async (query, status) => {
    const [response, reader] = await open(query);
    expect(response.status).toBe(status);
    expect(hub.asked).toEqual([]);
    await reader.cancel();
  });

  it('is refused when there are too many, and can be had again after one has gone', async () => {
    const all = await Promise.all(Array.from({ length: 128 }, () => open()));
    const [refused, body] = await open();
    expect(refused.status).toBe(429);
    await body.cancel();
    await all.pop()?.[1].cancel();
    await vi.waitFor(() => expect(hub.sinks.size).toBe(127), waiting);
    const [another, reader] = await open();
    expect(another.status).toBe(200);
    await Promise.all([reader, ...all.map(([, one]) => one)].map((one) => one.cancel()));
  });
});

describe('a reader that does not read', () => {
  let socket: Socket;

  beforeEach(async () => {
    socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nx-gantry-token: ${token}\r\n\r\n`);
    await vi.waitFor(() => expect(hub.sinks.size).toBe(1), waiting);
    socket.pause();
  });

  afterEach(() => void socket.destroy());

  /** 20 MB: more than the kernel keeps for it. */
  function fill(): boolean {
    const lines = [{ id: 1, source: 'a', service: null, replica: null, stream: 'stdout' as const, text: 'x'.repeat(16_000) }];
    const [sink] = hub.sinks;
    const taken = Array.from({ length: 1250 }, (_, id) =>
      sink?.write(String(id), { type: 'logs', environment: 'local', lines, skipped: 0 }),
    );
    return taken.at(-1) ?? true;
  }

  it('is waited for until it has read', async () => {
    expect(fill()).toBe(false);
    const [sink] = hub.sinks;
    const drained = sink?.drained();
    let isDrained = false;
    void drained?.then(() => (isDrained = true));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(isDrained).toBe(false);
    socket.resume();
    await drained;
    expect(sink?.write('next', told)).toBe(true);
  });

  it('is not waited for once it has gone', async () => {
    fill();
    const drained = [...hub.sinks][0]?.drained();
    socket.destroy();
    await drained;
    await vi.waitFor(() => expect(hub.sinks.size).toBe(0), waiting);
  });
});
