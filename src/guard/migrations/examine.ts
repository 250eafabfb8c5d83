/** One statement after another: what each does to the version that runs beside it. */
import { alter } from './alter-other.ts';
import type { Catalogue } from './catalogue.ts';
import { create } from './create.ts';
import { deleteRows, lockTable, refresh, reindex, truncate, update, vacuum, withParts } from './data.ts';
import { drop } from './drop.ts';
import { onLine, type Examining, type Verdict } from './examining.ts';
import type { Token } from './lexer.ts';
import { has, reader, textOf, type Reader } from './reader.ts';
import { parseScript, type Script, type Statement } from './statements.ts';

/** A DO block may hold a string with a DO block. */
const deepest = 4;

/** A verdict, with what it is about where a later statement may undo it. */
export type Found = Verdict & { readonly about: string | undefined };

/** Verdicts in the order of the statements. What the statements make and drop is noted in the catalogue. */
export function examineScript(script: Script, catalogue: Catalogue, depth = 0): Found[] {
  const verdicts: Found[] = [];
  let inTransaction = false;
  for (const statement of script.statements) {
    const [first = ''] = statement.tokens.map(textOf);
    if (depth === 0 && (first === 'begin' || first === 'start')) inTransaction = true;
    if (['commit', 'rollback', 'end', 'abort'].includes(first)) inTransaction = false;
    const to = examining(statement, catalogue, inTransaction, verdicts);
    examineStatement(statement.tokens, to, depth);
  }
  const { unfinished } = script;
  if (unfinished !== undefined)
    verdicts.push({ rule: 'unfinished', line: unfinished.line, says: `has a ${unfinished.what} without an end`, about: undefined });
  return verdicts;
}

function examining({ line }: Statement, catalogue: Catalogue, inTransaction: boolean, verdicts: Found[]): Examining {
  return {
    catalogue,
    line,
    inTransaction,
    found(rule, says, at, about) {
      verdicts.push({ rule, says: shown(says), line: at ?? line, about });
    },
  };
}

const longest = 200;

/** Names come from the file: they may be long, and hold what a terminal would obey. */
function shown(text: string): string {
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return plain.length > longest ? `${plain.slice(0, longest)}...` : plain;
}

const statements: Readonly<Record<string, (at: Reader, to: Examining) => void>> = {
  create,
  drop,
  alter,
  truncate,
  lock: lockTable,
  vacuum,
  reindex,
  refresh: (at, to) => (at.take('materialized', 'view') ? refresh(at, to) : undefined),
  cluster: (_at, to) => to.found('table-rewrite', 'writes a table anew while nobody can use it (CLUSTER)'),
  revoke: (at, to) => to.found('revoke', has(at.rest(), 'on') ? 'takes rights away' : 'takes a role away from somebody'),
  reassign: (_at, to) => to.found('change-owner', 'gives all that a role owns to another'),
};

function examineStatement(tokens: readonly Token[], to: Examining, depth: number): void {
  const [first] = tokens;
  if (first === undefined) return;
  const word = textOf(first);
  if (first.kind === 'meta') return meta(first, to);
  if (word === 'update') return update(tokens, to);
  if (word === 'delete') return deleteRows(tokens, to);
  if (word === 'with') return withParts(tokens, to);
  if (word === 'do') return block(tokens, to, depth);
  const examine = Object.hasOwn(statements, word) ? statements[word] : undefined;
  const at = reader(tokens);
  at.take(word);
  examine?.(at, to);
}

/** A file that this one includes is not looked at. */
function meta({ value }: Token, to: Examining): void {
  if (/^\\(?:i|ir|include|include_relative)\b/.test(value)) to.found('other-file', 'runs another file, which is not looked at');
  if (/^\\gexec\b/.test(value)) to.found('dynamic-sql', 'runs statements that another one makes');
}

/** DO: the statements in its body, wherever control may lead. */
function block(tokens: readonly Token[], to: Examining, depth: number): void {
  const body = tokens.find(({ kind }) => kind === 'body' || kind === 'string');
  const language = tokens[tokens.findIndex((token) => textOf(token) === 'language') + 1]?.value ?? 'plpgsql';
  const written = has(tokens, 'language') ? language : 'plpgsql';
  if (body === undefined || depth >= deepest || written !== 'plpgsql') return to.found('dynamic-sql', 'runs a block that is not looked at');
  inner(body, to, depth);
}

function inner({ value, line }: Token, to: Examining, depth: number): void {
  for (const { tokens } of parseScript(value, line).statements) {
    const start = tokens.findIndex((token, index) => begins(token, tokens[index - 1]));
    const part = start < 0 ? [] : tokens.slice(start);
    const here = onLine(to, part[0]?.line ?? line);
    if (textOf(part[0]) === 'execute') execute(part.slice(1), here, depth);
    else examineStatement(part, here, depth + 1);
  }
}

const starters = new Set([...Object.keys(statements), 'update', 'delete', 'with', 'execute', 'do']);
const before = new Set(['begin', 'then', 'else', 'loop', '>']);

function begins(token: Token, previous: Token | undefined): boolean {
  return starters.has(textOf(token)) && (previous === undefined || before.has(textOf(previous)));
}

/** EXECUTE of a text that is written out is as good as the statement. */
function execute(tokens: readonly Token[], to: Examining, depth: number): void {
  const [text, next] = tokens;
  const isWhole = next === undefined || textOf(next) === 'using' || textOf(next) === 'into';
  if (text === undefined || !isWhole || (text.kind !== 'string' && text.kind !== 'body') || depth >= deepest)
    return to.found('dynamic-sql', 'runs a statement that it makes itself');
  for (const { tokens: found } of parseScript(text.value, text.line).statements) examineStatement(found, to, depth + 1);
}
