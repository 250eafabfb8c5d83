/** The steps of a long command: one line each when it ends, and one line that is rewritten while it lasts (on a terminal only). */
import type { StepEvent } from '../../platforms/local/protocol.ts';
import type { Io } from '../io.ts';
import { printable } from './error.ts';
import { paint } from './paint.ts';
import { duration, setUnfinished } from './text.ts';

/** Steps that say nothing to a person unless they take long or fail. */
const silentSteps = new Set(['lock', 'guard', 'plan', 'passwords', 'urls', 'apply', 'shift']);
const longMs = 1000;
const nameWidth = 11;
const lineWidth = 78;

export interface ProgressPrinter {
  (event: StepEvent): void;
  /** Removes the line of the running step. */
  end(): void;
}

export function progressPrinter(io: Io): ProgressPrinter {
  const live = io.stdout.isTTY === true && !io.flags.json && !io.flags.quiet && io.env['TERM'] !== 'dumb';
  const { dim, red } = paint(io);
  let shown = false;
  const clear = (): void => {
    if (shown) io.stdout.write('\r\u001B[K');
    shown = false;
    setUnfinished(undefined);
  };
  const print = (event: StepEvent): void => {
    if (io.flags.json || io.flags.quiet) return;
    if (event.state === 'running') {
      if (io.flags.verbose && event.message !== '') io.stdout.write(`  ${event.step.padEnd(nameWidth)} ${printable(event.message)}\n`);
      else if (live) {
        clear();
        io.stdout.write(
          dim(`  ${event.step.padEnd(nameWidth)} ${printable(event.message)}`.slice(0, Math.min(lineWidth, (io.stdout.columns ?? 80) - 1))),
        );
        shown = true;
        setUnfinished(clear);
      }
      return;
    }
    clear();
    if (event.state === 'failed') io.stdout.write(`${red('✗')} ${event.step}\n`);
    else if (worthALine(event)) io.stdout.write(`${stepLine(event)}\n`);
  };
  return Object.assign(print, { end: clear });
}

function worthALine(event: StepEvent): boolean {
  if (event.state === 'skipped') return false;
  return event.elapsedMs >= longMs || (event.message !== '' && !silentSteps.has(event.step));
}

function stepLine(event: StepEvent): string {
  const time = event.elapsedMs >= 100 ? duration(event.elapsedMs) : '';
  return `  ${event.step.padEnd(nameWidth)} ${time.padEnd(7)} ${printable(event.message)}`.trimEnd();
}
