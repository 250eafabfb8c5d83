import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ServerEvent } from '../../../src/server/api/index.ts';
import { Connection } from './connection.ts';
import { fakeEvents, type FakeEvents, type FakeStream } from './testing.ts';

let events: FakeEvents;
let states: string[];
let told: ServerEvent[];
let opened: string[][];
let refused: string[];
let rejections: number;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  events = fakeEvents();
  vi.stubGlobal('fetch', events.fetch);
  [states, told, opened, refused, rejections] = [[], [], [], [], 0];
  connection = new Connection({
    onEvent: (event) => told.push(event),
    onState: ({ state }) => states.push(state),
    onRefused: (token) => refused.push(token),
    onRejected: () => (rejections += 1),
    onOpen: (interests) => opened.push([...interests]),
  });
});

afterEach(() => {
  connection.setToken(null);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lets timers that are due run, and what they lead to. */
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function stream(index: number): FakeStream {
  const found = events.streams.at(index);
  if (found === undefined) throw new Error(`no stream ${index}`);
  return found;
}

async function live(): Promise<void> {
  connection.setToken('t');
  await pass(0);
  stream(-1).open();
  await pass(0);
}

it('asks with the token, and is live once the server has said hello', async () => {
  connection.setToken('t');
  await pass(0);
  expect(stream(0).token).toBe('t');
  expect(states).toEqual([]);
  stream(0).open();
  await pass(0);
  expect(states).toEqual(['live']);
  expect(told).toEqual([{ type: 'hello', server: 's', version: '1' }]);
});

it('asks anew for other interests, from where it was, and ends the stream before', async () => {
  await live();
  stream(0).send({ type: 'lost', environment: null });
  await pass(0);
  connection.setInterests(new Set(['local/status']));
  connection.setInterests(new Set(['local/status', 'local/logs']));
  await pass(20);
  expect(events.streams).toHaveLength(2);
  expect(stream(0).isAborted).toBe(true);
  expect(stream(1).url.searchParams.getAll('topic')).toEqual(['local/status', 'local/logs']);
  expect(stream(1).url.searchParams.get('after')).toBe('s-2');
  stream(1).open();
  await pass(0);
  expect(opened.at(-1)).toEqual(['local/status', 'local/logs']);
  expect(states).toEqual(['live']);
  connection.setInterests(new Set(['local/logs', 'local/status']));
  await pass(100);
  expect(events.streams).toHaveLength(2);
});

it('goes on after an end without a word when it works at once', async () => {
  await live();
  stream(0).end();
  await pass(1);
  expect(events.streams).toHaveLength(2);
  stream(1).open();
  await pass(0);
  expect(states).toEqual(['live']);
});

it('says stale, waits longer and longer, and is live again', async () => {
  await live();
  stream(0).end();
  await pass(1);
  for (const pause of [350, 700, 1300]) {
    stream(-1).fail();
    const before = events.streams.length;
    await pass(pause);
    expect(events.streams).toHaveLength(before + 1);
  }
  expect(states).toEqual(['live', 'stale']);
  stream(-1).open();
  await pass(0);
  expect(states).toEqual(['live', 'stale', 'live']);
});

it('takes 12 s of silence as an end, but not while there are beats', async () => {
  await live();
  for (let beats = 0; beats < 5; beats++) {
    await pass(5000);
    stream(0).beat();
  }
  expect(states).toEqual(['live']);
  const heard = Date.now();
  await pass(12_001);
  expect(states).toEqual(['live', 'stale']);
  expect(connection.state.since).toBe(heard);
  expect(stream(0).isAborted).toBe(true);
  await pass(1);
  expect(events.streams).toHaveLength(2);
});

it('ends with a token that the server does not know, and begins with the next', async () => {
  connection.setToken('old');
  await pass(0);
  stream(0).refuse(401);
  await pass(60_000);
  expect(events.streams).toHaveLength(1);
  expect(refused).toEqual(['old']);
  expect(states).toEqual(['signed out']);
  connection.setToken('new');
  await pass(0);
  expect(stream(1).token).toBe('new');
  stream(1).open();
  await pass(0);
  expect(states).toEqual(['signed out', 'connecting', 'live']);
});

it('says when what it asks for cannot be given', async () => {
  connection.setToken('t');
  await pass(0);
  stream(0).refuse(404);
  await pass(0);
  expect(rejections).toBe(1);
});

it('hurries when somebody looks again', async () => {
  connection.setToken('t');
  await pass(0);
  for (let times = 0; times < 5; times++) {
    stream(-1).fail();
    await pass(6000);
  }
  stream(-1).fail();
  await pass(1);
  const before = events.streams.length;
  connection.hurry();
  await pass(0);
  expect(events.streams).toHaveLength(before + 1);
});
