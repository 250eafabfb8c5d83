import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogLine, LogSelector } from '../platform.ts';
import { logFile, logIndex } from './log-files.ts';
import { readLogs } from './logs.ts';
import { spanText } from './logs-index.ts';
import { longestLine } from './logs-lines.ts';
import type { Places } from './places.ts';
import { systemClock } from './supervisor/clock.ts';
import { startRotation } from './supervisor/log-rotation.ts';

let logDir: string;
let places: Places;
const never = new AbortController().signal;

beforeEach(() => {
  logDir = join(mkdtempSync(join(tmpdir(), 'gantry-logs-')), 'logs');
  mkdirSync(logDir);
  places = { logDir } as Places;
});
afterEach(() => rmSync(join(logDir, '..'), { recursive: true }));

const write = (source: string, text: string, part = 0): void => writeFileSync(logFile(logDir, source, part), text);

async function read(selector: Partial<LogSelector>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLogs(places, { follow: false, ...selector }, never)) lines.push(`${line.source}: ${line.text}`);
  return lines;
}

describe('readLogs', () => {
  it('finds the last lines of a long log, and shows no more than the end of an endless line', async () => {
    const lines = Array.from({ length: 20_000 }, (_none, index) => `line ${index}`);
    write('web-1a-1', `${lines.join('\n')}\n`);
    expect(await read({ replica: 'web-1a-1', tail: 2 })).toEqual(['web-1a-1: line 19998', 'web-1a-1: line 19999']);
    expect(await read({ replica: 'web-1a-1', tail: 19_000 })).toHaveLength(19_000);
    write('web-1a-2', `${'x'.repeat(6 * 1024 * 1024)}\nend`);
    const shown = await read({ replica: 'web-1a-2', tail: 5 });
    expect(shown.at(-1)).toBe('web-1a-2: end');
    expect(shown.join('').length).toBeLessThan(5 * 1024 * 1024);
  });

  it('shows replicas, jobs and resources, and Gantry itself only when asked', async () => {
    write('backend-1a2b-1', 'one\n');
    write('job-backend-1a2b', 'migrated\n');
    write('db', 'ready\n');
    write('supervisor', 'started\n');
    expect((await read({})).toSorted()).toEqual(['backend-1a2b-1: one', 'db: ready', 'job-backend-1a2b: migrated']);
    expect(await read({ service: 'supervisor' })).toEqual(['supervisor: started']);
  });

  it('ends with what was written last, not with the last name of the alphabet', async () => {
    write('web-ffff-1', 'of last week\n');
    write('web-1111-1', 'of now\n');
    utimesSync(logFile(logDir, 'web-ffff-1'), 1000, 1000);
    expect(await read({ service: 'web' })).toEqual(['web-ffff-1: of last week', 'web-1111-1: of now']);
  });

  it('tells a service from another whose name begins alike', async () => {
    write('api-1a2b-1', 'api\n');
    write('api-admin-1a2b-1', 'admin\n');
    expect(await read({ service: 'api' })).toEqual(['api-1a2b-1: api']);
  });

  it('takes the last lines across rotated parts, in order', async () => {
    write('backend-1a-1', 'three\nfour\n');
    write('backend-1a-1', 'one\ntwo\n', 1);
    expect(await read({ tail: 3 })).toEqual(['backend-1a-1: two', 'backend-1a-1: three', 'backend-1a-1: four']);
  });

  it('keeps empty lines inside and does not invent one at the end', async () => {
    write('backend-1a-1', 'a\n\nb\n');
    expect(await read({})).toEqual(['backend-1a-1: a', 'backend-1a-1: ', 'backend-1a-1: b']);
  });

  it('leaves out what is older, by the index', async () => {
    write('backend-1a-1', 'old\nnew\n');
    writeFileSync(logIndex(logDir, 'backend-1a-1'), `0 ${Date.now() - 60_000}\n4 ${Date.now()}\n`);
    expect(await read({ sinceMs: 30_000 })).toEqual(['backend-1a-1: new']);
  });

  it('follows what is appended, new sources, and a log that was cut', async () => {
    write('backend-1a-1', 'one\n');
    const stop = new AbortController();
    const seen: LogLine[] = [];
    const actions = [
      () => appendFileSync(logFile(logDir, 'backend-1a-1'), 'two\nthr'),
      () => appendFileSync(logFile(logDir, 'backend-1a-1'), 'ee\n'),
      () => write('backend-1a-2', 'other\n'),
      () => {
        truncateSync(logFile(logDir, 'backend-1a-1'));
        write('backend-1a-1', 'cut\n');
      },
      () => stop.abort(),
    ];
    const expected = ['one', 'two', 'three', 'other', 'cut'];
    for await (const line of readLogs(places, { follow: true }, stop.signal)) {
      seen.push(line);
      if (line.text === expected[seen.length - 1]) actions.shift()?.();
    }
    expect(seen.map(({ text }) => text)).toEqual(expected);
  });

  it('waits for a folder that is not there yet, and for one that comes back', async () => {
    rmSync(logDir, { recursive: true });
    const stop = new AbortController();
    const seen: string[] = [];
    const actions = [
      () => {
        rmSync(logDir, { recursive: true });
        mkdirSync(logDir);
        write('web-1a-1', 'again\n');
      },
      () => stop.abort(),
    ];
    const begin = (): void => {
      mkdirSync(logDir);
      write('web-1a-1', 'first time\n');
    };
    for await (const { text } of readLogs(places, { follow: true, onCaughtUp: begin }, stop.signal)) {
      seen.push(text);
      actions.shift()?.();
    }
    expect(seen).toEqual(['first time', 'again']);
  });
});

/** Times of lines, which the tests write down as the supervisor does. */
function noted(source: string, lines: readonly (readonly [text: string, at: number])[]): void {
  let offset = 0;
  for (const [text, at] of lines) {
    appendFileSync(logFile(logDir, source), `${text}\n`);
    appendFileSync(logIndex(logDir, source), spanText({ start: offset, end: offset + Buffer.byteLength(text) + 1, at }));
    offset += Buffer.byteLength(text) + 1;
  }
}

describe('times', () => {
  const noon = Date.parse('2026-05-04T12:00:00Z');

  it('bring the lines of several logs into one order, and those of one log stay in theirs', async () => {
    noted('a-1a-1', [
      ['a1', noon],
      ['a2', noon + 3000],
      ['a3', noon + 1000],
      ['a4', noon + 9000],
    ]);
    noted('b-1a-1', [
      ['b1', noon + 2000],
      ['b2', noon + 3500],
      ['b3', noon + 8000],
    ]);
    expect(await read({})).toEqual(['a-1a-1: a1', 'b-1a-1: b1', 'a-1a-1: a2', 'a-1a-1: a3', 'b-1a-1: b2', 'b-1a-1: b3', 'a-1a-1: a4']);
  });

  it('are told with the lines', async () => {
    noted('a-1a-1', [
      ['one', noon],
      ['two', noon + 1000],
    ]);
    const lines: LogLine[] = [];
    for await (const line of readLogs(places, { follow: false }, never)) lines.push(line);
    expect(lines).toEqual([
      { source: 'a-1a-1', stream: 'stdout', text: 'one', at: '2026-05-04T12:00:00.000Z' },
      { source: 'a-1a-1', stream: 'stdout', text: 'two', at: '2026-05-04T12:00:01.000Z' },
    ]);
  });

  it('are not needed: lines come without an index, and with a broken one', async () => {
    write('a-1a-1', 'one\ntwo\n');
    write('b-1a-1', 'three\n');
    writeFileSync(logIndex(logDir, 'b-1a-1'), Buffer.from([0, 255, 10, 10, 48, 32, 57]));
    expect((await read({})).toSorted()).toEqual(['a-1a-1: one', 'a-1a-1: two', 'b-1a-1: three']);
    noted('c-1a-1', [['future', Date.now() + 1e9]]);
    const lines: LogLine[] = [];
    for await (const line of readLogs(places, { follow: false, replica: 'c-1a-1' }, never)) lines.push(line);
    expect(lines).toEqual([{ source: 'c-1a-1', stream: 'stdout', text: 'future' }]);
  });

  it('of lines that are followed are those at which they were seen', async () => {
    noted('a-1a-1', [['old', noon]]);
    const stop = new AbortController();
    const before = Date.now();
    const add = (): void => appendFileSync(logFile(logDir, 'a-1a-1'), 'new\n');
    const lines: LogLine[] = [];
    for await (const line of readLogs(places, { follow: true, onCaughtUp: add }, stop.signal)) {
      lines.push(line);
      if (line.text === 'new') stop.abort();
    }
    expect(lines.map(({ text }) => text)).toEqual(['old', 'new']);
    expect(Date.parse(lines[1]?.at ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(lines[1]?.at ?? '')).toBeLessThanOrEqual(Date.now());
  });
});

describe('the newest lines of all logs together', () => {
  const noon = Date.parse('2026-05-04T12:00:00Z');

  it('are chosen by time, across parts', async () => {
    noted(
      'a-1a-1',
      Array.from({ length: 10 }, (_none, at) => [`a${at}`, noon + at * 1000] as const),
    );
    renameSync(logFile(logDir, 'a-1a-1'), logFile(logDir, 'a-1a-1', 1));
    renameSync(logIndex(logDir, 'a-1a-1'), logIndex(logDir, 'a-1a-1', 1));
    noted('a-1a-1', [['a10', noon + 10_000]]);
    noted('b-1a-1', [
      ['b-old', noon - 1e6],
      ['b-new', noon + 8500],
    ]);
    write('supervisor', '');
    noted('supervisor', [['started', noon + 9500]]);
    const newest = { all: true, newest: true };
    expect(await read({ ...newest, tail: 5 })).toEqual(['a-1a-1: a8', 'b-1a-1: b-new', 'a-1a-1: a9', 'supervisor: started', 'a-1a-1: a10']);
    expect(await read({ ...newest, tail: 1 })).toEqual(['a-1a-1: a10']);
    expect(await read({ ...newest, tail: 0 })).toEqual([]);
    expect(await read({ ...newest, tail: 1000 })).toHaveLength(14);
    expect(await read({ ...newest, tail: 1000, sinceMs: Date.now() - (noon + 9000) })).toEqual([
      'a-1a-1: a9',
      'supervisor: started',
      'a-1a-1: a10',
    ]);
  });

  it('go over the lines that came too fast, and say how many', async () => {
    write('a-1a-1', 'old\n');
    const stop = new AbortController();
    const many = 30_000;
    const flood = (): void =>
      appendFileSync(
        logFile(logDir, 'a-1a-1'),
        Array.from({ length: many }, (_none, at) => `line ${String(at).padStart(5, '0')}\n`).join(''),
      );
    const lines: LogLine[] = [];
    for await (const line of readLogs(places, { follow: true, newest: true, tail: 10, onCaughtUp: flood }, stop.signal)) {
      lines.push(line);
      if (line.text === `line ${many - 1}`) stop.abort();
    }
    expect(lines[0]?.text).toBe('old');
    const skipped = lines.reduce((sum, line) => sum + (line.skipped ?? 0), 0);
    expect(lines.length - 1).toBeLessThan(many);
    expect(lines.length - 1 + skipped).toBe(many);
    expect(lines[1]?.text).toBe(`line ${String(skipped).padStart(5, '0')}`);
  });
});

describe('whatever happens to a file', () => {
  /** Follows one log; after each line the next action is done. */
  async function followed(
    source: string,
    first: () => void,
    actions: Readonly<Record<string, () => void>>,
    last: string,
  ): Promise<LogLine[]> {
    const stop = new AbortController();
    const lines: LogLine[] = [];
    for await (const line of readLogs(places, { replica: source, follow: true, onCaughtUp: first }, stop.signal)) {
      lines.push(line);
      actions[line.text]?.();
      if (line.text === last) stop.abort();
    }
    return lines;
  }
  const file = (): string => logFile(logDir, 'a-1a-1');

  it('a line that has no end yet is told once, when it has one', async () => {
    write('a-1a-1', 'one\nhal');
    const lines = await followed('a-1a-1', () => appendFileSync(file(), 'f\nlast\n'), {}, 'last');
    expect(lines.map(({ text }) => text)).toEqual(['one', 'half', 'last']);
    expect(await read({ replica: 'a-1a-1', tail: 1 })).toEqual(['a-1a-1: last']);
    appendFileSync(file(), 'unfinished');
    expect(await read({ replica: 'a-1a-1', tail: 2 })).toEqual(['a-1a-1: last', 'a-1a-1: unfinished']);
  });

  it('a character that was written in two pieces is one', async () => {
    const bytes = Buffer.from('größe\n');
    write('a-1a-1', 'one\n');
    appendFileSync(file(), bytes.subarray(0, 3));
    const lines = await followed('a-1a-1', () => appendFileSync(file(), bytes.subarray(3)), {}, 'größe');
    expect(lines.map(({ text }) => text)).toEqual(['one', 'größe']);
  });

  it('it is replaced by another one', async () => {
    write('a-1a-1', 'one\n');
    const replace = (): void => {
      write('new', 'a longer text than there was\nlast\n');
      renameSync(logFile(logDir, 'new'), file());
    };
    const lines = await followed('a-1a-1', replace, {}, 'last');
    expect(lines.map(({ text }) => text)).toEqual(['one', 'a longer text than there was', 'last']);
  });

  it('it is cut in the middle of a line', async () => {
    write('a-1a-1', 'one\nbegun');
    const cut = (): void => {
      truncateSync(file());
      appendFileSync(file(), 'x\n');
    };
    const lines = await followed('a-1a-1', cut, { x: () => appendFileSync(file(), 'last\n') }, 'last');
    expect(lines.map(({ text }) => text)).toEqual(['one', 'begun', 'x', 'last']);
  });

  it('a line of many megabytes is one line, cut', async () => {
    write('a-1a-1', '');
    const big = (): void => appendFileSync(file(), `${'x'.repeat(3 * longestLine)}\nlast\n`);
    const lines = await followed('a-1a-1', big, {}, 'last');
    expect(lines.map(({ text, characters }) => [text.length, characters])).toEqual([
      [longestLine, 3 * longestLine],
      [4, undefined],
    ]);
  });

  it('the supervisor cuts it while it is followed: every line comes once, in order', async () => {
    write('a-1a-1', 'line 0\n');
    const rotation = startRotation({ logDir, clock: systemClock, partBytes: 2000 });
    const stop = new AbortController();
    const numbers: number[] = [];
    const many = 3000;
    const writing = async (): Promise<void> => {
      for (let next = 1; next < many; next += 50) {
        appendFileSync(file(), Array.from({ length: 50 }, (_none, at) => `line ${next + at}\n`).join(''));
        await rotation.check();
        await vi.waitFor(() => expect(numbers.at(-1)).toBe(next + 49), { interval: 1, timeout: 10_000 });
      }
      stop.abort();
    };
    let written: Promise<void> | undefined;
    for await (const { text, skipped } of readLogs(places, { follow: true, onCaughtUp: () => void (written = writing()) }, stop.signal)) {
      numbers.push(Number(text.slice(5)));
      expect(skipped).toBeUndefined();
    }
    await written;
    rotation.stop();
    expect(numbers).toEqual(Array.from({ length: many + 1 }, (_none, at) => at));
  });

  it('the supervisor cuts it faster than it can be followed: order is kept, and what is missing is told', async () => {
    write('a-1a-1', 'line 0\n');
    const rotation = startRotation({ logDir, clock: systemClock, partBytes: 2000 });
    const stop = new AbortController();
    const numbers: number[] = [];
    let missing = 0;
    const writing = async (): Promise<void> => {
      for (let next = 1; next < 3000; next += 50) {
        appendFileSync(file(), Array.from({ length: 50 }, (_none, at) => `line ${next + at}\n`).join(''));
        await rotation.check();
      }
      appendFileSync(file(), 'line 3001\n');
    };
    let written: Promise<void> | undefined;
    for await (const { text, skipped = 0 } of readLogs(
      places,
      { follow: true, onCaughtUp: () => void (written = writing()) },
      stop.signal,
    )) {
      if (/^line \d+$/.test(text)) numbers.push(Number(text.slice(5)));
      missing += skipped;
      if (text === 'line 3001') stop.abort();
    }
    await written;
    rotation.stop();
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(missing > 0).toBe(numbers.length < 3002);
  });
});
