import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { background, run, type Command } from './exec.ts';
import { Secret } from './secret.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gantry-exec-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const env = { PATH: process.env['PATH'] ?? '' };
const node = (code: string, more: Partial<Command> = {}): Command => ({ argv: [process.execPath, '-e', code], cwd, env, ...more });

describe('run', () => {
  it('gives output and exit code, and exactly the environment that was given', async () => {
    const outcome = await run(node('console.log(Object.keys(process.env).join()); console.error("e")', { env: { ONLY: '1' } }));
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'ONLY', stderr: 'e' });
  });

  it('passes words untouched: nothing is expanded', async () => {
    const words = ['$HOME', '`id`', 'a b', '', '*', '"', '\n', '--x=$(id)'];
    const outcome = await run({
      argv: [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words],
      cwd,
      env,
    });
    expect(JSON.parse(outcome.stdout)).toEqual(words);
  });

  it('streams lines as they come and feeds standard input', async () => {
    const lines: string[] = [];
    await run(
      node('process.stdin.on("data", d => console.log("got " + d)); process.stdin.on("end", () => console.error("end"))', {
        input: 'x',
        onLine: (line, stream) => lines.push(`${stream}:${line}`),
      }),
    );
    expect(lines.toSorted()).toEqual(['stderr:end', 'stdout:got x']);
  });

  it('fails with the command, the folder, and the first and last lines', async () => {
    await expect(run(node('for (let i = 0; i < 50; i++) console.log("line " + i); process.exit(3)'))).rejects.toMatchObject({
      code: 'GX1002',
      message: expect.stringContaining('exit code 3') as string,
      where: cwd,
      lines: expect.arrayContaining(['line 0', 'line 9', '(20 more lines)', 'line 30', 'line 49']) as string[],
    });
  });

  it('says which program is missing', async () => {
    await expect(run({ argv: ['no-such-program-here'], cwd, env })).rejects.toMatchObject({
      code: 'GX1001',
      message: expect.stringContaining('no-such-program-here') as string,
    });
  });

  it('takes an exit code that is an answer', async () => {
    expect(await run(node('process.exit(2)', { accept: (code) => code === 2 }))).toMatchObject({ exitCode: 2 });
  });

  it('stops a program that takes too long, and one that is no longer wanted', async () => {
    await expect(run(node('setInterval(() => {}, 1000)', { timeoutMs: 200 }))).rejects.toMatchObject({ code: 'GX1003' });
    const controller = new AbortController();
    const stopped = run(
      node('console.log("up"); setInterval(() => {}, 1000)', { signal: controller.signal, onLine: () => controller.abort() }),
    );
    await expect(stopped).rejects.toMatchObject({ code: 'GX1004' });
  });

  it('does not wait for something that was left running with our output open', async () => {
    const left =
      'const { spawn } = require("node:child_process"); const c = spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], { detached: true, stdio: ["ignore", 1, 2] }); c.unref(); console.log(c.pid)';
    const { stdout, durationMs } = await run(node(left));
    process.kill(Number(stdout.trim()), 'SIGKILL');
    expect(durationMs).toBeLessThan(10_000);
  });
});

describe('background', () => {
  it('starts a process group of its own with its output in a file, and tells how it ended', async () => {
    const file = join(cwd, 'out');
    const descriptor = openSync(file, 'a');
    const started = await background({
      argv: [process.execPath, '-e', 'console.log(process.pid); process.exitCode = 7'],
      cwd,
      env,
      stdio: ['ignore', descriptor, descriptor],
    });
    expect(await started.exit).toEqual({ code: 7, signal: null });
    expect(Number(readFileSync(file, 'utf8'))).toBe(started.pid);
  });

  it('rejects when the program does not exist', async () => {
    await expect(background({ argv: ['no-such-program-here'], cwd, env, stdio: ['ignore', 'ignore', 'ignore'] })).rejects.toMatchObject({
      code: 'GX1001',
    });
  });
});

describe('Secret', () => {
  it('is redacted in every way of printing it', async () => {
    const { inspect } = await import('node:util');
    const secret = new Secret('hunter2');
    expect([`${secret}`, JSON.stringify({ secret }), inspect({ secret }), String([secret])].join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
