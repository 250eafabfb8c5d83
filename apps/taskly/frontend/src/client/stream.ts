import { backoff } from '../model/backoff.ts';
import { createStreamReader, type StreamEvent } from '../model/stream.ts';
import type { Task } from '../model/task.ts';
import { retryAfter } from './http.ts';

export type TaskEvent = { op: 'put'; task: Task } | { op: 'delete'; id: string };

export interface StreamHandlers {
  onReady(resumed: boolean): void;
  onTask(event: TaskEvent): void;
  onReload(): void;
  onSignedOut(): void;
  /** `down` after a failed attempt; a server that says goodbye and a quick reconnect stay `live`. */
  onLink(link: 'live' | 'down'): void;
}

/** Silence of this many ms (the server sends a beat every 15 s) means a dead connection. */
const silenceLimit = 45_000;
/** A tab that nobody has looked at for this long gives its connection back: browsers allow six to one host. */
const hiddenLimit = 60_000;

/** The live connection to `/api/events`: reconnects with jitter, goes on from the last event. */
export class EventConnection {
  private readonly handlers: StreamHandlers;
  private current = new AbortController();
  private closed = false;
  private attempt = 0;
  private lastId = '';
  private retry = 2000;
  private wakeUp: () => void = () => undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(handlers: StreamHandlers) {
    this.handlers = handlers;
    document.addEventListener('visibilitychange', this.onVisibility);
    addEventListener('online', this.onOnline);
    addEventListener('offline', this.onOffline);
    void this.run();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.hiddenTimer);
    document.removeEventListener('visibilitychange', this.onVisibility);
    removeEventListener('online', this.onOnline);
    removeEventListener('offline', this.onOffline);
    this.current.abort();
    this.wakeUp();
  }

  private readonly onOnline = (): void => {
    this.attempt = 0;
    this.wakeUp();
  };

  /** A hint, not a fact: without any network a server on this very machine still answers, so attempts go on. */
  private readonly onOffline = (): void => {
    this.current.abort();
    this.handlers.onLink('down');
  };

  private readonly onVisibility = (): void => {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) this.hiddenTimer = setTimeout(() => this.current.abort(), hiddenLimit);
    else this.wakeUp();
  };

  private async run(): Promise<void> {
    while (!this.closed) {
      const delay = await this.connect();
      if (delay === undefined || this.closed) return;
      await this.sleep(delay);
      while (document.hidden && !this.closed) await this.sleep(hiddenLimit);
    }
  }

  /** One connection from start to end; the ms to wait before the next, undefined when there shall be none. */
  private async connect(): Promise<number | undefined> {
    this.current = new AbortController();
    try {
      const response = await fetch(this.address(), {
        cache: 'no-store',
        headers: { accept: 'text/event-stream' },
        signal: this.current.signal,
      });
      if (response.status === 401) return this.handlers.onSignedOut() as undefined;
      if (!response.ok || response.body === null) return this.failed(retryAfter(response));
      return (await this.read(response.body)) ? Math.round(this.retry * (0.5 + Math.random() / 2)) : undefined;
    } catch {
      return this.failed(undefined);
    }
  }

  private address(): string {
    return this.lastId === '' ? '/api/events' : `/api/events?lastEventId=${encodeURIComponent(this.lastId)}`;
  }

  private failed(wait: number | undefined): number {
    if (!this.closed && !document.hidden) this.handlers.onLink('down');
    return Math.max(wait ?? 0, backoff(this.attempt++, Math.random()));
  }

  /** Reads until the server ends it; false when the session has ended with it. */
  private async read(body: ReadableStream<Uint8Array>): Promise<boolean> {
    const reader = createStreamReader(this.lastId);
    const chunks = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await this.withinSilence(chunks.read());
      if (done) return true;
      const events = reader.push(value);
      this.lastId = reader.lastId();
      this.retry = reader.retry() ?? this.retry;
      if (!events.every((event) => this.handle(event))) return false;
    }
  }

  private async withinSilence<T>(promise: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.current.abort(), silenceLimit);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  private handle({ name, data }: StreamEvent): boolean {
    if (name === 'ready') this.ready(data);
    if (name === 'task') this.handlers.onTask(JSON.parse(data) as TaskEvent);
    if (name === 'reload') this.handlers.onReload();
    if (name === 'signed-out') this.handlers.onSignedOut();
    return name !== 'signed-out';
  }

  private ready(data: string): void {
    this.attempt = 0;
    this.handlers.onLink('live');
    this.handlers.onReady((JSON.parse(data) as { resumed: boolean }).resumed);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
