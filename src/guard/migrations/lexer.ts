/**
 * PostgreSQL's lexical rules, as far as finding the ends of statements and the names in them needs: comments that nest, strings with and
 * without backslashes, dollar quotes, quoted names. It takes any text and never throws; what has no end reaches to the end of the text.
 */

export interface Token {
  /** body: the text between dollar quotes. meta: a line for psql, such as `\i other.sql`. */
  readonly kind: 'word' | 'quoted' | 'string' | 'body' | 'number' | 'symbol' | 'meta';
  /** A word in lower case; a name or a string without its quotes. */
  readonly value: string;
  /** From 1; of a body, the line on which its text begins. */
  readonly line: number;
}

export interface Unfinished {
  readonly what: 'comment' | 'string' | 'name' | 'body';
  readonly line: number;
}

const space = /[ \t\r\n\f\v]+/y;
const lineComment = /--[^\n]*/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\d[\w.]*|\.\d[\w.]*|\$\d+/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const stringStart = /(?:[bBxXnN]|[uU]&)?'/y;
const escapedStart = /[eE]'/y;
const nameStart = /(?:[uU]&)?"/y;
const metaLine = /\\[^\n]*/y;
const copyEnd = /^\\\.\r?$/gm;

export class Lexer {
  /** A backslash here begins a line for psql. */
  statementStart = true;
  readonly #text: string;
  #at = 0;
  #line: number;
  /** The next end of a line, so that a text of one long line is not searched for each token. */
  #newline: number;
  #unfinished: Unfinished | undefined;

  /** @param firstLine number of the text's first line */
  constructor(text: string, firstLine = 1) {
    this.#text = text;
    this.#line = firstLine;
    this.#newline = endOfLine(text, 0);
  }

  /** What has no end, and the line on which it begins. */
  get unfinished(): Unfinished | undefined {
    return this.#unfinished;
  }

  /** @returns undefined at the end */
  next(): Token | undefined {
    this.#skipBlanks();
    if (this.#at >= this.#text.length) return undefined;
    const forPsql = this.statementStart ? this.#match(metaLine) : undefined;
    return forPsql === undefined ? this.#read() : this.#plain('meta', forPsql.trimEnd(), forPsql.length);
  }

  /** The data of a COPY that follow its statement, without the line `\.` that ends them. */
  copyData(): string {
    const start = Math.min(this.#text.length, this.#newline + 1);
    copyEnd.lastIndex = start;
    const found = copyEnd.exec(this.#text);
    const end = found?.index ?? this.#text.length;
    this.#move(end + (found?.[0].length ?? 0));
    return this.#text.slice(start, end);
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    return expression.exec(this.#text)?.[0];
  }

  #move(to: number): void {
    for (; this.#newline < to; this.#newline = endOfLine(this.#text, this.#newline + 1)) this.#line += 1;
    this.#at = to;
  }

  #skipBlanks(): void {
    for (;;) {
      const [first, second] = [this.#text.charCodeAt(this.#at), this.#text.charCodeAt(this.#at + 1)];
      if (isSpace(first)) this.#move(this.#at + (this.#match(space)?.length ?? 0));
      else if (first === code.minus && second === code.minus) this.#move(this.#at + (this.#match(lineComment)?.length ?? 0));
      else if (first === code.slash && second === code.star) this.#inside('comment', this.#at, commentEnd(this.#text, this.#at), 2);
      else return;
    }
  }

  /** Moves behind something whose end is at `end`, and gives what is in it; -1 for no end. */
  #inside(what: Unfinished['what'], start: number, end: number, closing: number): string {
    if (end < 0) this.#unfinished = { what, line: this.#line };
    const stop = end < 0 ? this.#text.length : end;
    this.#move(end < 0 ? stop : stop + closing);
    return this.#text.slice(start, stop);
  }

  #read(): Token {
    const quoted = mayQuote(this.#text, this.#at) ? this.#readQuoted() : undefined;
    if (quoted !== undefined) return quoted;
    const plain = this.#match(word);
    if (plain !== undefined) return this.#plain('word', plain.toLowerCase(), plain.length);
    const digits = this.#match(number);
    return digits === undefined ? this.#plain('symbol', this.#text.charAt(this.#at)) : this.#plain('number', digits);
  }

  #readQuoted(): Token | undefined {
    const escaped = this.#match(escapedStart);
    if (escaped !== undefined) return this.#quoted('string', 'string', escaped, escapedEnd);
    const string = this.#match(stringStart);
    if (string !== undefined) return this.#quoted('string', 'string', string, (text, from) => quoteEnd(text, from, "'"));
    const name = this.#match(nameStart);
    if (name !== undefined) return this.#quoted('quoted', 'name', name, (text, from) => quoteEnd(text, from, '"'));
    const dollar = this.#match(dollarQuote);
    if (dollar === undefined) return undefined;
    return this.#quoted('body', 'body', dollar, (text, from) => text.indexOf(dollar, from), dollar.length);
  }

  #quoted(
    kind: Token['kind'],
    what: Unfinished['what'],
    opening: string,
    endOf: (text: string, from: number) => number,
    closing = 1,
  ): Token {
    const line = this.#line;
    const start = this.#at + opening.length;
    const raw = this.#inside(what, start, endOf(this.#text, start), closing);
    const quote = opening.at(-1) ?? '';
    return { kind, value: kind === 'body' ? raw : raw.replaceAll(quote + quote, quote), line };
  }

  #plain(kind: Token['kind'], value: string, length = value.length): Token {
    const token: Token = { kind, value, line: this.#line };
    this.#move(this.#at + length);
    return token;
  }
}

const code = { minus: 45, slash: 47, star: 42, quote: 39, doubleQuote: 34, dollar: 36, ampersand: 38 } as const;

/** As `space`, for one character. */
function isSpace(character: number): boolean {
  return character === 32 || (character >= 9 && character <= 13);
}

/** Whether a string, a quoted name or a body may begin here: with a quote, a dollar, or a letter before a quote. */
function mayQuote(text: string, at: number): boolean {
  const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  if (first === code.quote || first === code.doubleQuote || first === code.dollar) return true;
  return second === code.quote || second === code.ampersand;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

/** Where the comment that begins at `from` ends; comments nest. -1 for nowhere. */
function commentEnd(text: string, from: number): number {
  const border = /\/\*|\*\//g;
  border.lastIndex = from;
  let depth = 0;
  for (let found = border.exec(text); found !== null; found = border.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return found.index;
  }
  return -1;
}

/** Where a quote closes that is not written twice. */
function quoteEnd(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text.charAt(at + 1) !== quote) return at;
  }
  return -1;
}

/** As quoteEnd, where a backslash takes the next character as it is. */
function escapedEnd(text: string, from: number): number {
  const special = /['\\]/g;
  special.lastIndex = from;
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    if (found[0] === "'" && text.charAt(found.index + 1) !== "'") return found.index;
    special.lastIndex = found.index + 2;
  }
  return -1;
}
