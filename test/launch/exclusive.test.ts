import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const library = join(import.meta.dirname, '../../scripts/lib/exclusive.mjs');
/** Holds the lock until its input ends, and says what happens. */
const holder = `
  import { exclusively } from ${JSON.stringify(library)};
  import { appendFileSync } from 'node:fs';
  const log = (word) => { appendFileSync('log', word + '\\n'); console.log(word); };
  await exclusively('.', (pid) => console.log('waits for ' + pid), async () => {
    log('in');
    for await (const _ of process.stdin);
    log('out');
  });`;

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry exclusive-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

interface Contender {
  readonly pid: number;
  readonly child: ChildProcess;
  line(): Promise<string>;
  finish(): Promise<void>;
}

function contend(): Contender {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    child,
    line: async () => String((await lines.next()).value),
    finish: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

describe('one launcher at a time', () => {
  it('makes the second one wait, and names the first', async () => {
    const first = contend();
    expect(await first.line()).toBe('in');
    const second = contend();
    expect(await second.line()).toBe(`waits for ${first.pid}`);
    await first.finish();
    expect(await second.line()).toBe('in');
    await second.finish();
    expect(readdirSync(folder)).toEqual(['log']);
  });

  it('takes over from one that was killed', async () => {
    const first = contend();
    expect(await first.line()).toBe('in');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = contend();
    expect(await second.line()).toBe('in');
    await second.finish();
  });

  it('is not misled by another program that has the pid by now', async () => {
    writeFileSync(join(folder, '.launch.lock'), JSON.stringify({ pid: process.pid, started: 1 }));
    const next = contend();
    expect(await next.line()).toBe('in');
    await next.finish();
  });

  it('lets many in one after the other, from a stale lock', async () => {
    writeFileSync(join(folder, '.launch.lock'), JSON.stringify({ pid: 999_999_999, started: 1 }));
    const contenders = Array.from({ length: 5 }, contend);
    for (const { child } of contenders) child.stdin?.end();
    await Promise.all(contenders.map(async ({ child }) => once(child, 'exit')));
    const log = readFileSync(join(folder, 'log'), 'utf8');
    expect(log).toBe('in\nout\n'.repeat(5));
  });
});
