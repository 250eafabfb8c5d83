/** ALTER TABLE ... ALTER COLUMN. */
import { typeText } from './columns.ts';
import type { Examining } from './examining.ts';
import type { Token } from './lexer.ts';
import { has, textOf, type Reader } from './reader.ts';
import type { SqlRuleName } from './rules.ts';
import { typeChange } from './types.ts';

/** @param at behind ALTER COLUMN */
export function alterColumn(at: Reader, table: string, to: Examining): void {
  const name = at.name();
  if (name === undefined) return;
  const column: Target = { name, table, of: `the column ${name} of ${table}` };
  if (at.take('set', 'not', 'null')) setNotNull(column, to);
  else if (at.take('drop', 'not', 'null')) remember(column, to, { notNull: false });
  else if (at.take('set', 'default')) remember(column, to, { hasDefault: textOf(at.rest()[0]) !== 'null' });
  else if (at.take('drop', 'default')) dropDefault(column, to);
  else if (at.takeAny('set data type', 'type')) changeType(at, column, to);
  else otherChange(at, column, to);
}

interface Target {
  readonly name: string;
  readonly table: string;
  readonly of: string;
}

function remember(
  { table, name }: Target,
  { catalogue }: Examining,
  change: { hasDefault?: boolean; notNull?: boolean; type?: string },
): void {
  const now = catalogue.column(table, name) ?? { type: '', hasDefault: false, notNull: false };
  if (catalogue.column(table, name) !== undefined || change.hasDefault === true) catalogue.setKnown(table, name, { ...now, ...change });
}

/** Those who do not know the column, and those who write no value into it, are refused from then on. */
function setNotNull(column: Target, to: Examining): void {
  const { hasDefault = false } = to.catalogue.column(column.table, column.name) ?? {};
  remember(column, to, { notNull: true });
  const isNew = to.catalogue.isNewColumn(column.table, column.name);
  if (isNew && hasDefault) return;
  if (isNew)
    return to.found('required-without-default', `makes ${column.of} required, which the old version does not know, without a default`);
  if (hasDefault) to.found('set-not-null-with-default', `makes ${column.of} required`);
  else to.found('set-not-null', `makes ${column.of} required, without a known default`);
}

function dropDefault(column: Target, to: Examining): void {
  const { notNull = false } = to.catalogue.column(column.table, column.name) ?? {};
  remember(column, to, { hasDefault: false });
  if (!to.catalogue.isNewColumn(column.table, column.name)) to.found('drop-default', `drops the default of ${column.of}`);
  else if (notNull) to.found('required-without-default', `drops the default of ${column.of}, which is required and new to the old version`);
}

const sayings: Partial<Readonly<Record<SqlRuleName, string>>> = {
  'lossy-type': 'what does not fit is lost',
  'narrow-type': 'which holds less',
  'widen-type': 'and writes the whole table anew',
  'change-type': 'which programs read otherwise',
  'unknown-type-change': 'and may write the whole table anew; what it was is not in these files',
};

function changeType(at: Reader, column: Target, to: Examining): void {
  const type = typeText(withoutOptions(at.rest()));
  const converts = has(at.rest(), 'using');
  const from = to.catalogue.column(column.table, column.name)?.type ?? '';
  const rule = typeChange(from, type, converts);
  remember(column, to, { type });
  if (rule === undefined) return;
  const was = from === '' ? '' : ` from ${from}`;
  const what = `changes the type of ${column.of}${was} to ${type}, ${sayings[rule] ?? ''}`;
  if (to.catalogue.isNewColumn(column.table, column.name)) to.found('table-rewrite', what);
  else to.found(rule, what);
}

/** The type, without COLLATE and USING. */
function withoutOptions(tokens: readonly Token[]): readonly Token[] {
  const end = tokens.findIndex((token) => ['using', 'collate'].includes(textOf(token)));
  return end < 0 ? tokens : tokens.slice(0, end);
}

function otherChange(at: Reader, { table, of }: Target, to: Examining): void {
  const tokens = at.rest();
  if (at.take('drop', 'identity')) to.found('drop-identity', `lets ${of} have no number of its own any more`);
  else if (at.take('drop', 'expression')) to.found('drop-expression', `does not compute ${of} any more`);
  else if (at.take('set', 'expression')) to.found('table-rewrite', `computes ${of} anew and writes all of ${table}`);
  else if (has(tokens, 'generated', 'always')) to.found('identity-always', `refuses numbers that a program writes into ${of} itself`);
}
