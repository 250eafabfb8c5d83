import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine, LogSelector } from '../platform.ts';
import { logFile, logIndex } from './log-files.ts';
import { readLogs } from './logs.ts';
import type { Places } from './places.ts';

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
});
