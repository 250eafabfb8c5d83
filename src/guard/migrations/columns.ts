/** Definitions of columns and constraints, in CREATE TABLE and in ALTER TABLE ... ADD. */
import type { Column } from './catalogue.ts';
import type { Token } from './lexer.ts';
import { has, reader, textOf } from './reader.ts';

export interface ColumnDefinition extends Column {
  readonly name: string;
  /** Whether every row gets a value although nobody writes one. */
  readonly fills: boolean;
  readonly volatile: boolean;
  readonly stored: boolean;
  readonly constraints: ReadonlySet<'unique' | 'primary' | 'references' | 'check'>;
}

/** Where a column's type ends. */
const afterType = new Set(
  'constraint not null default generated primary unique references check collate storage compression deferrable initially options using'.split(
    ' ',
  ),
);

/** Functions that give every row of one statement the same value, or none that differs by row. */
const steady = new Set(
  'now current_timestamp current_date current_time localtime localtimestamp statement_timestamp transaction_timestamp current_user session_user user current_setting current_schema current_database array row coalesce nullif greatest least lower upper md5 make_interval make_date make_time make_timestamptz to_timestamp to_date to_jsonb to_json jsonb_build_object jsonb_build_array json_build_object json_build_array date_trunc concat length trim round floor ceil abs varchar char character bit numeric decimal timestamp timestamptz time interval cast'.split(
    ' ',
  ),
);

/** @returns undefined when it is no definition of a column */
export function columnDefinition(tokens: readonly Token[]): ColumnDefinition | undefined {
  const at = reader(tokens);
  const name = at.name();
  if (name === undefined) return undefined;
  const rest = at.rest();
  const end = rest.findIndex((token) => afterType.has(textOf(token)));
  const type = typeText(end < 0 ? rest : rest.slice(0, end));
  const options = end < 0 ? [] : rest.slice(end);
  const makesNumbers = /^(?:small|big)?serial[248]?$/.test(type) || has(options, 'as', 'identity');
  const stored = has(options, 'generated') && !has(options, 'as', 'identity');
  const value = defaultValue(options);
  const hasDefault = value !== undefined && !(value.length === 1 && textOf(value[0]) === 'null');
  return {
    name,
    type,
    hasDefault: hasDefault || makesNumbers || stored,
    notNull: has(options, 'not', 'null') || has(options, 'primary', 'key') || makesNumbers,
    fills: hasDefault || makesNumbers || stored,
    volatile: makesNumbers || (hasDefault && callsVolatile(value)),
    stored: stored && !has(options, 'virtual'),
    constraints: constraintsIn(options),
  };
}

function constraintsIn(options: readonly Token[]): ColumnDefinition['constraints'] {
  const words = ['unique', 'primary', 'references', 'check'] as const;
  return new Set(words.filter((word) => has(options, word)));
}

/** `numeric(10,2)`, `timestamp with time zone`, `text[]` */
export function typeText(tokens: readonly Token[]): string {
  return tokens
    .map(({ value }) => value)
    .join(' ')
    .replaceAll(/ ?([(),[\].]) ?/g, '$1')
    .replace(/^pg_catalog\./, '')
    .replaceAll(/\)(?=[a-z])/g, ') ');
}

/** The expression behind DEFAULT. */
function defaultValue(options: readonly Token[]): readonly Token[] | undefined {
  const start = options.findIndex((token) => textOf(token) === 'default');
  const previous = textOf(options[start - 1]);
  if (start < 0 || previous === 'by' || previous === 'set') return undefined;
  const rest = options.slice(start + 1);
  let depth = 0;
  const end = rest.findIndex((token, index) => {
    const text = textOf(token);
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    return index > 0 && depth === 0 && afterType.has(text);
  });
  return end < 0 ? rest : rest.slice(0, end);
}

/** A value that may differ from row to row makes PostgreSQL write the whole table anew. */
export function callsVolatile(expression: readonly Token[]): boolean {
  return expression.some(
    (token, index) =>
      (token.kind === 'word' || token.kind === 'quoted') && textOf(expression[index + 1]) === '(' && !steady.has(token.value),
  );
}
