import { describe, expect, it } from 'vitest';
import { testIo, type TestIo } from '../../../test/rig/io.ts';
import { progressPrinter } from './progress.ts';
import { say } from './text.ts';

function terminal(): TestIo {
  const io = testIo({ env: { NO_COLOR: '1' } });
  return { ...io, stdout: Object.assign(io.stdout, { isTTY: true, columns: 80 }) };
}

const step = { step: 'healthy', elapsedMs: 0 } as const;

describe('progressPrinter', () => {
  it('a line that comes while a step runs does not run into the line of that step', () => {
    const io = terminal();
    const print = progressPrinter(io);
    print({ ...step, state: 'running', message: '0/2 ready' });
    say(io, 'web-1 ended');
    expect(io.out()).toBe('  healthy     0/2 ready\r\u001B[Kweb-1 ended\n');
  });

  it('rewrites the line of a running step only while it is the last one', () => {
    const io = terminal();
    const print = progressPrinter(io);
    print({ ...step, state: 'running', message: '0/2 ready' });
    say(io, 'first');
    say(io, 'second');
    print({ ...step, state: 'done', message: '2 ready' });
    print.end();
    expect(io.out()).toBe('  healthy     0/2 ready\r\u001B[Kfirst\nsecond\n  healthy             2 ready\n');
  });
});

describe('figures alone', () => {
  const figures = {
    ...step,
    state: 'running',
    message: '',
    measured: { meter: { requests: 1, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 20 } },
  } as const;

  it.each([false, true])('are no line on a terminal, and leave the one that is there alone (--verbose: %s)', (verbose) => {
    const told = (events: readonly Parameters<ReturnType<typeof progressPrinter>>[0][]): string => {
      const io = terminal();
      const print = progressPrinter({ ...io, flags: { ...io.flags, verbose } }, { full: true, hint: () => '  press r' });
      for (const event of events) print(event);
      print.end();
      return io.out().replaceAll(/\d\d:\d\d:\d\d/g, '');
    };
    const running = { ...step, state: 'running', message: '0/2 ready' } as const;
    const done = { ...step, state: 'done', message: '2 ready' } as const;
    expect(told([figures, running, figures, figures, done, figures])).toBe(told([running, done]));
  });
});

describe('progress of a release for others', () => {
  const run = (io: TestIo, hint?: string): ReturnType<typeof progressPrinter> =>
    progressPrinter(io, { full: true, ...(hint === undefined ? {} : { hint: () => hint }) });

  it('shows guardrails and the plan, which somebody who edits does not need', () => {
    const io = terminal();
    const print = run(io);
    print({ step: 'plan', state: 'done', message: '~ 1 changed\n~ service/web  content a -> b', elapsedMs: 20 });
    expect(io.out()).toBe('  plan                ~ 1 changed\n                      ~ service/web  content a -> b\n');
    const brief = terminal();
    progressPrinter(brief)({ step: 'plan', state: 'done', message: '~ 1 changed', elapsedMs: 20 });
    expect(brief.out()).toBe('');
  });

  it('keeps the hint in the line, however long the message', () => {
    const io = terminal();
    const print = run(io, '  press r');
    print({ step: 'canary', state: 'running', message: `5 % ${'x'.repeat(200)}`, elapsedMs: 2500 });
    print.end();
    const [line = ''] = io.out().split('\r');
    expect(line).toMatch(/^ {2}canary {6}2\.5 s {3}5 % x+ {2}press r$/);
    expect(line.length).toBeLessThanOrEqual(80);
  });

  it('has the time in front where lines are read later, and says now and then that it waits', () => {
    const io = testIo();
    const print = run(io);
    for (const elapsedMs of [0, 1000, 2000]) print({ step: 'bake', state: 'running', message: 'old version kept warm', elapsedMs });
    print({ step: 'bake', state: 'done', message: 'no errors', elapsedMs: 20_000 });
    expect(io.out()).toMatch(/^\d\d:\d\d:\d\d {3}bake {8}old version kept warm\n\d\d:\d\d:\d\d {3}bake {8}20 s {4}no errors\n$/);
  });

  it('leaves standard output to the document with --json; --verbose tells the steps on standard error', () => {
    const silent = testIo({ flags: { json: true } });
    run(silent)({ step: 'smoke', state: 'done', message: '2 of 2', elapsedMs: 1 });
    expect([silent.out(), silent.err()]).toEqual(['', '']);
    const told = testIo({ flags: { json: true, verbose: true } });
    run(told)({ step: 'smoke', state: 'done', message: '2 of 2', elapsedMs: 1 });
    expect(told.out()).toBe('');
    expect(told.err()).toContain('smoke               2 of 2');
  });
});
