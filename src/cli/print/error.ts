/** Errors as a person reads them: code, what, where, evidence, fix, what is true now, where to read more. */
import { isGantryError, type GantryError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { ProjectIssues } from '../issues.ts';
import { version } from '../version.ts';
import { paint } from './paint.ts';

/** Of the evidence; `--json` and the logs have all of it. */
const shownLines = 31;

/** Prints the error and gives the exit code. */
export function printError(io: Io, error: unknown): number {
  if (error instanceof ProjectIssues) return printIssues(io, error);
  if (!isGantryError(error)) return printBug(io, error);
  if (io.flags.json) io.stdout.write(`${JSON.stringify({ error: error.toJSON() }, null, 2)}\n`);
  else io.stderr.write(`${errorText(error, paint(io))}\n`);
  return error.exitCode;
}

function printIssues(io: Io, { issues, message }: ProjectIssues): number {
  if (io.flags.json) io.stdout.write(`${JSON.stringify({ issues }, null, 2)}\n`);
  else io.stderr.write(`${message}\n`);
  return 2;
}

/** @param truth stands in the place of `Now: ...` */
export function errorText(
  error: GantryError,
  colours: { red(text: string): string; dim(text: string): string },
  truth: string = error.state === undefined ? '' : `  Now: ${error.state}`,
): string {
  const where = error.where === undefined ? '' : `  ${colours.dim(error.where)}\n`;
  const lines = error.lines
    .slice(-shownLines)
    .map((line) => `  | ${printable(line)}\n`)
    .join('');
  const state = truth === '' ? '' : `${truth}\n`;
  return `${colours.red('✗')} ${error.message}  ${error.code}\n${where}${lines}${state}  Fix: ${error.fix}\n  ${colours.dim(`gantry explain ${error.code}`)}`;
}

/** Text from outside without control characters, so that it cannot steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '');
}

function printBug(io: Io, error: unknown): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (io.flags.json) io.stdout.write(`${JSON.stringify({ error: { code: 'bug', message: (error as Error).message, stack } }, null, 2)}\n`);
  io.stderr.write(
    `✗ This is a bug in Gantry ${version}, not in your app.\n${stack}\n  Please report it with the lines above and what you did; no secret is in them.\n`,
  );
  return 1;
}
