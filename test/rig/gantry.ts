/** The built command line, run as a person runs it: own folder, clean environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'bin/gantry.cjs');

export function isBuilt(): boolean {
  return existsSync(join(root, 'dist/cli.cjs'));
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Another build of Gantry than this checkout's: its folder. */
  readonly build?: string;
}

/** An app folder of its own, with the commands run in it. `remove` stops what runs there and deletes it. */
export interface AppFolder {
  readonly folder: string;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Runs and parses `--json`; throws with the whole output when the exit code is not 0. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>;
  start(args: readonly string[], options?: RunOptions): ChildProcess;
  /** With redirections of a shell, for example `<&- >/dev/full`. */
  runRedirected(redirections: string, args: readonly string[]): Promise<Result>;
  /** On a new terminal, which is closed when this process ends; errors go to `errors.txt` in the folder. Linux only. */
  startOnTerminal(args: readonly string[]): ChildProcess;
  remove(): Promise<void>;
}

/** A copy of one of the repository's apps, without what `npm` put there. */
export function copyOf(app: string): AppFolder {
  const base = newBase();
  const source = join(root, 'apps', app);
  const folder = join(base, app);
  cpSync(source, folder, { recursive: true, filter: (path) => !['node_modules', '.gantry', 'dist'].includes(basename(path)) });
  return appFolder(base, folder);
}

/** An empty folder. */
export function emptyFolder(name = 'app'): AppFolder {
  const base = newBase();
  return appFolder(base, join(base, name));
}

/** Others may enter it: a database server that root starts runs as another user. */
function newBase(): string {
  const base = mkdtempSync(join(tmpdir(), 'gantry-e2e-'));
  chmodSync(base, 0o755);
  return base;
}

function appFolder(base: string, folder: string): AppFolder {
  const env = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: join(base, 'home'),
    LANG: 'C.UTF-8',
    GANTRY_CACHE: join(base, 'cache'),
    ...extra,
  });
  const start = (args: readonly string[], options: RunOptions = {}): ChildProcess =>
    spawn(process.execPath, [options.build === undefined ? bin : join(options.build, 'bin/gantry.cjs'), ...args], {
      cwd: existsSync(folder) ? folder : base,
      env: env(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const startOnTerminal = (args: readonly string[]): ChildProcess => {
    const words = [process.execPath, bin, ...args].map((word) => `'${word}'`);
    return spawn('script', ['-qfec', `exec ${words.join(' ')} 2>errors.txt`, '/dev/null'], {
      cwd: folder,
      env: env(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  };
  const run = async (args: readonly string[], options: RunOptions = {}): Promise<Result> => ended(start(args, options), options);
  const runRedirected = async (redirections: string, args: readonly string[]): Promise<Result> =>
    ended(
      spawn('/bin/sh', ['-c', `exec "$0" "$@" ${redirections}`, process.execPath, bin, ...args], {
        cwd: folder,
        env: env(),
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
      {},
    );
  return {
    folder,
    start,
    startOnTerminal,
    run,
    runRedirected,
    json: async <T>(args: readonly string[], options: RunOptions = {}): Promise<T> => {
      const result = await run([...args, '--json'], options);
      if (result.code !== 0) throw new Error(`gantry ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
      return JSON.parse(result.stdout) as T;
    },
    remove: async () => {
      await run(['down']);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess, options: RunOptions): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.stdin?.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 170_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, ...output };
}
