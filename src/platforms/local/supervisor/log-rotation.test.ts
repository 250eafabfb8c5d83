import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logFile, logIndex } from '../log-files.ts';
import { parseIndex, type LogIndex } from '../logs-index.ts';
import type { Clock } from './clock.ts';
import { startRotation, type Rotation } from './log-rotation.ts';
import { TimeIndex } from './log-rotation-index.ts';

const noon = Date.parse('2026-05-04T12:00:00Z');
let logDir: string;
let now: number;
let rotation: Rotation;
const rotations: Rotation[] = [];
/** Its timers never run: the tests look when they want to. */
const clock: Clock = { now: () => now, date: () => new Date(now), after: () => ({ cancel: () => {} }) };

const start = (partBytes = 1000): Rotation => {
  rotation = startRotation({ logDir, clock, partBytes });
  rotations.push(rotation);
  return rotation;
};
const write = (text: string, at: number): void => {
  appendFileSync(logFile(logDir, 'web'), text);
  utimesSync(logFile(logDir, 'web'), at / 1000, at / 1000);
};
const index = (part = 0): LogIndex => parseIndex(readFileSync(logIndex(logDir, 'web', part), 'utf8'));

beforeEach(() => {
  logDir = mkdtempSync(join(tmpdir(), 'gantry-rotation-'));
  now = noon;
});
afterEach(() => {
  for (const one of rotations.splice(0)) one.stop();
  rmSync(logDir, { recursive: true });
});

describe('the times of a log', () => {
  it('are those of the last change of the file at each look, and cost nothing while nothing is written', async () => {
    write('0123456789', noon - 300);
    await start().check();
    now = noon + 1000;
    write('0123456789', noon + 400);
    await rotation.check();
    const { mtimeMs } = statSync(logIndex(logDir, 'web'));
    now = noon + 2000;
    await rotation.check();
    expect(index().spans).toEqual([
      { start: 0, end: 10, at: noon - 300 },
      { start: 10, end: 20, at: noon + 400 },
    ]);
    expect(statSync(logIndex(logDir, 'web')).mtimeMs).toBe(mtimeMs);
  });

  it('are those of the look while the clock of the file is not to be believed', async () => {
    write('0123456789', noon + 1e6);
    await start().check();
    write('0123456789', noon - 1e6);
    await rotation.check();
    expect(index().spans.map(({ at }) => at)).toEqual([noon, noon]);
  });

  it('go on where an earlier supervisor ended', async () => {
    write('0123456789', noon);
    await start().check();
    rotation.stop();
    write('abc', noon + 5000);
    now = noon + 3_600_000;
    await start().check();
    expect(index().spans).toEqual([
      { start: 0, end: 10, at: noon },
      { start: 10, end: 13, at: noon + 5000 },
    ]);
  });

  it('begin anew when the file was cut by somebody else, also while no supervisor looked', async () => {
    write('0123456789', noon);
    await start().check();
    truncateSync(logFile(logDir, 'web'));
    write('abc', noon + 500);
    now = noon + 1000;
    await rotation.check();
    expect(index().spans).toEqual([{ start: 0, end: 3, at: noon + 500 }]);
    rotation.stop();
    truncateSync(logFile(logDir, 'web'));
    write('x', noon + 700);
    await start().check();
    expect(index().spans).toEqual([{ start: 0, end: 1, at: noon + 700 }]);
  });

  it('are moved with what is cut off, which says how', async () => {
    for (const at of [0, 1000, 2000]) {
      now = noon + at;
      write('x'.repeat(400), now);
      await (at === 0 ? start() : rotation).check();
    }
    expect(existsSync(logIndex(logDir, 'web'))).toBe(false);
    expect(index(1)).toEqual({
      cut: { number: 1, from: 200, size: 1200 },
      spans: [
        { start: 0, end: 200, at: noon },
        { start: 200, end: 600, at: noon + 1000 },
        { start: 600, end: 1000, at: noon + 2000 },
      ],
    });
    write('y'.repeat(1100), noon + 2000);
    await rotation.check();
    expect(index(1).cut).toEqual({ number: 2, from: 100, size: 1100 });
    expect(index(2).cut?.number).toBe(1);
  });

  it('may be refused by the disk: everything else goes on', async () => {
    write('0123456789', noon);
    writeFileSync(logFile(logDir, 'other'), 'z'.repeat(2000));
    rmSync(logIndex(logDir, 'web'), { force: true });
    mkdirSync(logIndex(logDir, 'web'));
    await start().check();
    expect(rotation.lost.errors).toBeGreaterThan(0);
    expect(statSync(logFile(logDir, 'other')).size).toBe(0);
    expect(statSync(logFile(logDir, 'other', 1)).size).toBe(1000);
  });

  it('stay small in a log that grows for days, and the newest stay exact', async () => {
    const times = new TimeIndex(logDir, clock);
    const looks = 12_000;
    for (let look = 1; look <= looks; look += 1) {
      now = noon + look * 1000;
      await times.note('web', { size: look * 10, mtimeMs: now }, true);
    }
    expect(statSync(logIndex(logDir, 'web')).size).toBeLessThanOrEqual(256 * 1024);
    const { spans } = index();
    expect(spans[0]?.start).toBe(0);
    expect(spans.at(-1)).toEqual({ start: (looks - 1) * 10, end: looks * 10, at: now });
    for (const [at, { start: begin, end }] of spans.entries()) {
      expect(end - begin).toBeLessThanOrEqual(at > spans.length / 2 ? 10 : 80);
      expect(begin).toBe(at === 0 ? 0 : spans[at - 1]?.end);
    }
  });

  it('of a flood are noted once a second, and all of them', async () => {
    const times = new TimeIndex(logDir, clock);
    for (const [at, size] of [
      [0, 10],
      [100, 20],
      [500, 30],
      [950, 40],
      [1000, 40],
      [2000, 40],
    ] as const) {
      now = noon + at;
      await times.note('web', { size, mtimeMs: now }, false);
    }
    expect(index().spans).toEqual([
      { start: 0, end: 10, at: noon },
      { start: 10, end: 40, at: noon + 950 },
    ]);
  });
});
