import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { App, Environment } from '../../app/model.ts';
import type { LogLine, LogSelector, Platform, PlatformContext } from '../../platforms/platform.ts';
import { longestLine, type LogEntry, type ServerEvent } from '../api/index.ts';
import { createHub } from '../events/hub.ts';
import type { Hub, Stream } from '../hub.ts';
import type { WatchClock } from '../watch/clock.ts';
import { openLogBook, type LogBook, type LogBookOptions } from './book.ts';

const waiting = { timeout: 30_000 };

/** Logs that the test writes: what is there when somebody opens them, and what comes. */
class Logs {
  stored: LogLine[] = [];
  readonly opened: LogSelector[] = [];
  /** Instead of everything else. */
  failure: Error | undefined;
  #coming: LogLine[] = [];
  #wake: () => void = () => {};
  #readers = 0;

  get isRead(): boolean {
    return this.#readers > 0;
  }

  add(...texts: readonly string[]): void {
    for (const text of texts) this.put({ source: 'web-3f9a-1', stream: 'stdout', text });
  }

  put(line: LogLine): void {
    this.#coming.push(line);
    this.#wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.#wake();
  }

  async *read(selector: LogSelector, { signal }: PlatformContext): AsyncGenerator<LogLine> {
    this.opened.push(selector);
    this.#readers += 1;
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      this.#throwIfFailed();
      for (const line of selector.tail === 0 ? [] : this.stored) yield line;
      selector.onCaughtUp?.();
      while (!signal.aborted) {
        this.#throwIfFailed();
        const line = this.#coming.shift();
        if (line === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else yield line;
      }
    } finally {
      this.#readers -= 1;
      signal.removeEventListener('abort', wake);
    }
  }

  #throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

/** Time stands still unless it is moved. */
class HandClock implements WatchClock {
  #now = Date.parse('2026-05-04T12:00:00Z');
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  now = (): number => this.#now;
  epoch = (): number => this.#now;
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }
  move(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

interface Setup {
  readonly logs: Logs;
  readonly clock: HandClock;
  readonly hub: Hub;
  readonly book: LogBook;
}

function setup(options: LogBookOptions = {}): Setup {
  const [logs, clock, hub] = [new Logs(), new HandClock(), createHub()];
  const book = openLogBook(
    {
      app: { services: { web: {} }, resources: { db: {} } } as unknown as App,
      env: { name: 'local' } as Environment,
      platform: { logs: (selector: LogSelector, context: PlatformContext) => logs.read(selector, context) } as unknown as Platform,
      context: { app: 'shop', environment: 'local', folder: '/', signal: new AbortController().signal },
    },
    hub,
    { clock, ...options },
  );
  onTestFinished(() => {
    book.close();
    hub.close();
  });
  return { logs, clock, hub, book };
}

interface Watcher extends Stream {
  readonly lines: LogEntry[];
  skipped(): number;
}

function watch(hub: Hub, after?: string): Watcher & { last: string } {
  const lines: LogEntry[] = [];
  let skipped = 0;
  const watcher = {
    lines,
    last: '',
    skipped: () => skipped,
    close: () => stream.close(),
  };
  const sink = {
    write(id: string, event: ServerEvent): boolean {
      watcher.last = id;
      if (event.type === 'logs') lines.push(...event.lines);
      if (event.type === 'logs') skipped += event.skipped;
      return true;
    },
    drained: async () => {},
  };
  const stream = hub.open(new Set(['local/logs'] as const), after, sink);
  return watcher;
}

const texts = (lines: readonly LogEntry[]): string[] => lines.map(({ text }) => text);
/** Until everything that can happen without time passing has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the log book', () => {
  it('reads nothing before somebody asks, then everything together', async () => {
    const { logs, book } = setup();
    logs.stored = [
      { source: 'web-3f9a-1', stream: 'stdout', text: 'one', at: '2026-05-04T11:00:00.000Z' },
      { source: 'supervisor', stream: 'gantry', text: 'two' },
    ];
    await settled();
    expect(logs.opened).toEqual([]);
    expect(await book.page({ tail: 10 })).toEqual({
      lines: [
        {
          id: 1,
          at: '2026-05-04T11:00:00.000Z',
          source: 'web-3f9a-1',
          service: 'web',
          replica: 'web-3f9a-1',
          stream: 'stdout',
          text: 'one',
        },
        { id: 2, source: 'supervisor', service: null, replica: null, stream: 'gantry', text: 'two' },
      ],
      more: false,
      cursor: 2,
      sources: ['supervisor', 'web-3f9a-1'],
    });
    expect(logs.opened).toMatchObject([{ all: true, follow: true, newest: true, tail: 100_000 }]);
  });

  it('begins to read when a stream wants logs, and tells only what comes', async () => {
    const { logs, clock, hub } = setup();
    logs.stored = [{ source: 'db', stream: 'stdout', text: 'old' }];
    const stream = watch(hub);
    await vi.waitFor(() => expect(logs.isRead).toBe(true), waiting);
    await settled();
    logs.add('new');
    await settled();
    expect(stream.lines).toEqual([]);
    clock.move(100);
    expect(stream.lines).toMatchObject([{ id: 2, text: 'new', service: 'web' }]);
  });

  it('publishes nothing while nobody watches, and tells it to who watches again', async () => {
    const { logs, clock, hub } = setup();
    const publish = vi.spyOn(hub, 'publish');
    const first = watch(hub);
    await settled();
    logs.add('one');
    await settled();
    first.close();
    expect(texts(publish.mock.calls.flatMap(([event]) => (event.type === 'logs' ? event.lines : [])))).toEqual(['one']);
    logs.add('two', 'three');
    await settled();
    clock.move(10_000);
    expect(publish).toHaveBeenCalledTimes(1);
    const again = watch(hub, first.last);
    clock.move(100);
    expect(texts([...first.lines, ...again.lines])).toEqual(['one', 'two', 'three']);
  });

  it('tells a page and a stream that belong together: nothing is missing, nothing comes twice', async () => {
    const { logs, clock, hub, book } = setup({ lines: 50_000 });
    logs.stored = Array.from({ length: 500 }, (_none, at) => ({ source: 'web-3f9a-1', stream: 'stdout', text: `old ${at}` }));
    let count = 0;
    let isWriting = true;
    const write = (): void => {
      for (let at = 0; at < 7; at += 1) logs.add(`new ${(count += 1)}`);
      clock.move(20);
      if (isWriting) setImmediate(write);
    };
    setImmediate(write);
    const others = watch(hub);
    const seen: string[][] = [];
    for (let round = 0; round < 20; round += 1) {
      const streamFirst = round % 2 === 0;
      const early = streamFirst ? watch(hub) : undefined;
      const page = await book.page({ tail: 100_000 });
      const stream = early ?? watch(hub);
      await vi.waitFor(() => expect(stream.lines.at(-1)?.id ?? 0).toBeGreaterThan(page.cursor + 20), { ...waiting, interval: 1 });
      seen.push(texts([...page.lines, ...stream.lines.filter(({ id }) => id > page.cursor)]));
      stream.close();
      if (round === 10) others.close();
    }
    isWriting = false;
    const all = [...logs.stored.map(({ text }) => text), ...Array.from({ length: count }, (_none, at) => `new ${at + 1}`)];
    for (const [round, lines] of seen.entries()) {
      if (round % 2 === 0 || round > 10) expect(lines).toEqual(all.slice(0, lines.length));
    }
  });

  it('frees everything some minutes after the last interest, and begins anew with higher ids', async () => {
    const { logs, clock, hub, book } = setup({ idleMs: 60_000 });
    logs.stored = [{ source: 'db', stream: 'stdout', text: 'old', at: '2026-05-04T11:00:00.000Z' }];
    const stream = watch(hub);
    await settled();
    clock.move(600_000);
    expect(logs.isRead).toBe(true);
    stream.close();
    clock.move(59_000);
    await book.page({ tail: 1 });
    clock.move(59_000);
    expect(logs.isRead).toBe(true);
    clock.move(1000);
    await vi.waitFor(() => expect(logs.isRead).toBe(false), waiting);
    const missed = new Date(clock.epoch() + 5000).toISOString();
    logs.stored = [...logs.stored, { source: 'db', stream: 'stdout', text: 'missed', at: missed }];
    clock.move(10_000);
    const again = watch(hub, stream.last);
    await settled();
    clock.move(100);
    expect(again.lines).toMatchObject([{ id: 3, text: 'missed' }]);
    expect((await book.page({ tail: 10 })).lines).toMatchObject([
      { id: 2, text: 'old' },
      { id: 3, text: 'missed' },
    ]);
  });

  it('goes on after the platform failed, without telling again what it has', async () => {
    const { logs, clock, book } = setup();
    logs.fail(new Error('no such place'));
    await expect(book.page({ tail: 1 })).rejects.toThrow('no such place');
    logs.failure = undefined;
    logs.stored = [{ source: 'db', stream: 'stdout', text: 'one' }];
    clock.move(1000);
    await vi.waitFor(async () => expect(texts((await book.page({ tail: 9 })).lines)).toEqual(['one']), waiting);
    logs.fail(new Error('gone'));
    await vi.waitFor(() => expect(logs.isRead).toBe(false), waiting);
    expect(texts((await book.page({ tail: 9 })).lines)).toEqual(['one']);
    logs.failure = undefined;
    clock.move(1000);
    await vi.waitFor(() => expect(logs.isRead).toBe(true), waiting);
    logs.add('two');
    await vi.waitFor(async () => expect(texts((await book.page({ tail: 9 })).lines)).toEqual(['one', 'two']), waiting);
    expect(logs.opened.map(({ tail }) => tail)).toEqual([100_000, 100_000, 0]);
  });

  it('does not wait for ever for a platform that never says that it has caught up', async () => {
    const { logs, clock, hub, book } = setup();
    const read = vi.spyOn(logs, 'read').mockImplementation(async function* (_selector, { signal }) {
      yield { source: 'db', stream: 'stdout', text: 'one' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    const stream = watch(hub);
    const page = book.page({ tail: 10 });
    await settled();
    clock.move(3000);
    expect(texts((await page).lines)).toEqual(['one']);
    expect(read).toHaveBeenCalledOnce();
    stream.close();
  });

  it('cuts long lines between characters, and says how long they were', async () => {
    const { logs, book } = setup();
    const text = `${'x'.repeat(longestLine - 1)}\u{1f600}rest`;
    logs.stored = [
      { source: 'db', stream: 'stdout', text },
      { source: 'db', stream: 'stdout', text: 'y'.repeat(longestLine) },
      { source: 'db', stream: 'stdout', text: 'z'.repeat(longestLine + 5), characters: 5_000_000 },
    ];
    const { lines } = await book.page({ tail: 10 });
    expect(lines.map((line) => [line.text.length, line.characters])).toEqual([
      [longestLine - 1, text.length],
      [longestLine, undefined],
      [longestLine, 5_000_000],
    ]);
    expect(lines[0]?.text).not.toMatch(/[\ud800-\udbff]$/);
  });

  it('counts what the platform left out, and what it leaves out itself', async () => {
    const { logs, clock, hub } = setup({ lines: 1000 });
    const stream = watch(hub);
    await settled();
    logs.put({ source: 'web-3f9a-1', stream: 'stdout', text: 'after a gap', skipped: 40 });
    await settled();
    clock.move(100);
    expect(stream.lines).toMatchObject([{ text: 'after a gap', skipped: 40 }]);
    expect(stream.skipped()).toBe(40);
    logs.add(...Array.from({ length: 20_000 }, (_none, at) => `${at}`));
    await vi.waitFor(() => {
      clock.move(100);
      expect(stream.lines.at(-1)?.text).toBe('19999');
    }, waiting);
    expect(stream.lines.length + stream.skipped()).toBe(1 + 40 + 20_000);
  });

  it('gives nothing after its end', async () => {
    const { logs, book, hub } = setup();
    const stream = watch(hub);
    await vi.waitFor(() => expect(logs.isRead).toBe(true), waiting);
    book.close();
    await vi.waitFor(() => expect(logs.isRead).toBe(false), waiting);
    expect(await book.page({ tail: 1 })).toEqual({ lines: [], more: false, cursor: 0, sources: [] });
    stream.close();
    watch(hub).close();
    expect(logs.opened).toHaveLength(1);
  });
});
