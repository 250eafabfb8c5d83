/** Splitting a command into words by the quoting rules of a POSIX shell. Nothing is expanded; what only a shell can do is refused. */
import type { Words } from './model.ts';

export type Split = { readonly words: Words } | { readonly problem: ShellProblem };

/** What a command asks of a shell that is not there. */
export interface ShellProblem {
  /** The characters, or the name of what is wrong. */
  readonly found: string;
  readonly kind:
    | 'chain'
    | 'pipe'
    | 'redirect'
    | 'background'
    | 'group'
    | 'expansion'
    | 'glob'
    | 'home'
    | 'assignment'
    | 'comment'
    | 'quote'
    | 'line'
    | 'empty';
}

interface Reader {
  readonly text: string;
  position: number;
  word: string | undefined;
  /** Whether the word so far has an unquoted first character. */
  bare: boolean;
  readonly words: string[];
  problem: ShellProblem | undefined;
}

const operators: readonly (readonly [string, ShellProblem['kind']])[] = [
  ['&&', 'chain'],
  ['||', 'chain'],
  ['|', 'pipe'],
  ['&', 'background'],
  [';', 'chain'],
  ['>', 'redirect'],
  ['<', 'redirect'],
  ['(', 'group'],
  [')', 'group'],
  ['`', 'expansion'],
  ['$', 'expansion'],
  ['*', 'glob'],
  ['\n', 'line'],
];

/** Words without anything that a shell would look at, as nearly all commands are. */
const plainWords = /^[\w./:@%+,-]+(?: [\w./:@%+,=-]+)*$/;

/** `node "a b".js` -> `['node', 'a b.js']` */
export function splitWords(text: string): Split {
  if (plainWords.test(text)) return { words: text.split(' ') };
  const reader: Reader = {
    text: text.replaceAll('\r\n', '\n').trim(),
    position: 0,
    word: undefined,
    bare: false,
    words: [],
    problem: undefined,
  };
  while (reader.position < reader.text.length && reader.problem === undefined) step(reader);
  finishWord(reader);
  const problem =
    reader.problem ?? (reader.words.length === 0 || reader.words[0] === '' ? { found: 'no command', kind: 'empty' as const } : undefined);
  return problem === undefined ? { words: reader.words } : { problem };
}

function step(reader: Reader): void {
  const character = reader.text.charAt(reader.position);
  if (character === ' ' || character === '\t') return skip(reader);
  if (character === "'") return single(reader);
  if (character === '"') return double(reader);
  if (character === '\\') return escape(reader);
  const operator = operators.find(([symbol]) => reader.text.startsWith(symbol, reader.position));
  if (operator !== undefined) return fail(reader, operator[1], operator[1] === 'expansion' ? expansion(reader) : operator[0]);
  if (reader.word === undefined && character === '#') return fail(reader, 'comment', '#');
  if (reader.word === undefined && character === '~') return fail(reader, 'home', '~');
  append(reader, character);
  reader.position++;
}

function skip(reader: Reader): void {
  finishWord(reader);
  reader.position++;
}

function finishWord(reader: Reader): void {
  const { word } = reader;
  reader.word = undefined;
  if (word === undefined || reader.problem !== undefined) return;
  if (reader.words.length === 0 && reader.bare && /^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) return fail(reader, 'assignment', word);
  reader.words.push(word);
}

function append(reader: Reader, text: string, bare = true): void {
  if (reader.word === undefined) reader.bare = bare;
  reader.word = (reader.word ?? '') + text;
}

function single(reader: Reader): void {
  const end = reader.text.indexOf("'", reader.position + 1);
  if (end < 0) return fail(reader, 'quote', "'");
  append(reader, reader.text.slice(reader.position + 1, end), false);
  reader.position = end + 1;
}

function double(reader: Reader): void {
  append(reader, '', false);
  reader.position++;
  while (reader.position < reader.text.length) {
    const character = reader.text.charAt(reader.position);
    if (character === '"') return void reader.position++;
    if (character === '$' || character === '`') return fail(reader, 'expansion', expansion(reader));
    quoted(reader, character);
  }
  fail(reader, 'quote', '"');
}

/** Inside of double quotes a backslash is special only before these characters. */
function quoted(reader: Reader, character: string): void {
  const next = reader.text.charAt(reader.position + 1);
  const escaped = character === '\\' && next !== '' && '$`"\\\n'.includes(next);
  if (escaped) append(reader, next === '\n' ? '' : next, false);
  else append(reader, character, false);
  reader.position += escaped ? 2 : 1;
}

function escape(reader: Reader): void {
  const next = reader.text.charAt(reader.position + 1);
  if (next === '') return fail(reader, 'quote', '\\');
  if (next !== '\n') append(reader, next, false);
  reader.position += 2;
}

function expansion(reader: Reader): string {
  return (
    /^(\$\{[^}\s]{0,40}\}?|\$\([^)]{0,20}\)?|\$[A-Za-z0-9_]{0,40}|.)/.exec(reader.text.slice(reader.position, reader.position + 48))?.[0] ??
    '$'
  );
}

function fail(reader: Reader, kind: ShellProblem['kind'], found: string): void {
  reader.problem ??= { kind, found };
}
