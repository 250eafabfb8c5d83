/** A file of migrations as statements: where each begins and ends, without what only `down` would run. */
import { createHash, type Hash } from 'node:crypto';
import { Lexer, type Token, type Unfinished } from './lexer.ts';

export interface Statement {
  /** At least one, at most `tokensKept`. */
  readonly tokens: readonly Token[];
  readonly line: number;
}

export interface Script {
  readonly statements: readonly Statement[];
  /** SHA-256 over the statements, hex: the same for files that differ in comments and white space only. */
  readonly digest: string;
  readonly unfinished: Unfinished | undefined;
}

/** What a statement does is in its first words, and in the WHERE that follows; a list of a million values is not kept. */
const tokensKept = 50_000;

export function parseScript(text: string, firstLine = 1): Script {
  const source = new Lexer(text, firstLine);
  const hash = inPieces(createHash('sha256'));
  const statements: Statement[] = [];
  for (let tokens = readStatement(source, hash); tokens !== undefined; tokens = readStatement(source, hash)) {
    const [first] = tokens;
    if (first === undefined) continue;
    statements.push({ tokens, line: first.line });
    if (readsData(tokens)) hash.update(source.copyData());
  }
  return { statements, digest: hash.digest(), unfinished: source.unfinished };
}

interface TextHash {
  update(text: string): void;
  digest(): string;
}

const pieceLength = 65_536;

/** Hashing word by word would take longer than finding the words. */
function inPieces(hash: Hash): TextHash {
  let waiting = '';
  return {
    update(text) {
      waiting += text;
      if (waiting.length < pieceLength) return;
      hash.update(waiting);
      waiting = '';
    },
    digest: () => hash.update(waiting).digest('hex'),
  };
}

/** The tokens up to the next semicolon that ends a statement, without it; undefined at the end of the text. */
function readStatement(source: Lexer, hash: TextHash): Token[] | undefined {
  const tokens: Token[] = [];
  const nesting = newNesting(tokens);
  source.statementStart = true;
  for (;;) {
    const token = source.next();
    if (token === undefined) return tokens.length === 0 ? undefined : tokens;
    hash.update(`${token.kind}\0${token.value.includes('\r') ? token.value.replaceAll('\r\n', '\n') : token.value}\0`);
    if (token.kind === 'meta') return [token];
    source.statementStart = false;
    if (token.kind === 'symbol' && token.value === ';' && !nesting.open()) return tokens;
    nesting.take(token);
    if (tokens.length < tokensKept) tokens.push(token);
  }
}

/** Semicolons end no statement within parentheses, nor within the BEGIN ... END of a function written in SQL. */
function newNesting(tokens: readonly Token[]): { take(token: Token): void; open(): boolean } {
  let parentheses = 0;
  let blocks = 0;
  return {
    open: () => parentheses > 0 || blocks > 0,
    take({ kind, value }) {
      if (kind === 'symbol' && value === '(') parentheses += 1;
      if (kind === 'symbol' && value === ')') parentheses = Math.max(0, parentheses - 1);
      if (kind !== 'word' || parentheses > 0) return;
      if (value === 'begin' && isRoutine(tokens)) blocks += 1;
      if (value === 'case' && blocks > 0) blocks += 1;
      if (value === 'end') blocks = Math.max(0, blocks - 1);
    },
  };
}

function isRoutine(tokens: readonly Token[]): boolean {
  const words = tokens.slice(0, 4).map(({ value }) => value);
  const what = words[1] === 'or' && words[2] === 'replace' ? words[3] : words[1];
  return words[0] === 'create' && (what === 'function' || what === 'procedure');
}

function readsData(tokens: readonly Token[]): boolean {
  if (tokens[0]?.value !== 'copy') return false;
  return tokens.some(({ value }, index) => value === 'from' && tokens[index + 1]?.value === 'stdin');
}

const downMarker = /^[ \t]*--[ \t]*(?:\+goose[ \t]+down|\+migrate[ \t]+down|migrate:[ \t]*down|down migration|\/\/[ \t]*@undo)\b/i;
const upMarker = /^[ \t]*--[ \t]*(?:\+goose[ \t]+up|\+migrate[ \t]+up|migrate:[ \t]*up|up migration)\b/i;

/** Without the part that some tools keep in the same file for the way back; lines keep their numbers. */
export function withoutDown(text: string): string {
  if (!/--.*(?:down|undo)/i.test(text)) return text;
  let down = false;
  return text
    .split('\n')
    .map((line) => {
      down = downMarker.test(line) || (down && !upMarker.test(line));
      return down ? '' : line;
    })
    .join('\n');
}
