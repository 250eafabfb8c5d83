/** Statements that change rows, and those that keep a database in order. */
import { onLine, unlessNew, type Examining } from './examining.ts';
import type { Token } from './lexer.ts';
import { has, reader, splitAt, textOf, type Reader } from './reader.ts';

/** @param tokens from UPDATE on */
export function update(tokens: readonly Token[], to: Examining): void {
  const at = reader(tokens);
  at.take('update');
  at.take('only');
  const table = at.name();
  if (table !== undefined && isForAll(tokens)) unlessNew(to, 'table', table).found('update-all', `writes every row of ${table} in one go`);
}

/** @param tokens from DELETE on */
export function deleteRows(tokens: readonly Token[], to: Examining): void {
  const at = reader(tokens);
  at.take('delete', 'from');
  at.take('only');
  const table = at.name();
  if (table !== undefined && isForAll(tokens)) unlessNew(to, 'table', table).found('delete-all', `deletes every row of ${table}`);
}

function isForAll(tokens: readonly Token[]): boolean {
  const where = tokens.findIndex((token) => textOf(token) === 'where');
  if (!has(tokens, 'where')) return true;
  const condition = tokens.slice(where + 1).map(({ value }) => value);
  return ['true', '1 = 1'].includes(
    (condition.includes('returning') ? condition.slice(0, condition.indexOf('returning')) : condition).join(' '),
  );
}

/** WITH: changes of rows may lie in each of its parts. */
export function withParts(tokens: readonly Token[], to: Examining): void {
  for (const [index, token] of tokens.entries()) {
    const text = textOf(token);
    if (text !== 'delete' && text !== 'update') continue;
    const before = textOf(tokens[index - 1]);
    if (before !== '(' && before !== ')') continue;
    const part = untilClosed(tokens.slice(index));
    const here = onLine(to, token.line);
    if (text === 'delete') deleteRows(part, here);
    else update(part, here);
  }
}

function untilClosed(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  const end = tokens.findIndex((token) => {
    if (textOf(token) === '(') depth += 1;
    if (textOf(token) === ')') depth -= 1;
    return depth < 0;
  });
  return end < 0 ? tokens : tokens.slice(0, end);
}

/** @param at behind TRUNCATE */
export function truncate(at: Reader, to: Examining): void {
  at.take('table');
  for (const table of at.names()) unlessNew(to, 'table', table).found('truncate', `empties the table ${table}`);
}

/** @param at behind LOCK */
export function lockTable(at: Reader, to: Examining): void {
  at.take('table');
  for (const table of at.names()) unlessNew(to, 'table', table).found('lock-table', `locks the table ${table}`);
}

/** @param at behind VACUUM */
export function vacuum(at: Reader, to: Examining): void {
  const tokens = at.rest();
  const options = textOf(tokens[0]) === '(' ? splitAt(untilClosed(tokens.slice(1)), ',').map((option) => option.map(textOf).join(' ')) : [];
  if (at.peek() === 'full' || options.some((option) => option === 'full' || option === 'full true' || option === 'full on'))
    to.found('table-rewrite', 'writes tables anew while nobody can use them (VACUUM FULL)');
}

/** @param at behind REINDEX */
export function reindex(at: Reader, to: Examining): void {
  const concurrent = at.rest().some((token) => textOf(token) === 'concurrently');
  if (!concurrent) return to.found('reindex-not-concurrent', 'builds indexes anew while nobody can write');
  if (to.inTransaction) to.found('concurrent-in-transaction', 'builds indexes anew CONCURRENTLY in a transaction');
}

/** @param at behind REFRESH MATERIALIZED VIEW */
export function refresh(at: Reader, to: Examining): void {
  if (at.take('concurrently')) return;
  const view = at.name() ?? '';
  unlessNew(to, 'view', view).found('refresh-not-concurrent', `fills the view ${view} while nobody can read it`);
}
