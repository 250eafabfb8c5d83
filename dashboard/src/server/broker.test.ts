import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EnvironmentSummary, ServerEvent } from '../../../src/server/api/index.ts';
import { Broker, type FromBroker, type ToBroker } from './broker.ts';
import { fakeEvents, type FakeEvents, type FakeStream } from './testing.ts';

class Tab {
  readonly heard: FromBroker[] = [];
  #listener: (event: { data: ToBroker }) => void = () => {};

  join(broker: Broker, ...interests: `${string}/status`[]): this {
    const port = {
      addEventListener: (_type: string, listener: (event: { data: ToBroker }) => void) => (this.#listener = listener),
      start: () => {},
      close: () => {},
      postMessage: (message: FromBroker) => this.heard.push(message),
    };
    broker.add(port as unknown as MessagePort);
    this.say({ kind: 'join', lock: null, token: 't' });
    this.say({ kind: 'interests', interests });
    return this;
  }

  say(data: ToBroker): void {
    this.#listener({ data });
  }

  get events(): ServerEvent[] {
    return this.heard.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
  }
}

let events: FakeEvents;
let broker: Broker;
const tabs: Tab[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  events = fakeEvents();
  vi.stubGlobal('fetch', events.fetch);
  broker = new Broker();
});

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.say({ kind: 'token', token: null });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function stream(): FakeStream {
  const found = events.streams.at(-1);
  if (found === undefined) throw new Error('no stream');
  return found;
}

const topics = (): string[] => stream().url.searchParams.getAll('topic');

const progress = (environment: string, step: string): ServerEvent => ({
  type: 'progress',
  environment,
  progress: { key: step, operation: 'deploy', walk: [], gate: null, meter: null },
});

const environments = (...names: string[]): ServerEvent => ({
  type: 'environments',
  environments: names.map((name) => ({ name }) as EnvironmentSummary),
});

function tab(...interests: string[]): Tab {
  const made = new Tab().join(broker, ...(interests as `${string}/status`[]));
  tabs.push(made);
  return made;
}

async function open(server = 's'): Promise<void> {
  await pass(20);
  stream().open(server);
  await pass(0);
}

it('asks once for what all tabs want, and gives each what it asked for', async () => {
  const [one, other] = [tab('local/status', 'local/progress'), tab('local/logs')];
  await open();
  expect(events.streams).toHaveLength(1);
  expect(topics()).toEqual(['local/status', 'local/progress', 'local/logs']);
  stream().send(progress('local', 'canary'));
  stream().send({ type: 'logs', environment: 'local', lines: [], skipped: 3 });
  await pass(0);
  expect(one.events.map(({ type }) => type)).toEqual(['hello', 'progress']);
  expect(other.events.map(({ type }) => type)).toEqual(['hello', 'logs']);
  expect(other.heard).toContainEqual({ kind: 'open', interests: ['local/logs'] });
});

it('tells a tab that comes later what is known already, without a new stream', async () => {
  tab('local/progress');
  await open();
  stream().send(progress('local', 'smoke'));
  stream().send(progress('local', 'canary'));
  await pass(0);
  const late = tab('local/progress');
  await pass(50);
  expect(events.streams).toHaveLength(1);
  expect(late.events).toEqual([{ type: 'hello', server: 's', version: '1' }, progress('local', 'canary')]);
  expect(late.heard).toContainEqual({ kind: 'open', interests: ['local/progress'] });
});

it('asks for less only when nobody came back to it for a while', async () => {
  const one = tab('local/status');
  await open();
  one.say({ kind: 'interests', interests: ['local/logs'] });
  await open();
  expect(topics()).toEqual(['local/status', 'local/logs']);
  await pass(9000);
  expect(events.streams).toHaveLength(2);
  await pass(1100);
  expect(topics()).toEqual(['local/logs']);
});

it('forgets a tab that leaves', async () => {
  const [one, other] = [tab('local/status'), tab('local/logs')];
  await open();
  other.say({ kind: 'leave' });
  stream().beat();
  await pass(5000);
  stream().beat();
  await pass(5100);
  expect(topics()).toEqual(['local/status']);
  expect(one.heard.length).toBeGreaterThan(0);
});

it('keeps the newest state for a tab that nobody looks at, and single events all of them', async () => {
  const one = tab('local/progress', 'local/logs');
  await open();
  one.say({ kind: 'visible', visible: false });
  stream().send(progress('local', 'smoke'));
  stream().send({ type: 'logs', environment: 'local', lines: [], skipped: 1 });
  stream().send(progress('local', 'canary'));
  await pass(0);
  expect(one.events.map(({ type }) => type)).toEqual(['hello', 'logs']);
  one.say({ kind: 'visible', visible: true });
  expect(one.events.at(-1)).toEqual(progress('local', 'canary'));
});

it('says when the server is another one, so that everything is fetched anew', async () => {
  const one = tab('local/progress');
  await open('first');
  stream().send(progress('local', 'canary'));
  await pass(0);
  stream().end();
  await pass(1);
  stream().open('second');
  await pass(0);
  expect(one.heard.filter(({ kind }) => kind === 'reset')).toHaveLength(1);
  const late = tab('local/progress');
  expect(late.events.map(({ type }) => type)).toEqual(['hello']);
});

it('leaves out what the server cannot give, and asks for it when its environment is there', async () => {
  tab('gone/status', 'local/status');
  await pass(20);
  stream().refuse(404);
  await pass(30);
  expect(topics()).toEqual([]);
  stream().open();
  stream().send(environments('local'));
  await pass(20);
  expect(topics()).toEqual(['local/status']);
  stream().open();
  stream().send(environments('local', 'gone'));
  await pass(20);
  expect(topics()).toEqual(['gone/status', 'local/status']);
});

it('tells every tab which token was refused', async () => {
  const [one, other] = [tab('local/status'), tab('local/logs')];
  await pass(20);
  stream().refuse(401);
  await pass(0);
  for (const each of [one, other]) expect(each.heard).toContainEqual({ kind: 'refused', token: 't' });
});
