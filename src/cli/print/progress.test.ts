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
