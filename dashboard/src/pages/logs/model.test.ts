import { describe, expect, it, vi } from 'vitest';
import type { LogEntry, LogPage, ServerEvent } from '../../../../src/server/api/index.ts';
import { levels } from './line.ts';
import { literalMatcher } from './matcher.ts';
import { LogModel, type LogSource, type LogWanted } from './model.ts';

function line(id: number, source = 'backend-3f9a-1'): LogEntry {
  const service = source.startsWith('backend') ? 'backend' : null;
  return { id, source, service, replica: service === null ? null : source, stream: 'stdout', text: `line ${id}` };
}

const lines = (from: number, to: number): LogEntry[] => Array.from({ length: to - from }, (_, index) => line(from + index));

/** A server with the lines `[from, to)`; answers as the real one does. */
class FakeServer implements LogSource {
  readonly asked: object[] = [];
  lines: LogEntry[];
  error: Error | undefined;
  hold: Promise<void> | undefined;

  constructor(all: LogEntry[]) {
    this.lines = all;
  }

  async fetch(query: LogWanted & { tail: number; before?: number }): Promise<LogPage> {
    this.asked.push(query);
    const matching = this.lines.filter((each) => query.before === undefined || each.id < query.before);
    const page = matching.slice(-query.tail);
    const cursor = this.lines.at(-1)?.id ?? 0;
    await this.hold;
    if (this.error !== undefined) throw this.error;
    return { lines: page, more: page.length < matching.length, cursor, sources: [...new Set(this.lines.map((each) => each.source))] };
  }

  problemOf(error: unknown) {
    return { code: '', message: String(error), fix: '', lines: [], exitCode: 1 };
  }
}

const all: LogWanted = { service: undefined, replica: undefined };

function told(own: LogEntry[], skipped = 0): ServerEvent {
  return { type: 'logs', environment: 'local', lines: own, skipped };
}

function modelOf(server: FakeServer, wanted = all, size = 100_000): LogModel {
  return new LogModel(wanted, server, size, (then) => setImmediate(then));
}

function ids(model: LogModel): number[] {
  return Array.from({ length: model.ring.length }, (_, index) => model.ring.id(model.ring.first + index));
}

describe('LogModel', () => {
  it('joins history and what came meanwhile without a gap or a line twice', async () => {
    const server = new FakeServer(lines(1, 10));
    let release: () => void = () => {};
    server.hold = new Promise((resolve) => (release = resolve));
    const model = modelOf(server);
    model.take(told(lines(8, 11)));
    const loaded = model.load();
    model.take(told(lines(11, 13)));
    release();
    await loaded;
    model.take(told(lines(12, 15)));
    expect(ids(model)).toEqual(lines(1, 15).map(({ id }) => id));
  });

  it('fetches older lines until there are none', async () => {
    const server = new FakeServer(lines(1, 8_001));
    const model = modelOf(server);
    await model.load();
    expect(model.state).toMatchObject({ more: true, loading: null, sources: ['backend-3f9a-1'] });
    expect(await model.older()).toBe(true);
    expect(model.ring.oldestId).toBe(1_001);
    expect(await model.older()).toBe(false);
    expect([model.ring.length, model.state.more]).toEqual([8_000, false]);
    expect(server.asked[1]).toMatchObject({ before: 6_001, tail: 5_000 });
  });

  it('stops fetching when it is full', async () => {
    const model = modelOf(new FakeServer(lines(1, 8_001)), all, 3_000);
    await model.load();
    expect(await model.older()).toBe(false);
    expect([model.ring.length, model.canHoldMore, await model.older()]).toEqual([3_000, false, false]);
  });

  it('takes only what is wanted of the stream', async () => {
    const model = modelOf(new FakeServer([]), { service: 'backend', replica: undefined });
    await model.load();
    model.take(told([line(1), line(2, 'db'), line(3)]));
    expect(ids(model)).toEqual([1, 3]);
    expect(model.state.sources).toEqual(['backend-3f9a-1', 'db']);
    const source = modelOf(new FakeServer([]), { service: undefined, replica: 'db' });
    await source.load();
    source.take(told([line(1), line(2, 'db')]));
    expect(ids(source)).toEqual([2]);
  });

  it('says where lines were left out, and closes the gap when it is fetched', async () => {
    const server = new FakeServer(lines(1, 3));
    const model = modelOf(server);
    await model.load();
    model.take(told(lines(10, 12), 7));
    expect(ids(model)).toEqual([1, 2, 2.5, 10, 11]);
    server.lines = lines(1, 12);
    await model.load();
    expect(ids(model)).toEqual(lines(1, 12).map(({ id }) => id));
  });

  it('begins anew with a server that counts from the beginning', async () => {
    const server = new FakeServer(lines(500, 510));
    const model = modelOf(server);
    await model.load();
    server.lines = lines(1, 4);
    await model.load();
    expect(ids(model)).toEqual([1, 2, 3]);
  });

  it('leaves no hole when more was missed than one page has', async () => {
    const server = new FakeServer(lines(1, 10));
    const model = modelOf(server);
    await model.load();
    server.lines = lines(1, 9_001);
    await model.load();
    expect([model.ring.oldestId, model.ring.newestId, model.state.more]).toEqual([7_001, 9_000, true]);
  });

  it('says what went wrong, and goes on', async () => {
    const server = new FakeServer(lines(1, 3));
    server.error = new Error('gone');
    const model = modelOf(server);
    await model.load();
    expect(model.state.problem?.message).toBe('Error: gone');
    server.error = undefined;
    await model.load();
    expect([model.state.problem, ids(model)]).toEqual([undefined, [1, 2]]);
  });

  it('tells everybody once a frame, and keeps what is shown until a search is done', async () => {
    const server = new FakeServer(lines(1, 1_000));
    const model = modelOf(server);
    const changed = vi.fn<() => void>();
    model.subscribe(changed);
    await model.load();
    await vi.waitFor(() => expect(changed).toHaveBeenCalled());
    model.show({ level: levels.none, stream: undefined, onlyMatches: true }, () => literalMatcher('line 99'));
    await vi.waitFor(() => expect(model.state).toMatchObject({ isSearching: false, view: { length: 11 } }));
    model.take(told([{ ...line(2_000), text: 'line 99 again' }]));
    await vi.waitFor(() => expect(model.state.view.length).toBe(12));
    model.close();
  });
});
