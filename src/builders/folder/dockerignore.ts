/**
 * Docker's rules for .dockerignore, which are not git's: a pattern is anchored at the root of the context, the last one that matches
 * wins, and one that matches a folder matches all in it.
 */
import { posix } from 'node:path';

export interface IgnoreRules {
  /** Path relative to the context, with `/`. */
  ignores(path: string): boolean;
  /** Whether something below an ignored folder may have been brought back by a `!` pattern. */
  readonly hasExceptions: boolean;
}

interface Pattern {
  readonly exception: boolean;
  readonly expression: RegExp;
}

export function parseIgnore(text: string): IgnoreRules {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .flatMap(parseLine);
  return { hasExceptions: patterns.some(({ exception }) => exception), ignores: (path) => isIgnored(patterns, path) };
}

function parseLine(line: string): Pattern[] {
  const trimmed = line.trim();
  const exception = trimmed.startsWith('!');
  const written = exception ? trimmed.slice(1).trim() : trimmed;
  if (written === '') return [];
  const pattern = clean(written);
  return pattern === '.' ? [] : [{ exception, expression: toExpression(pattern) }];
}

/** As Go's filepath.Clean, without a slash at either end. */
function clean(pattern: string): string {
  return posix
    .normalize(pattern)
    .replace(/^\/+(?=.)/, '')
    .replace(/(?<=.)\/$/, '');
}

function isIgnored(patterns: readonly Pattern[], path: string): boolean {
  const candidates = withParents(path);
  let ignored = false;
  for (const { exception, expression } of patterns) {
    if (ignored === exception && candidates.some((candidate) => expression.test(candidate))) ignored = !exception;
  }
  return ignored;
}

/** `a/b/c` gives itself, `a` and `a/b`. */
function withParents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** `*` and `?` stop at a slash, `**` does not and may be empty together with its slash, `[...]` is a set, `\` takes the next as it is. */
function toExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const [piece, next] = pieceAt(pattern, at);
    source += piece;
    at = next;
  }
  return new RegExp(`^${source}$`, 's');
}

function pieceAt(pattern: string, at: number): [piece: string, next: number] {
  const character = pattern.charAt(at);
  if (pattern.startsWith('**', at)) return doubleStar(pattern, at);
  if (character === '*') return ['[^/]*', at + 1];
  if (character === '?') return ['[^/]', at + 1];
  if (character === '[') return characterSet(pattern, at);
  if (character === '\\' && at + 1 < pattern.length) return [literal(pattern.charAt(at + 1)), at + 2];
  return [literal(character), at + 1];
}

function doubleStar(pattern: string, at: number): [string, number] {
  const next = pattern.charAt(at + 2) === '/' ? at + 3 : at + 2;
  return next >= pattern.length ? ['.*', next] : ['(?:.*/)?', next];
}

function characterSet(pattern: string, at: number): [string, number] {
  const end = pattern.indexOf(']', at + 2);
  if (end < 0) return [literal('['), at + 1];
  const inner = pattern.slice(at + 1, end).replaceAll(/[[\]]/g, String.raw`\$&`);
  return [`(?!/)[${inner}]`, end + 1];
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
}
