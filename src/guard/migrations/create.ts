/** CREATE: what is new is remembered, what is added to something old is judged. */
import type { Kind } from './catalogue.ts';
import { columnDefinition } from './columns.ts';
import { constraintStarts } from './constraints.ts';
import { unlessNew, type Examining } from './examining.ts';
import { has, reader, splitAt, textOf, type Reader } from './reader.ts';

/** Words that may stand between CREATE and what is created. */
const modifiers = [
  'or replace',
  'global',
  'local',
  'temporary',
  'temp',
  'unlogged',
  'foreign',
  'recursive',
  'trusted',
  'constraint',
  'default',
];

const kinds: Readonly<Record<string, Kind>> = {
  view: 'view',
  type: 'type',
  domain: 'type',
  function: 'function',
  procedure: 'function',
  aggregate: 'function',
  sequence: 'sequence',
  schema: 'schema',
};

/** @param at behind CREATE */
export function create(at: Reader, to: Examining): void {
  const replaces = at.peek() === 'or';
  while (at.takeAny(...modifiers));
  if (at.take('table')) return table(at, to);
  if (at.take('unique', 'index')) return index(at, true, to);
  if (at.take('index')) return index(at, false, to);
  if (at.take('trigger')) return attached(at, 'on', 'trigger', to);
  if (at.take('rule')) return attached(at, 'to', 'rule', to);
  if (at.take('policy')) return policy(at, to);
  at.take('materialized');
  const word = at.peek();
  at.take(word);
  const conditional = at.take('if', 'not', 'exists') || replaces;
  const name = at.name();
  if (name !== undefined && replaces && kinds[word] === 'function' && to.catalogue.isOld('function', name))
    to.found('replace-function', `replaces the ${word} ${name}`);
  if (name !== undefined) to.catalogue.create(kinds[word] ?? 'other', kinds[word] === undefined ? `${word} ${name}` : name, conditional);
}

function table(at: Reader, to: Examining): void {
  const conditional = at.take('if', 'not', 'exists');
  const name = at.name();
  if (name === undefined) return;
  to.catalogue.create('table', name, conditional);
  const body = at.rest();
  if (textOf(body[0]) !== '(') return;
  at.skipGroup();
  const inside = body.slice(1, body.length - at.rest().length - 1);
  for (const element of splitAt(inside, ',')) {
    const first = textOf(element[0]);
    const column = constraintStarts.has(first) || first === 'like' ? undefined : columnDefinition(element);
    if (column !== undefined && to.catalogue.column(name, column.name) === undefined) to.catalogue.setColumn(name, column.name, column);
    if (first === 'constraint' && (has(element, 'unique') || has(element, 'primary', 'key')))
      to.catalogue.setUnique(element[1]?.value ?? '');
  }
}

function index(at: Reader, unique: boolean, to: Examining): void {
  const concurrent = at.take('concurrently');
  at.take('if', 'not', 'exists');
  const name = at.peek() === 'on' ? undefined : at.name();
  at.take('on');
  at.take('only');
  const on = at.name();
  if (on === undefined) return;
  const called = name === undefined ? '' : ` ${name}`;
  const mine = unlessNew(to, 'table', on);
  if (name !== undefined) to.catalogue.create('index', name);
  if (name !== undefined && unique) to.catalogue.setUnique(name);
  if (unique) mine.found('add-unique', `adds the unique index${called} to ${on}`);
  if (!concurrent) mine.found('index-not-concurrent', `builds the index${called} on ${on} while nobody can write`);
  if (concurrent && to.inTransaction) to.found('concurrent-in-transaction', `builds the index${called} CONCURRENTLY in a transaction`);
}

/** A trigger or a rule: it acts on what the old version writes. @param before the word before the table */
function attached(at: Reader, before: 'on' | 'to', what: 'trigger' | 'rule', to: Examining): void {
  const name = at.name() ?? '';
  const tokens = at.rest();
  const found = tokens.findIndex((token) => textOf(token) === before);
  const on = found < 0 ? undefined : reader(tokens.slice(found + 1)).name();
  if (on === undefined) return;
  to.catalogue.create('trigger', `${on}.${name}`);
  unlessNew(to, 'table', on).found('add-trigger', `adds the ${what} ${name} to ${on}`, undefined, `trigger ${on}.${name}`);
}

function policy(at: Reader, to: Examining): void {
  const name = at.name() ?? '';
  at.take('on');
  const on = at.name() ?? '';
  to.catalogue.create('trigger', `${on}.${name}`);
  if (at.take('as', 'restrictive')) unlessNew(to, 'table', on).found('row-security', `adds the restrictive policy ${name} to ${on}`);
}
