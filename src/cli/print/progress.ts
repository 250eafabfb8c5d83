/** The steps of a long command: one line each when it ends, and one line that is rewritten while it lasts (on a terminal only). */
import type { StepEvent } from '../../platforms/local/protocol.ts';
import type { Io } from '../io.ts';
import { printable } from './error.ts';
import { paint } from './paint.ts';
import { clock, duration, setUnfinished } from './text.ts';

/** Steps that say nothing to a person unless they take long or fail. */
const silentSteps = new Set(['lock', 'guard', 'plan', 'confirm', 'passwords', 'urls', 'push', 'apply', 'shift']);
/** Of those, the ones that somebody who releases for others wants to see. */
const shownToReleasers = new Set(['guard', 'plan', 'shift']);
/** Where users are on the next set: a line now and then where nothing can be rewritten, so that nobody takes a wait for a hang. */
const waitingSteps = new Set(['canary', 'bake']);
const longMs = 1000;
const repeatMs = 15_000;
const nameWidth = 11;
const timeWidth = 7;
const lineWidth = 78;

export interface ProgressPrinter {
  (event: StepEvent): void;
  /** Removes the line of the running step. */
  end(): void;
}

export interface ProgressOptions {
  /** Says more of a release than somebody needs who edits; with the time where lines are read later. */
  readonly full?: boolean;
  /** Stands behind the line of a running step. */
  hint?(step: string): string;
}

export function progressPrinter(io: Io, options: ProgressOptions = {}): ProgressPrinter {
  if (io.flags.quiet || (io.flags.json && !io.flags.verbose)) return Object.assign(() => {}, { end: () => {} });
  const isTerminal = io.stdout.isTTY === true && !io.flags.json && io.env['TERM'] !== 'dumb';
  return isTerminal && !io.flags.verbose ? onTerminal(io, options) : inLines(io, options);
}

/** One line that is rewritten while a step lasts. */
function onTerminal(io: Io, { full = false, hint = () => '' }: ProgressOptions): ProgressPrinter {
  const { dim, red } = paint(io);
  let shown = false;
  const clear = (): void => {
    if (shown) io.stdout.write('\r\u001B[K');
    shown = false;
    setUnfinished(undefined);
  };
  const print = (event: StepEvent): void => {
    if (event.message === '' && event.measured !== undefined) return;
    clear();
    if (event.state !== 'running') {
      for (const line of finished(event, full, red)) io.stdout.write(`${line}\n`);
      return;
    }
    io.stdout.write(dim(fitted(runningLine(event), hint(event.step), io)));
    shown = true;
    setUnfinished(clear);
  };
  return Object.assign(print, { end: clear });
}

/** What is long gives way to the hint. A terminal that does not know its width says 0. */
function fitted(line: string, hint: string, io: Io): string {
  const width = Math.min(lineWidth, (io.stdout.columns || lineWidth + 2) - 1);
  return `${line.slice(0, Math.max(0, width - hint.length))}${hint}`.slice(0, width);
}

/** Only lines that stay. With `--json` the document alone goes to standard output. */
function inLines(io: Io, { full = false }: ProgressOptions): ProgressPrinter {
  const { red } = paint(io);
  const out = io.flags.json ? io.stderr : io.stdout;
  let next = 0;
  const write = (line: string): void => void out.write(`${full ? `${clock(new Date())} ` : ''}${line}\n`);
  const print = (event: StepEvent): void => {
    if (event.state !== 'running') return finished(event, full, red).forEach(write);
    if (event.message === '') return;
    if (io.flags.verbose) return write(`  ${event.step.padEnd(nameWidth)} ${printable(event.message)}`);
    if (!full || !waitingSteps.has(event.step) || performance.now() < next) return;
    next = performance.now() + repeatMs;
    write(runningLine(event));
  };
  return Object.assign(print, { end: () => {} });
}

function finished(event: StepEvent, full: boolean, red: (text: string) => string): string[] {
  if (event.state === 'failed') return [`${red('✗')} ${event.step}`];
  return worthALine(event, full) ? stepLines(event) : [];
}

function worthALine(event: StepEvent, full: boolean): boolean {
  if (event.state === 'skipped') return false;
  const isSilent = silentSteps.has(event.step) && !(full && shownToReleasers.has(event.step));
  return event.elapsedMs >= longMs || (event.message !== '' && !isSilent);
}

function runningLine({ step, elapsedMs, message }: StepEvent): string {
  const time = elapsedMs >= longMs ? `${duration(elapsedMs).padEnd(timeWidth)} ` : '';
  return `  ${step.padEnd(nameWidth)} ${time}${printable(message)}`;
}

/** What comes in several lines stays in its column. */
function stepLines(event: StepEvent): string[] {
  const time = event.elapsedMs >= 100 ? duration(event.elapsedMs) : '';
  const [first = '', ...more] = printable(event.message).split('\n');
  const indent = ' '.repeat(2 + nameWidth + 1 + timeWidth + 1);
  return [`  ${event.step.padEnd(nameWidth)} ${time.padEnd(timeWidth)} ${first}`, ...more.map((line) => `${indent}${line}`)].map((line) =>
    line.trimEnd(),
  );
}
