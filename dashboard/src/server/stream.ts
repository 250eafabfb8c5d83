/** This tab's end of the event stream: what was told last, and who wants to hear of it. */
import { replaceEqualDeep } from '@tanstack/react-query';
import type { Operation, Progress, ReleaseSummary, Sample, ServerEvent, Status, Topic } from '../../../src/server/api/index.ts';
import { Broker, type FromBroker, type ToBroker } from './broker.ts';
import type { ConnectionState } from './connection.ts';
import { keyOf, type Interest } from './interest.ts';
import { currentToken, onSession, signOut } from './session.ts';

/** State topics, and what each is about. */
export interface Live {
  readonly status: Status;
  readonly sample: Sample;
  readonly releases: readonly ReleaseSummary[];
  /** Null: no release is under way. */
  readonly progress: Progress | null;
}

type Listener = (event: ServerEvent) => void;

const counts = new Map<Interest, number>();
const values = new Map<string, unknown>();
const watchers = new Map<string, Set<() => void>>();
const listeners = new Map<string, Set<Listener>>();
const open = new Set<string>();
const operations = new Map<string, Operation>();
let connection: ConnectionState = { state: 'connecting', since: Date.now() };
const port = openPort();
let onReset: () => void = () => {};

/** Begins to listen. @param reset called when the server is another one, so that everything has to be fetched anew */
export function connect(reset: () => void): void {
  onReset = reset;
  const lock = `gantry-tab-${crypto.randomUUID()}`;
  port.addEventListener('message', ({ data }: MessageEvent<FromBroker>) => take(data));
  port.start();
  holdLock(lock, () => send({ kind: 'join', lock: 'locks' in navigator ? lock : null, token: currentToken() }));
  onSession(() => send({ kind: 'token', token: currentToken() }));
  document.addEventListener('visibilitychange', () => send({ kind: 'visible', visible: !document.hidden }));
  window.addEventListener('pagehide', () => send({ kind: 'leave' }));
  window.addEventListener('pageshow', (event) => event.persisted && location.reload());
}

/** Held as long as this tab lives. */
function holdLock(name: string, then: () => void): void {
  if (!('locks' in navigator)) return then();
  void navigator.locks.request(name, () => {
    then();
    return new Promise(() => {});
  });
}

function openPort(): MessagePort {
  if ('SharedWorker' in globalThis) {
    try {
      return new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'gantry' }).port;
    } catch {
      // Where workers are not allowed, this tab has a connection of its own.
    }
  }
  const { port1, port2 } = new MessageChannel();
  new Broker().add(port1);
  return port2;
}

function send(message: ToBroker): void {
  port.postMessage(message);
}

function take(message: FromBroker): void {
  if (message.kind === 'state') return setConnection(message.state);
  if (message.kind === 'refused') return signOut(message.token);
  if (message.kind === 'event') return onEvent(message.event);
  if (message.kind === 'open') return message.interests.forEach((interest) => setOpen(interest));
  values.clear();
  for (const key of watchers.keys()) notify(key);
  onReset();
}

function setConnection(state: ConnectionState): void {
  connection = state;
  notify('connection');
}

function setOpen(interest: Interest): void {
  if (!counts.has(interest) || open.has(interest)) return;
  open.add(interest);
  notify(`open ${interest}`);
}

function onEvent(event: ServerEvent): void {
  const key = keyOf(event);
  const value = valueOf(event);
  if (value !== undefined) setValue(key, value);
  if (event.type === 'operation') keepOperation(event.operation);
  // What is lost concerns everybody who built something from single events.
  const concerned = event.type === 'lost' ? [...listeners.values()] : [listeners.get(key) ?? []];
  for (const set of concerned) for (const listener of set) listener(event);
}

function valueOf(event: ServerEvent): unknown {
  if (event.type === 'status') return event.status;
  if (event.type === 'sample') return event.sample;
  if (event.type === 'releases') return event.releases;
  if (event.type === 'progress') return event.progress;
  if (event.type === 'environments') return event.environments;
  return undefined;
}

/** Parts that are as before stay the same objects, so that only what changed is drawn anew. */
function setValue(key: string, value: unknown): void {
  const next: unknown = replaceEqualDeep(values.get(key), value);
  if (values.has(key) && next === values.get(key)) return;
  values.set(key, next);
  notify(key);
}

function keepOperation(operation: Operation): void {
  operations.set(operation.id, operation);
  notify(`operation ${operation.id}`);
}

function notify(key: string): void {
  for (const watcher of watchers.get(key) ?? []) watcher();
}

export function watch(key: string, watcher: () => void): () => void {
  return join(watchers, key, watcher);
}

export function valueAt(key: string): unknown {
  return values.get(key);
}

export function connectionState(): ConnectionState {
  return connection;
}

export function isOpen(interest: string): boolean {
  return open.has(interest);
}

/** As it was told last; undefined when nothing was told of it yet. */
export function operationAt(id: string): Operation | undefined {
  return operations.get(id);
}

/** Asks the server for the interest as long as anybody does. */
export function subscribe(interest: Interest): () => void {
  counts.set(interest, (counts.get(interest) ?? 0) + 1);
  if (counts.get(interest) === 1) sendInterests();
  return () => {
    const left = (counts.get(interest) ?? 1) - 1;
    if (left > 0) return void counts.set(interest, left);
    counts.delete(interest);
    values.delete(interest);
    open.delete(interest);
    sendInterests();
  };
}

let pending = false;

function sendInterests(): void {
  if (pending) return;
  pending = true;
  queueMicrotask(() => {
    pending = false;
    send({ kind: 'interests', interests: [...counts.keys()] });
  });
}

/** @param key an interest, or the type of an event that every page gets */
export function listen(key: string, listener: Listener): () => void {
  return join(listeners, key, listener);
}

function join<T>(sets: Map<string, Set<T>>, key: string, item: T): () => void {
  const set = sets.get(key) ?? new Set<T>();
  sets.set(key, set.add(item));
  return () => {
    set.delete(item);
    if (set.size === 0) sets.delete(key);
  };
}

export function interestIn(environment: string, topic: Topic): Interest {
  return `${environment}/${topic}`;
}
