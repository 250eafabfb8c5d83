/** Reading a statement's tokens from left to right. */
import type { Token } from './lexer.ts';

export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The word here in lower case, or the symbol; empty at the end, and for names, strings and numbers. */
  peek(ahead = 0): string {
    return textOf(this.#tokens[this.#at + ahead]);
  }

  /** Goes on when exactly these words or symbols come next. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.peek(index) === word)) return false;
    this.#at += words.length;
    return true;
  }

  /** Takes the first of several phrases that comes next: `takeAny('set logged', 'set unlogged')`. */
  takeAny(...phrases: readonly string[]): boolean {
    return phrases.some((phrase) => this.take(...phrase.split(' ')));
  }

  /** A name with its schema, quoted or not; `public.` is left out. Undefined when none comes next. */
  name(): string | undefined {
    const parts: string[] = [];
    do {
      const part = this.#identifier();
      if (part === undefined) break;
      parts.push(part);
    } while (this.take('.'));
    if (parts[0] === 'public' && parts.length > 1) parts.shift();
    return parts.length === 0 ? undefined : parts.join('.');
  }

  /** Names with commas between them, and what PostgreSQL allows around them. */
  names(): string[] {
    const found: string[] = [];
    do {
      this.take('only');
      const one = this.name();
      if (one === undefined) break;
      found.push(one);
      this.take('*');
      this.skipGroup();
    } while (this.take(','));
    return found;
  }

  /** Goes behind the parenthesis that closes the one here, if one opens here. */
  skipGroup(): void {
    if (this.peek() !== '(') return;
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      if (this.peek() === '(') depth += 1;
      if (this.peek() === ')') depth -= 1;
      if (depth === 0) break;
    }
    this.#at += 1;
  }

  /** The tokens that are left. */
  rest(): readonly Token[] {
    return this.#tokens.slice(this.#at);
  }

  #identifier(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return undefined;
    this.#at += 1;
    return token.value;
  }
}

export function reader(tokens: readonly Token[]): Reader {
  return new Reader(tokens);
}

export function textOf(token: Token | undefined): string {
  return token === undefined || (token.kind !== 'word' && token.kind !== 'symbol') ? '' : token.value;
}

/** Splits at a symbol outside of parentheses and brackets. */
export function splitAt(tokens: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const text = textOf(token);
    if (text === '(' || text === '[') depth += 1;
    if (text === ')' || text === ']') depth -= 1;
    if (text === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

/** Whether words follow one another somewhere outside of parentheses. */
export function has(tokens: readonly Token[], ...words: readonly string[]): boolean {
  let depth = 0;
  return tokens.some((token, index) => {
    const text = textOf(token);
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    return depth <= 0 && words.every((word, ahead) => textOf(tokens[index + ahead]) === word);
  });
}
