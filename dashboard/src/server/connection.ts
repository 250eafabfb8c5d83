/** One event stream, kept alive: reconnects with growing pauses, goes on where it ended, and says when nothing comes any more. */
import type { ServerEvent, tokenHeader as TokenHeader } from '../../../src/server/api/index.ts';
import { messageReader } from './sse.ts';

const tokenHeader: typeof TokenHeader = 'x-gantry-token';

export interface ConnectionState {
  readonly state: 'connecting' | 'live' | 'stale' | 'signed out';
  /** Milliseconds since 1970: when it began; for `stale`, when the server was last heard. */
  readonly since: number;
}

export interface ConnectionEvents {
  onEvent(event: ServerEvent): void;
  onState(state: ConnectionState): void;
  /** The server does not know this token (any more). */
  onRefused(token: string): void;
  /** The server cannot give these interests, for example because an environment is gone. Fewer have to be asked for. */
  onRejected(): void;
  /** The stream that carries these interests is open. */
  onOpen(interests: ReadonlySet<string>): void;
}

/** The server says something at least every 5 s. */
const silenceMs = 12_000;
const pauses = [0, 250, 500, 1000, 2000, 4000];
/** Interests that change together are one new stream. */
const settleMs = 20;

export class Connection {
  readonly #events: ConnectionEvents;
  #token: string | null = null;
  #interests: ReadonlySet<string> = new Set();
  #after = '';
  #failures = 0;
  #heard = 0;
  #state: ConnectionState = { state: 'connecting', since: Date.now() };
  #open: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  setToken(token: string | null): void {
    if (token === this.#token) return;
    this.#token = token;
    if (token === null) return this.#signOut();
    this.#failures = 0;
    if (this.#state.state === 'signed out') this.#say('connecting');
    this.#restart(0);
  }

  setInterests(interests: ReadonlySet<string>): void {
    if (interests.size === this.#interests.size && [...interests].every((interest) => this.#interests.has(interest))) return;
    this.#interests = interests;
    if (this.#token !== null) this.#restart(settleMs);
  }

  /** Tries at once what would be tried later. */
  hurry(): void {
    if (this.#token !== null && this.#state.state !== 'live') this.#restart(0);
  }

  #restart(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), delay);
  }

  async #run(): Promise<void> {
    this.#open?.abort();
    const controller = new AbortController();
    this.#open = controller;
    try {
      await this.#read(controller.signal, this.#interests);
    } catch {
      // Whatever ended it, it is tried again.
    }
    if (this.#open === controller && this.#token !== null) this.#lost();
  }

  async #read(signal: AbortSignal, interests: ReadonlySet<string>): Promise<void> {
    this.#watch();
    const response = await fetch(this.#url(interests), { headers: { [tokenHeader]: this.#token ?? '' }, signal });
    if (response.status === 401) return this.#refused();
    if (response.status === 400 || response.status === 404) return this.#events.onRejected();
    if (!response.ok || response.body === null) return;
    const read = messageReader(({ id, data }) => this.#take(id, JSON.parse(data) as ServerEvent, interests));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (signal.aborted) return;
      this.#heard = Date.now();
      this.#watch();
      read(part.value);
    }
  }

  #url(interests: ReadonlySet<string>): string {
    const query = new URLSearchParams([...interests].map((interest) => ['topic', interest]));
    if (this.#after !== '') query.set('after', this.#after);
    return `/api/events?${query}`;
  }

  #take(id: string, event: ServerEvent, interests: ReadonlySet<string>): void {
    this.#after = id;
    this.#events.onEvent(event);
    if (event.type !== 'hello') return;
    this.#failures = 0;
    this.#say('live');
    this.#events.onOpen(interests);
  }

  /** Begins to wait for the next sign of life. */
  #watch(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#doubt();
      this.#open?.abort();
    }, silenceMs);
  }

  #doubt(): void {
    if (this.#state.state === 'live') this.#say('stale', this.#heard);
  }

  #lost(): void {
    clearTimeout(this.#silence);
    if (this.#failures > 0) this.#doubt();
    const pause = pauses[Math.min(this.#failures, pauses.length - 1)] ?? 0;
    this.#failures += 1;
    this.#restart(pause * (0.75 + Math.random() / 2));
  }

  #refused(): void {
    if (this.#token !== null) this.#events.onRefused(this.#token);
    this.#signOut();
  }

  #signOut(): void {
    this.#token = null;
    this.#open?.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#say('signed out');
  }

  #say(state: ConnectionState['state'], since: number = Date.now()): void {
    if (state === this.#state.state) return;
    this.#state = { state, since };
    this.#events.onState(this.#state);
  }
}
