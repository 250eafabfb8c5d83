import { describe, expect, it } from 'vitest';
import { isContinuation, levels, plainLevel, readJson, readLine } from './line.ts';

describe('readJson', () => {
  it('finds message, level and time under the names that programs use', () => {
    expect(readJson('{"level":30,"time":1763746585123,"pid":7,"msg":"listening","port":3030}')).toEqual({
      message: 'listening',
      level: levels.info,
      at: 1763746585123,
      fields: [
        ['pid', '7'],
        ['port', '3030'],
      ],
    });
    expect(readJson('{"severity":"WARNING","timestamp":"2025-11-21T17:36:25.5Z","message":"slow"}')).toMatchObject({
      message: 'slow',
      level: levels.warn,
      at: Date.parse('2025-11-21T17:36:25.5Z'),
      fields: [],
    });
    expect(readJson('{"log.level":"error","ts":1763746585.25,"event":"x"}')).toMatchObject({ level: levels.error, at: 1763746585250 });
  });

  it('knows the numbers of pino', () => {
    const level = (value: number): unknown => readJson(`{"level":${value}}`)?.level;
    expect([10, 20, 30, 40, 50, 60, 35].map(level)).toEqual([1, 2, 3, 4, 5, 6, 3]);
    expect(level(3)).toBe(levels.none);
  });

  it('keeps a field that only looks like one of these', () => {
    expect(readJson('{"level":{"a":1},"time":"soon","msg":7}')?.fields).toEqual([
      ['level', '{\n  "a": 1\n}'],
      ['time', '"soon"'.slice(1, -1)],
      ['msg', '7'],
    ]);
  });

  it('shows a stack as lines, and controls spelt out', () => {
    const line = readJson(JSON.stringify({ msg: 'a\u001b[31mb\u202e', err: { type: 'E', stack: 'Error: x\n    at y' }, t: 'p\nq\u0007' }));
    expect(line?.message).toBe('ab[U+202E]');
    expect(line?.fields).toEqual([
      ['err', 'Error: x\n    at y'],
      ['t', 'p\nq[U+0007]'],
    ]);
  });

  it('takes nothing else for it', () => {
    for (const text of ['', '[1]', '{"cut":"', '{a:1}', 'null', '{} trailing', '"x"']) expect(readJson(text)).toBeUndefined();
    expect(readJson('{"__proto__":{"level":50},"constructor":1}')).toMatchObject({ level: levels.none });
  });
});

describe('plainLevel', () => {
  it.each([
    ['ERROR something', levels.error],
    ['[error] something', levels.error],
    ['<warn> something', levels.warn],
    ['2025-11-21T17:36:25Z WARN slow', levels.warn],
    ['2025-11-21 17:36:25.123 UTC [4711] ERROR:  column "x" does not exist', levels.error],
    ['2025-11-21 17:36:25.123 UTC [4711] LOG:  ready', levels.info],
    ['2025-11-21 17:36:25,123 - app.views - CRITICAL - gone', levels.fatal],
    ['WARNING:root:be careful', levels.warn],
    ['[2025-11-21 17:36:25 +0000] [12] [INFO] Booting', levels.info],
    ['time="2025" level=error msg="x"', levels.error],
    ['TypeError: x is not a function', levels.error],
    ['Error: listen EADDRINUSE', levels.error],
    ['java.lang.IllegalStateException: x', levels.none],
    ['E1121 17:36:25.123 1 main.go:1] gone', levels.error],
    ['DEBUG|2025|x', levels.debug],
    ['INFO:     127.0.0.1:50000 - "GET / HTTP/1.1" 200 OK', levels.info],
  ])('%s', (text, level) => expect(plainLevel(text)).toBe(level));

  it.each([
    'no error here',
    'handled 3 errors',
    'GET /error 200',
    'Logged in',
    '',
    'warning lights are on',
    'in a sentence of more than nine words ERROR is just one word ERROR',
  ])('none: %s', (text) => expect(plainLevel(text)).toBe(levels.none));
});

describe('readLine', () => {
  it('reads JSON where it is, and words where it is not', () => {
    expect(readLine('{"level":"error","msg":"x"}')).toMatchObject({ level: levels.error, at: Number.NaN });
    expect(readLine('{"level":"error","msg":"cut').level).toBe(levels.none);
    expect(readLine('WARN x')).toEqual({ level: levels.warn, at: Number.NaN });
  });

  it('sees what belongs to the line before', () => {
    expect(isContinuation('    at main.js:3')).toBe(true);
    expect(isContinuation('Caused by: x')).toBe(true);
    expect(isContinuation('next')).toBe(false);
  });
});
