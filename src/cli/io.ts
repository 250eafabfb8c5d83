/** What a command may touch of the world around it; tests pass their own. */
import type { Writable } from 'node:stream';

export interface Io {
  /** Prints the result of a command at once; without it, `stdout` does. */
  readonly print?: (text: string) => void;
  /** Opened when it is asked for: that takes milliseconds, which `print` saves. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Opened when it is asked for: most commands never read it, and opening takes milliseconds. */
  readonly stdin: () => NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by the first Ctrl-C, with an `Interruption` as its reason. */
  readonly signal: AbortSignal;
  readonly flags: Flags;
}

/** Options that every command has. */
export interface Flags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** A command does its work, prints, and gives its exit code. */
export type Run = (io: Io, args: Arguments) => Promise<number>;

/** Positional words by name (a repeated one as a list), options by camel-cased name (repeated ones as lists), and what stands after `--`. */
export interface Arguments {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** The person, or the machine, wants the command to end. */
export class Interruption extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.name = 'Interruption';
    this.signal = signal;
  }
}

/** Whether the terminal is gone, rather than that somebody asked for an end. */
export function hasHungUp({ signal }: Pick<Io, 'signal'>): boolean {
  return signal.aborted && signal.reason instanceof Interruption && signal.reason.signal === 'SIGHUP';
}
