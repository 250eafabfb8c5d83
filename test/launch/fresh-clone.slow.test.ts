/** The two commands of the README, in a clone that has nothing: no dependencies, no build, an empty home, a space in its path. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const closingLine = /^\d+ passed, 0 failed, \d+ skipped$/;

let base: string;
let clone: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'gantry fresh-'));
  chmodSync(base, 0o755); // When root runs the tests, the database runs as nobody.
  clone = join(base, 'a clone');
  mkdirSync(join(base, 'home'));
  for (const file of trackedFiles()) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
});

afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(base, { recursive: true, force: true });
});

/** As a clone would have them, with what is not committed yet. */
function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly lines: string[] }>;
  /** Resolves with the first line that matches. */
  line(pattern: RegExp): Promise<string>;
}

function npm(script: string, extra: Readonly<Record<string, string>> = {}, words: readonly string[] = []): Run {
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(base, 'home'), LANG: 'C.UTF-8', GANTRY_CACHE: join(base, 'cache'), ...extra };
  const child = spawn('npm', [script, ...words], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const lines = (): string[] => text.trimEnd().split('\n');
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, lines: lines() })),
    line: async (pattern) => {
      for (;;) {
        const found = lines().find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`ended without ${String(pattern)}:\n${text}`);
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      }
    },
  };
}

it('npm test installs and builds once, even when started twice, and runs what it is given', async () => {
  const runs = [npm('test', {}, ['--', 'test/architecture/rules.test.ts']), npm('test', {}, ['--', 'test/architecture/rules.test.ts'])];
  const results = await Promise.all(runs.map(async ({ ended }) => ended));
  for (const { code, lines } of results) {
    expect(lines.at(-1)).toMatch(closingLine);
    expect(code).toBe(0);
  }
  const all = results.flatMap(({ lines }) => lines);
  expect(steps(all)).toEqual([expect.stringContaining('installing'), expect.stringContaining('building')]);
});

it('npm test is warm the second time, and builds again when a source has changed', async () => {
  const warm = await npm('test', {}, ['--', 'test/architecture/rules.test.ts']).ended;
  expect(steps(warm.lines)).toEqual([]);
  const file = join(clone, 'src/cli/version.ts');
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n// touched\n`);
  const built = await npm('test', {}, ['--', 'test/architecture/rules.test.ts']).ended;
  expect(steps(built.lines)).toEqual([expect.stringContaining('building')]);
});

it('npm test fails when a test fails, and says so in its last line', async () => {
  const file = join(clone, 'test/architecture/failing.test.ts');
  writeFileSync(file, "import { expect, it } from 'vitest';\nit('fails', () => expect(1).toBe(2));\n");
  const { code, lines } = await npm('test', {}, ['--', file]).ended;
  rmSync(file);
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(code).toBe(1);
});

it('npm start serves Taskly and its dashboard at the addresses it prints, and a Ctrl-C leaves nothing behind', async () => {
  const run = npm('start');
  const url = await addressOf(run);
  const link = new URL((await run.line(/Dashboard {2}http/)).trim().split(/ +/)[1] ?? '');
  const page = await fetch(link);
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    200,
    expect.stringContaining('html'),
    expect.stringContaining('<script'),
  ]);
  expect(link.hash).toMatch(/^#launch=[\w-]{40,}$/);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(new URL('/api/health/ready', url))).status).toBe(200);
  process.kill(-(run.child.pid ?? 0), 'SIGINT'); // As a terminal does: to all of them.
  const { lines } = await run.ended;
  expect(lines.join('\n')).not.toContain('by force');
  await expect.poll(() => processesIn(base)).toEqual([]);
});

it('npm start is warm the second time, honours PORT, and stops when only npm is told to', async () => {
  const port = await freePort();
  const run = npm('start', { PORT: `${port}` });
  expect(await addressOf(run)).toContain(`:${port}`);
  run.child.kill('SIGTERM');
  const { lines } = await run.ended;
  expect(steps(lines)).toEqual([]);
  await expect.poll(() => processesIn(base)).toEqual([]);
});

/** Lines of finished steps; a long one also says now and then that it goes on. */
function steps(lines: readonly string[]): string[] {
  return lines.filter((line) => /^ {2}(installing|building)/.test(line) && !line.endsWith('...'));
}

async function addressOf(run: Run): Promise<string> {
  const [url = ''] = /http:\/\/\S+/.exec(await run.line(/taskly +http:\/\/\S+/i)) ?? [];
  return url;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Command lines of all processes that run in the folder or are given a path in it: the replicas and PostgreSQL too. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ? [command] : [];
      } catch {
        return [];
      }
    });
}
