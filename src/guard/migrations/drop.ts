/** DROP. */
import type { Kind } from './catalogue.ts';
import { unlessNew, type Examining } from './examining.ts';
import { has, type Reader } from './reader.ts';
import type { SqlRuleName } from './rules.ts';

interface Dropped {
  readonly kind: Kind;
  readonly rule: SqlRuleName;
}

const dropped: Readonly<Record<string, Dropped>> = {
  table: { kind: 'table', rule: 'drop-table' },
  'foreign table': { kind: 'table', rule: 'drop-view' },
  view: { kind: 'view', rule: 'drop-view' },
  'materialized view': { kind: 'view', rule: 'drop-view' },
  sequence: { kind: 'sequence', rule: 'drop-object' },
  type: { kind: 'type', rule: 'drop-object' },
  domain: { kind: 'type', rule: 'drop-object' },
  function: { kind: 'function', rule: 'drop-object' },
  procedure: { kind: 'function', rule: 'drop-object' },
  routine: { kind: 'function', rule: 'drop-object' },
  aggregate: { kind: 'function', rule: 'drop-object' },
  schema: { kind: 'schema', rule: 'drop-schema' },
};

/** Things that no version of an app uses by itself. */
const unnoticed = ['statistics', 'event trigger', 'publication', 'subscription', 'conversion', 'transform'];

/** @param at behind DROP */
export function drop(at: Reader, to: Examining): void {
  if (at.take('index')) return index(at, to);
  if (at.takeAny('database', 'owned by')) return to.found('drop-schema', 'drops a database, or all that a role owns');
  for (const what of ['trigger', 'policy', 'rule']) if (at.take(what)) return attached(at, what, to);
  const known = Object.keys(dropped).find((what) => at.take(...what.split(' ')));
  if (known !== undefined) return each(at, known, dropped[known] ?? { kind: 'other', rule: 'drop-object' }, to);
  if (!at.takeAny(...unnoticed)) other(at, to);
}

function each(at: Reader, what: string, { kind, rule }: Dropped, to: Examining): void {
  at.take('if', 'exists');
  for (const name of at.names()) {
    if (!to.catalogue.isNew(kind, name)) to.found(rule, `drops the ${what} ${name}`, undefined, `${kind} ${name}`);
    to.catalogue.drop(kind, name);
  }
}

function other(at: Reader, to: Examining): void {
  const what = at.peek();
  at.take(what);
  at.take('if', 'exists');
  const name = at.name();
  if (name !== undefined && !to.catalogue.isNew('other', `${what} ${name}`)) to.found('drop-object', `drops the ${what} ${name}`);
}

/** Whether an index is unique is known where a migration made it; otherwise its name has to say so. */
function index(at: Reader, to: Examining): void {
  const concurrent = at.take('concurrently');
  at.take('if', 'exists');
  for (const name of at.names()) {
    const isNew = to.catalogue.isNew('index', name);
    to.catalogue.drop('index', name);
    if (isNew) continue;
    if (to.catalogue.isUnique(name) || /(?:_key|_unique|_uniq|_uk|_pkey)$|^(?:uq|uk|ux|unique)_/.test(name))
      to.found('drop-index', `drops the unique index ${name}, which ON CONFLICT may need`, undefined, `index ${name}`);
    if (!concurrent) to.found('drop-index-not-concurrent', `drops the index ${name} while nobody can use its table`);
  }
  if (concurrent && to.inTransaction) to.found('concurrent-in-transaction', 'drops an index CONCURRENTLY in a transaction');
}

function attached(at: Reader, what: string, to: Examining): void {
  at.take('if', 'exists');
  const name = at.name() ?? '';
  at.take('on');
  const on = at.name() ?? '';
  const key = `${on}.${name}`;
  if (!to.catalogue.isNew('trigger', key) && !has(at.rest(), 'on'))
    unlessNew(to, 'table', on).found('drop-trigger', `drops the ${what} ${name} of ${on}`, undefined, `trigger ${key}`);
  to.catalogue.drop('trigger', key);
}
