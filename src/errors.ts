/** The error catalogue: one entry per code, and the one error class whose text a person can act on. */
import { appErrors } from './errors/app.ts';
import { cliErrors } from './errors/cli.ts';
import { localErrors } from './errors/local.ts';
import { releaseErrors } from './errors/release.ts';
import { toolErrors } from './errors/tools.ts';

/** What `gantry explain CODE` and docs/errors.md say about a code. */
export interface ErrorEntry {
  /** Short name of the problem, lower case, no full stop. */
  readonly title: string;
  /** Why it happens, one or two sentences. */
  readonly cause: string;
  /** How to solve it, in the imperative. */
  readonly fix: string;
  readonly example?: string;
}

export const catalogue = {
  ...appErrors,
  ...cliErrors,
  ...localErrors,
  ...releaseErrors,
  ...toolErrors,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof catalogue;

/** 1 failed, 2 usage or bad file, 3 changes or drift. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface ErrorDetails {
  /** What it is about: `gantry.yaml:14:7`, a path, a service, a process. */
  readonly where?: string;
  /** What to do now; defaults to the catalogue's fix. */
  readonly fix?: string;
  /** Evidence shown below the message, for example the last log lines. */
  readonly lines?: readonly string[];
  /** What is true now: "the old release serves everything". */
  readonly state?: string;
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

const brand = Symbol.for('gantry.error');

/** A problem that the person can solve. It has no stack on the terminal; anything else thrown is a bug. */
export class GantryError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly fix: string;
  readonly lines: readonly string[];
  readonly state: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'GantryError';
    this.code = code;
    this.where = details.where;
    this.fix = details.fix ?? catalogue[code].fix;
    this.lines = details.lines ?? [];
    this.state = details.state;
    this.exitCode = details.exitCode ?? 1;
  }

  toJSON(): WireError {
    const { code, message, where, fix, lines, state, exitCode } = this;
    return { code, message, fix, lines, exitCode, ...(where === undefined ? {} : { where }), ...(state === undefined ? {} : { state }) };
  }
}

/** A GantryError as it crosses a process border and as `--json` prints it. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly fix: string;
  readonly lines: readonly string[];
  readonly state?: string;
  readonly exitCode: ExitCode;
}

export function isGantryError(error: unknown): error is GantryError {
  return typeof error === 'object' && error !== null && brand in error;
}

export function fromWire(error: WireError): GantryError {
  return new GantryError(error.code, error.message, error);
}
