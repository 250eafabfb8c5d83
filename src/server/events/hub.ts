/**
 * Where everything that changes meets everybody who watches. State is kept as its newest only, log lines and operations in rings; a
 * stream keeps places in them, so that twenty slow ones cost no more memory than one. The number in an id says up to where a stream
 * has had the rings; state carries the number of the place at which it was told, and is told anew by whatever stream begins.
 */
import { randomBytes } from 'node:crypto';
import type { LogEntry, ServerEvent } from '../api/index.ts';
import type { Hub, Interest, Sink, Stream } from '../hub.ts';
import { Ring, type Position, type RingLimits } from './ring.ts';
import { Telling, type Beginning, type Board } from './stream.ts';
import { textOf } from './text.ts';

export interface HubOptions {
  /** Names this server's life. */
  readonly server?: string;
  /** Of Gantry. */
  readonly version?: string;
  /** Of the log lines of one environment. */
  readonly lines?: RingLimits;
  readonly operations?: RingLimits;
}

const lineLimits: RingLimits = { weight: 20_000, bytes: 16 * 1024 * 1024 };
const operationLimits: RingLimits = { weight: 500, bytes: 2 * 1024 * 1024 };
/** Lines are told in parcels of at most so many, and of about so many bytes. */
const parcel = { lines: 500, bytes: 256 * 1024 };
/** Of a line, beside its text. */
const lineBytes = 200;
const operations = '';
/** Nothing comes after it: whoever has not heard yet what it has lost is told when it comes again. */
const nowhere = -1;
const beginning: Position = { entries: 0, weight: 0 };

type StateEvent = Extract<ServerEvent, { type: 'environments' | 'status' | 'sample' | 'releases' | 'progress' }>;
type LogsEvent = Extract<ServerEvent, { type: 'logs' }>;

export function createHub(options: HubOptions = {}): Hub {
  return new EventHub(options);
}

class EventHub implements Hub, Board {
  readonly #server: string;
  readonly #version: string;
  readonly #lines: RingLimits;
  readonly #states = new Map<string, StateEvent>();
  readonly #rings: Map<string, Ring>;
  readonly #streams = new Map<Telling, ReadonlySet<string>>();
  readonly #wanted = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #number = 0;
  #isClosed = false;

  constructor({
    server = randomBytes(6).toString('hex'),
    version = '',
    lines = lineLimits,
    operations: own = operationLimits,
  }: HubOptions) {
    this.#server = server;
    this.#version = version;
    this.#lines = lines;
    this.#rings = new Map([[operations, new Ring(own)]]);
  }

  publish(event: ServerEvent): void {
    if (this.#isClosed || event.type === 'hello' || event.type === 'lost') return;
    if (event.type === 'logs') for (const part of parcels(event)) this.#keep(event.environment, part, part.lines.length + part.skipped);
    else if (event.type === 'operation') this.#keep(operations, event, 1);
    else this.#replace(event);
  }

  open(interests: ReadonlySet<Interest>, after: string | undefined, sink: Sink): Stream {
    const begin = this.#begin(interests, after);
    const stream = new Telling(this, sink, begin, () => {
      this.#streams.delete(stream);
      this.#want(interests, -1);
    });
    this.#streams.set(stream, interests);
    for (const key of this.#states.keys()) if (isFor(key, interests)) stream.changed(key);
    this.#want(interests, 1);
    stream.tell();
    if (this.#isClosed) stream.close();
    return { close: () => stream.close() };
  }

  isWanted(interest: Interest): boolean {
    return this.#wanted.has(interest);
  }

  onInterest(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.keys()) stream.close();
  }

  state(key: string): ServerEvent | undefined {
    return this.#states.get(key);
  }

  ring(name: string): Ring | undefined {
    return this.#rings.get(name);
  }

  id(number: number): string {
    return `${this.#server}-${number}`;
  }

  #replace(event: StateEvent): void {
    const key = keyOf(event);
    const before = this.#states.get(key);
    if (before !== undefined && textOf(before) === textOf(event)) return;
    this.#states.set(key, event);
    for (const [stream, interests] of this.#streams) {
      if (!isFor(key, interests)) continue;
      stream.changed(key);
      stream.tell();
    }
  }

  #keep(name: string, event: ServerEvent, weight: number): void {
    const ring = this.#rings.get(name) ?? new Ring(this.#lines);
    this.#rings.set(name, ring);
    this.#number += 1;
    ring.push({ number: this.#number, event, weight, bytes: bytesOf(event) });
    for (const stream of this.#streams.keys()) if (stream.hasRing(name)) stream.tell();
  }

  /**
   * Where a stream begins: behind `after`, when every ring that it wants still has what came then. Otherwise at the end of all of them,
   * and told so: one number could not say that it has come further in one than in another.
   */
  #begin(interests: ReadonlySet<Interest>, after: string | undefined): Beginning {
    const hello: ServerEvent = { type: 'hello', server: this.#server, version: this.#version };
    const names = [operations, ...logsOf(interests)];
    const number = this.#numberOf(after);
    const kept = number === undefined ? undefined : this.#placesAfter(number, names);
    if (kept !== undefined) return { first: [{ event: hello, number: number as number }], places: kept };
    const places = new Map(names.map((name) => [name, this.#rings.get(name)?.end ?? { ...beginning }]));
    if (after === undefined) return { first: [{ event: hello, number: this.#number }], places };
    const lost: ServerEvent = { type: 'lost', environment: null };
    return {
      first: [
        { event: hello, number: nowhere },
        { event: lost, number: this.#number },
      ],
      places,
    };
  }

  #placesAfter(number: number, names: readonly string[]): Map<string, Position> | undefined {
    const places = new Map<string, Position>();
    for (const name of names) {
      const ring = this.#rings.get(name);
      const place = ring === undefined ? { ...beginning } : ring.after(number);
      if (place === undefined) return undefined;
      places.set(name, place);
    }
    return places;
  }

  /** Undefined for what this life of the server has not told. */
  #numberOf(after: string | undefined): number | undefined {
    if (after === undefined || !after.startsWith(`${this.#server}-`)) return undefined;
    const digits = after.slice(this.#server.length + 1);
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : Infinity;
    return number <= this.#number ? number : undefined;
  }

  #want(interests: ReadonlySet<string>, step: 1 | -1): void {
    let hasChanged = false;
    for (const interest of interests) {
      const count = (this.#wanted.get(interest) ?? 0) + step;
      if (count === 0) this.#wanted.delete(interest);
      else this.#wanted.set(interest, count);
      hasChanged ||= count === 0 || (count === 1 && step === 1);
    }
    if (hasChanged) for (const listener of this.#listeners) listener();
  }
}

function keyOf(event: StateEvent): string {
  return event.type === 'environments' ? event.type : `${event.environment}/${event.type}`;
}

function isFor(key: string, interests: ReadonlySet<string>): boolean {
  return key === 'environments' || interests.has(key);
}

function logsOf(interests: ReadonlySet<string>): string[] {
  return [...interests].filter((interest) => interest.endsWith('/logs')).map((interest) => interest.slice(0, -'/logs'.length));
}

function parcels(event: LogsEvent): LogsEvent[] {
  const parts: LogEntry[][] = [[]];
  let bytes = 0;
  for (const line of event.lines) {
    const last = parts.at(-1) as LogEntry[];
    bytes += line.text.length;
    if (last.length > 0 && (last.length >= parcel.lines || bytes > parcel.bytes)) {
      parts.push([line]);
      bytes = line.text.length;
    } else last.push(line);
  }
  return parts
    .map((lines, index) => ({ ...event, lines, skipped: index === 0 ? event.skipped : 0 }))
    .filter(({ lines, skipped }) => lines.length + skipped > 0);
}

/** Of a ring's memory: text in two bytes a character at worst, once in the lines and once more as JSON. */
function bytesOf(event: ServerEvent): number {
  if (event.type !== 'logs') return textOf(event).length;
  return event.lines.reduce((sum, { text }) => sum + text.length + lineBytes, lineBytes);
}
