/** Entry of the command line: finds the command, loads only its code, prints what went wrong, ends the process. */
import { parseCommandLine } from './parse.ts';
import { printError } from './print/error.ts';
import type { Flags, Io } from './io.ts';

/** How long a command has to stop by itself after the first Ctrl-C is its own affair; the second one ends it. */
const interruptedExitCode = 130;

export async function main(argv: readonly string[]): Promise<void> {
  quietOnClosedPipe();
  const flags = guessFlags(argv);
  const controller = new AbortController();
  listenForInterrupts(controller);
  const io = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: () => process.stdin,
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
    flags,
  };
  const code = await attempt(argv, io);
  await flushed(process.stdout);
  process.exit(code);
}

async function attempt(argv: readonly string[], io: Io): Promise<number> {
  try {
    const call = await parseCommandLine(argv, io);
    if (call === undefined) return 0;
    const command = await call.spec.load();
    return await command.run({ ...io, flags: call.flags, cwd: call.folder }, call.args);
  } catch (error) {
    if (io.signal.aborted) return interrupted(io);
    return printError(io, error);
  }
}

/** Whatever broke off because of Ctrl-C is no error; the command has cleaned up before it came here. */
function interrupted(io: Io): number {
  if (!io.flags.json) io.stderr.write('Interrupted.\n');
  return interruptedExitCode;
}

/** `--json` counts even when the rest of the line cannot be read, so that the error is JSON too. */
function guessFlags(argv: readonly string[]): Flags {
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return { json: own.includes('--json'), quiet: own.includes('--quiet'), verbose: own.includes('--verbose') };
}

/** Under `npm start` a Ctrl-C comes twice: from the terminal, and passed on by npm. What follows within this time is the same one. */
const sameInterruptMs = 500;

function listenForInterrupts(controller: AbortController): void {
  let first = 0;
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (performance.now() - first > sameInterruptMs) forced(signal);
      return;
    }
    first = performance.now();
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
}

function forced(signal: NodeJS.Signals): void {
  if (signal === 'SIGHUP') return;
  process.stderr.write('Stopped by force. The app may still run: `gantry status local` shows it, `gantry down` stops it.\n');
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

/** `gantry ... | head` closes our output early; that is no error. */
function quietOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
