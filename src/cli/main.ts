/** Entry of the command line: finds the command, loads only its code, prints what went wrong, ends the process. */
import { writeSync } from 'node:fs';
import { parseCommandLine, type Call } from './parse.ts';
import { Interruption, type Flags, type Io } from './io.ts';
import { leftBehind } from './left-behind.ts';

/** How long a command has to stop by itself after the first Ctrl-C is its own affair; the second one ends it. */
const interruptedExitCode = 130;

export async function main(argv: readonly string[]): Promise<void> {
  const flags = guessFlags(argv);
  const controller = new AbortController();
  listenForInterrupts(controller);
  const io: Io = {
    print,
    get stdout() {
      return opened(process.stdout);
    },
    get stderr() {
      return opened(process.stderr);
    },
    stdin: () => process.stdin,
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
    flags,
  };
  const code = await attempt(argv, io);
  await Promise.all([...streams].map(flushed));
  const ended = unwritten === undefined ? code : await complain(unwritten);
  if (hungUp) endAsHungUp();
  process.exit(ended);
}

async function attempt(argv: readonly string[], io: Io): Promise<number> {
  try {
    const call = await parseCommandLine(argv, io);
    if (call === undefined) return 0;
    const command = await call.spec.load();
    return await command.run(withCall(io, call), call.args);
  } catch (error) {
    if (io.signal.aborted) return interrupted(io);
    return (await import('./print/error.ts')).printError(io, error);
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
    controller.abort(new Interruption(signal));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
}

function forced(signal: NodeJS.Signals): void {
  if (signal === 'SIGHUP') return;
  process.stderr.write(`Stopped by force. ${leftBehind.text}\n`);
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

/** The streams stay closed until somebody asks for them. */
function withCall(io: Io, { flags, folder }: Call): Io {
  const own = { flags: { value: flags, enumerable: true }, cwd: { value: folder, enumerable: true } };
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(io), ...own }) as Io;
}

const streams = new Set<NodeJS.WriteStream>();

let hungUp = false;

/** Node aborts when it cannot put back the settings of a terminal that is gone; the signal's own end leaves them alone. */
function endAsHungUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/** `gantry ... | head` closes our output early, and so does whoever closes the terminal: that is no error. */
function opened(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!streams.has(stream)) stream.on('error', keepUnlessClosed);
  streams.add(stream);
  return stream;
}

/** Why the output could not be written, for example because the disk under it is full. */
let unwritten: Error | undefined;

function keepUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EIO') hungUp = true;
  else if (error.code !== 'EPIPE') unwritten ??= error;
}

async function complain(problem: Error): Promise<number> {
  const { GantryError } = await import('../errors.ts');
  const { errorText } = await import('./print/error.ts');
  const error = new GantryError('GC1008', `the output cannot be written: ${problem.message}`);
  const plain = (text: string): string => text;
  try {
    writeSync(standardError, `${errorText(error, { red: plain, dim: plain })}\n`);
  } catch {
    // It cannot be written there either.
  }
  return error.exitCode;
}

/** File descriptors. */
const standardOutput = 1;
const standardError = 2;

/** Opening the stream takes longer than all the rest of a small command; it is only needed when the reader is slow. */
function print(text: string): void {
  if (streams.size > 0) return void opened(process.stdout).write(text);
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(standardOutput, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') opened(process.stdout).write(rest);
    else keepUnlessClosed(error as NodeJS.ErrnoException);
  }
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
