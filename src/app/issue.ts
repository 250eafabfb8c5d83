/** What is wrong with a file, as data: found by schema or rules (Problem), then placed in the text (Issue). */
import type { ErrorCode } from '../errors.ts';
import { maxShown } from './limits.ts';

export type Path = readonly (string | number)[];

/** A problem before its position is known. */
export interface Problem {
  readonly code: ErrorCode;
  readonly path: Path;
  /** What to point at: the key of `path` or its value. Default: the value. */
  readonly at?: 'key' | 'value';
  readonly message: string;
  readonly fix: string;
  /** Paths whose absence is the problem. If the schema has refused one of them, the problem only follows from that and is not shown. `*` stands for any key. */
  readonly absent?: readonly Path[];
}

export interface Issue {
  readonly code: ErrorCode;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** `services.backend.scale`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem whose position is known. */
export type Placed = Problem & { readonly position: Position };

/** A problem at its place. Content of the file that it quotes is cut and cannot steer a terminal. */
export function issueOf(file: string, { code, path, message, fix, position }: Placed): Issue {
  return { code, file, ...position, path: printable(formatPath(path)), message: printable(message), fix: printable(fix) };
}

function printable(text: string): string {
  const cut = text.length > maxShown ? `${text.slice(0, maxShown - 3)}...` : text;
  return cut.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** `services.backend.prepare[1]`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${formatKey(key)}`)).join('');
}

function formatKey(key: string): string {
  return /^[A-Za-z0-9_-]{1,80}$/.test(key) ? key : JSON.stringify(key.length > 80 ? `${key.slice(0, 77)}...` : key);
}

/** One line per problem and one for its fix, in the order of the files, then how many there are. */
export function formatIssues(issues: readonly Issue[]): string {
  const sorted = issues.toSorted(byPosition);
  const heads = sorted.map((issue) => [`${issue.file}:${issue.line}:${issue.column}`, issue.path] as const);
  const [first, second] = [0, 1].map((column) => Math.min(widest(heads, column), 40)) as [number, number];
  const lines = sorted.flatMap((issue, index) => {
    const [where = '', path = ''] = heads[index] ?? [];
    const head = path === '' ? where.padEnd(first) : `${where.padEnd(first)}  ${path.padEnd(second)}`;
    return [`${head}  ${issue.message}   ${issue.code}`, `  fix: ${issue.fix}`];
  });
  return [...lines, summary(sorted)].join('\n');
}

function widest(heads: readonly (readonly [string, string])[], column: number): number {
  return heads.reduce((width, head) => Math.max(width, head[column]?.length ?? 0), 0);
}

function byPosition(a: Issue, b: Issue): number {
  return compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function summary(issues: readonly Issue[]): string {
  const files = new Set(issues.map((issue) => issue.file)).size;
  const more = issues[0] === undefined ? '' : ` \`gantry explain ${issues[0].code}\` says more.`;
  return `${count(issues.length, 'problem')} in ${count(files, 'file')}.${more}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
