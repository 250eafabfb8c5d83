/** ALTER of anything but a table. */
import { addConstraint } from './constraints.ts';
import { alterTable } from './alter-table.ts';
import type { Kind } from './catalogue.ts';
import { unlessNew, type Examining } from './examining.ts';
import { has, type Reader } from './reader.ts';

const named: readonly (readonly [phrase: string, kind: Kind])[] = [
  ['materialized view', 'view'],
  ['view', 'view'],
  ['sequence', 'sequence'],
  ['function', 'function'],
  ['procedure', 'function'],
  ['routine', 'function'],
  ['aggregate', 'function'],
  ['schema', 'schema'],
  ['database', 'other'],
];

/** @param at behind ALTER */
export function alter(at: Reader, to: Examining): void {
  if (at.takeAny('table', 'foreign table')) return alterTable(at, to);
  if (at.take('type')) return alterType(at, to);
  if (at.take('domain')) return alterDomain(at, to);
  if (at.take('index'))
    return has(at.rest(), 'set', 'tablespace') ? to.found('table-rewrite', 'moves an index while nobody can write') : undefined;
  if (at.takeAny('role', 'user', 'group')) return alterRole(at, to);
  if (at.take('policy')) return has(at.rest(), 'rename') ? undefined : to.found('row-security', `changes the policy ${at.name() ?? ''}`);
  const found = named.find(([phrase]) => at.take(...phrase.split(' ')));
  if (found !== undefined) alterNamed(at, found, to);
}

function alterNamed(at: Reader, [what, kind]: (typeof named)[number], to: Examining): void {
  at.take('if', 'exists');
  const name = at.name() ?? '';
  at.skipGroup();
  changeName(at, { what, kind, name }, unlessNew(to, kind, name));
}

interface Named {
  readonly what: string;
  readonly kind: Kind;
  readonly name: string;
}

/** RENAME, SET SCHEMA and OWNER TO are the same for all. Gives false when it is neither. */
function changeName(at: Reader, { what, kind, name }: Named, to: Examining): boolean {
  if (at.take('rename', 'to')) {
    const next = at.name() ?? '';
    to.found('rename-object', `renames the ${what} ${name} to ${next}`);
    to.catalogue.rename(kind, name, next);
  } else if (at.take('rename') && !at.take('constraint')) {
    at.takeAny('column', 'attribute');
    to.found('rename-column', `renames ${at.name() ?? ''} of the ${what} ${name}`);
  } else if (at.take('set', 'schema')) to.found('move-object', `moves the ${what} ${name} to the schema ${at.name() ?? ''}`);
  else if (at.take('owner', 'to')) to.found('change-owner', `gives the ${what} ${name} to ${at.name() ?? ''}`);
  else return false;
  return true;
}

/** A value that is added to an enum is one more; one that gets another name is gone for whoever writes it. */
function alterType(at: Reader, all: Examining): void {
  const name = at.name() ?? '';
  const to = unlessNew(all, 'type', name);
  if (at.take('rename', 'value')) return to.found('rename-enum-value', `renames a value of the type ${name}`);
  if (changeName(at, { what: 'type', kind: 'type', name }, to)) return;
  const tokens = at.rest();
  if (at.take('drop', 'attribute')) {
    at.take('if', 'exists');
    to.found('drop-attribute', `drops the attribute ${at.name() ?? ''} of the type ${name}`);
  } else if (has(tokens, 'alter', 'attribute')) to.found('change-type', `changes the type of an attribute of ${name}`);
}

function alterDomain(at: Reader, all: Examining): void {
  const name = at.name() ?? '';
  const to = unlessNew(all, 'type', name);
  if (changeName(at, { what: 'domain', kind: 'type', name }, to)) return;
  if (at.take('add')) addConstraint(at, `the columns of the domain ${name}`, to);
  else if (at.take('set', 'not', 'null')) to.found('set-not-null', `refuses empty values of the domain ${name}`);
  else if (at.take('drop', 'default')) to.found('drop-default', `drops the default of the domain ${name}`);
}

const shutsOut = ['password', 'nologin', 'nosuperuser', 'noinherit', 'nobypassrls', 'connection', 'valid', 'drop'];

function alterRole(at: Reader, to: Examining): void {
  const name = at.name() ?? '';
  const tokens = at.rest();
  if (changeName(at, { what: 'role', kind: 'other', name }, to)) return;
  if (!has(tokens, 'set') && shutsOut.some((word) => has(tokens, word))) to.found('alter-role', `changes how the role ${name} gets in`);
}
