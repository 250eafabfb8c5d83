/** What is found out about one program or site of a folder. */

/** A value, what it was concluded from, and whether that leaves no doubt. */
export interface Found<T> {
  readonly value: T;
  readonly why: string;
  readonly sure: boolean;
}

export const sure = <T>(value: T, why: string): Found<T> => ({ value, why, sure: true });
export const guess = <T>(value: T, why: string): Found<T> => ({ value, why, sure: false });

/** Text for splitting into words, or the words themselves. */
export type CommandLine = string | readonly string[];

export type Client = 'postgres' | 'redis' | 'mysql' | 'mongodb' | 'sqlite';

/** A variable that the program reads. */
export interface Read {
  readonly name: string;
  readonly where: string;
  /** Value that the program or its example file falls back to. */
  readonly fallback?: string;
  /** True when an example file or a compose file names it. */
  readonly declared: boolean;
}

export interface Remark {
  readonly what: string;
  readonly why: string;
  readonly sure: boolean;
}

export interface Part {
  /** `.` for the top. */
  readonly folder: string;
  /** Where the commands run, when that is not `folder` (a workspace is installed from its top). */
  readonly context?: string;
  readonly name?: string;
  readonly kind: 'server' | 'worker' | 'site';
  readonly runtime: 'node' | 'python' | 'go' | 'other';
  readonly dockerfile?: string;
  readonly prepare: readonly Found<CommandLine>[];
  readonly run?: Found<CommandLine>;
  readonly port?: Found<{ readonly number: number; readonly fixed: boolean }>;
  readonly health?: Found<{ readonly path: string; readonly live?: string }>;
  /** First segments of the paths that it answers, such as `/api`. */
  readonly prefixes: readonly Found<string>[];
  readonly migrate?: Found<CommandLine>;
  readonly site?: Found<{ readonly dir: string; readonly fallback?: string }>;
  readonly variables: Readonly<Record<string, Found<string>>>;
  readonly reads: readonly Read[];
  readonly clients: readonly Found<Client>[];
  /** Paths that a development server of this part hands on to another one. */
  readonly proxied: readonly Found<string>[];
  readonly remarks: readonly Remark[];
}

export const emptyPart = (folder: string, kind: Part['kind'], runtime: Part['runtime'] = 'other'): Part => ({
  folder,
  kind,
  runtime,
  prepare: [],
  prefixes: [],
  variables: {},
  reads: [],
  clients: [],
  proxied: [],
  remarks: [],
});

/** A word as the quoting rules of a POSIX shell want it. */
export function quoted(word: string): string {
  return /^[\w./@:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words for what only a shell can do. A single command replaces the shell, so that signals reach it. */
export function inShell(text: string): CommandLine {
  return ['sh', '-c', /[;|&\n]/.test(text) ? text : `exec ${text}`];
}
