/** The only place that starts processes: argv arrays, explicit folder and environment, no shell. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { GantryError } from '../errors.ts';

export type Environment = Readonly<Record<string, string>>;
export type Stream = 'stdout' | 'stderr';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Exit codes that are answers rather than failures; default: 0 only. */
  readonly accept?: (exitCode: number) => boolean;
  onLine?(line: string, stream: Stream): void;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** What is kept of each output stream; older text is dropped. */
const keptBytes = 4 * 1024 * 1024;
/** A longer line is taken in pieces. */
const longestLine = 64 * 1024;
const headLines = 10;
const tailLines = 20;
const killAfterMs = 10_000;
/** A program that left something running keeps its output open; what comes later is not waited for. */
const leftoverOutputMs = 1000;

/**
 * Runs a program to its end. Its whole process group gets SIGINT on abort or timeout, and SIGKILL 10 s later.
 * @throws GantryError GX1001 (not found), GX1002 (failed), GX1003 (timeout), GX1004 (aborted)
 */
export async function run(command: Command): Promise<Outcome> {
  const started = performance.now();
  command.signal?.throwIfAborted();
  const child = open(command, ['pipe', 'pipe', 'pipe'], true);
  const output = { stdout: collect(child.stdout, 'stdout', command), stderr: collect(child.stderr, 'stderr', command) };
  child.stdin?.on('error', ignore);
  child.stdin?.end(command.input ?? '');
  const stop = watchdog(child, command);
  const exitCode = await ended(child, command).finally(stop.clear);
  const hangUp = setTimeout(() => closeOutput(child), leftoverOutputMs);
  const outcome = { exitCode, stdout: await output.stdout, stderr: await output.stderr, durationMs: performance.now() - started };
  clearTimeout(hangUp);
  if (stop.reason !== undefined) throw failure(stop.reason, command, outcome);
  if (!(command.accept ?? isZero)(exitCode)) throw failure('GX1002', command, outcome);
  return outcome;
}

/** Runs a program on this terminal and gives its exit code; signals reach it through the terminal. */
export async function interactive(command: Command): Promise<number> {
  return ended(open(command, 'inherit', false), command);
}

export interface Background {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** File descriptors (or 'ignore') for 0, 1, 2 and beyond. */
  readonly stdio: readonly ('ignore' | number)[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface BackgroundProcess {
  readonly pid: number;
  /** Exit code or signal, once. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a program in a process group of its own that outlives this process. Its output goes to the given descriptors. */
export async function background(command: Background): Promise<BackgroundProcess> {
  const child = open(command, [...command.stdio], true);
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(startFailure(command, error)));
  });
  child.unref();
  return { pid: child.pid ?? 0, exit };
}

let highestWithheld = 2;

/**
 * Keeps an inherited descriptor (and those below it, down to 3) from every program started from now on that is not given it explicitly. Node
 * closes its own descriptors on exec, but not inherited ones: a program that holds a listening socket keeps its port.
 */
export function withhold(descriptor: number): void {
  highestWithheld = Math.max(highestWithheld, descriptor);
}

function withheld(stdio: StdioOptions): StdioOptions {
  if (!Array.isArray(stdio)) return stdio;
  const rest = Array.from({ length: Math.max(0, highestWithheld + 1 - stdio.length) }, () => 'ignore' as const);
  return [...stdio, ...rest];
}

function open(command: Command | Background, stdio: StdioOptions, detached: boolean): ChildProcess {
  const [file = '', ...args] = command.argv;
  const identity = {
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  };
  try {
    return spawn(file, args, { cwd: command.cwd, env: { ...command.env }, stdio: withheld(stdio), detached, shell: false, ...identity });
  } catch (error) {
    throw startFailure(command, error);
  }
}

async function ended(child: ChildProcess, command: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startFailure(command, error)));
    child.once('exit', (code, signal) => resolve(code ?? signalExitCode(signal)));
  });
}

function signalExitCode(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return 128 + ((signal && numbers[signal]) ?? 0);
}

async function collect(source: Readable | null, stream: Stream, command: Command): Promise<string> {
  if (source === null) return '';
  const kept = newTail();
  let rest = '';
  const take = (line: string): void => {
    command.onLine?.(line, stream);
    kept.add(line);
  };
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    const lines = `${rest}${text}`.split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) take(line);
  });
  await new Promise((resolve) => source.once('close', resolve));
  if (rest !== '') take(rest);
  return kept.text();
}

/** The last lines of a stream, bounded in bytes. */
function newTail(): { add(line: string): void; text(): string } {
  const lines: string[] = [];
  let size = 0;
  return {
    add: (line) => {
      lines.push(line);
      size += line.length + 1;
      while (size > keptBytes && lines.length > 1) size -= (lines.shift()?.length ?? 0) + 1;
    },
    text: () => lines.join('\n'),
  };
}

interface Watchdog {
  reason: 'GX1003' | 'GX1004' | undefined;
  clear(): void;
}

function watchdog(child: ChildProcess, command: Command): Watchdog {
  let kill: NodeJS.Timeout | undefined;
  const stop = (reason: 'GX1003' | 'GX1004') => () => {
    state.reason ??= reason;
    signalGroup(child, 'SIGINT');
    kill ??= setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMs);
  };
  const onAbort = stop('GX1004');
  const timer = command.timeoutMs === undefined ? undefined : setTimeout(stop('GX1003'), command.timeoutMs);
  command.signal?.addEventListener('abort', onAbort, { once: true });
  const state: Watchdog = {
    reason: undefined,
    clear() {
      clearTimeout(timer);
      clearTimeout(kill);
      command.signal?.removeEventListener('abort', onAbort);
    },
  };
  return state;
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended by itself.
  }
}

function failure(code: 'GX1002' | 'GX1003' | 'GX1004', command: Command, outcome: Outcome): GantryError {
  const name = command.argv.join(' ');
  const said = `${outcome.stdout}\n${outcome.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const message = {
    GX1002: `\`${name}\` ended with exit code ${outcome.exitCode}`,
    GX1003: `\`${name}\` did not end within ${Math.round((command.timeoutMs ?? 0) / 1000)} s`,
    GX1004: `\`${name}\` was interrupted`,
  }[code];
  return new GantryError(code, message, { where: command.cwd, lines: excerpt(said) });
}

/** The beginning says why more often than not, the end says where. */
function excerpt(lines: readonly string[]): string[] {
  const left = lines.length - headLines - tailLines;
  return left <= 0 ? [...lines] : [...lines.slice(0, headLines), `(${left} more lines)`, ...lines.slice(-tailLines)];
}

/** Node reports a missing folder and a missing program alike (ENOENT); the caller checks the folder first. */
function startFailure(command: Command | Background, error: unknown): GantryError {
  const [file = ''] = command.argv;
  const code = (error as NodeJS.ErrnoException).code;
  const reason =
    code === 'ENOENT'
      ? 'it was not found on PATH, or its folder does not exist'
      : code === 'EACCES'
        ? 'it may not be executed'
        : (error as Error).message;
  return new GantryError('GX1001', `cannot start \`${file}\`: ${reason}`, { where: command.cwd, cause: error });
}

function isZero(code: number): boolean {
  return code === 0;
}

function ignore(): void {
  // A program that does not read its input closes the pipe; its exit code tells what matters.
}
