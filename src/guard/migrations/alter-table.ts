/** ALTER TABLE, action by action. */
import { alterColumn } from './alter-column.ts';
import { columnDefinition } from './columns.ts';
import { addConstraint, constraintStarts } from './constraints.ts';
import { onLine, unlessNew, type Examining } from './examining.ts';
import type { Token } from './lexer.ts';
import { has, reader, splitAt, textOf, type Reader } from './reader.ts';

/** @param at behind ALTER TABLE, also FOREIGN TABLE */
export function alterTable(at: Reader, to: Examining): void {
  at.take('if', 'exists');
  at.take('only');
  if (at.take('all', 'in', 'tablespace')) return to.found('table-rewrite', 'moves all tables to another tablespace');
  const table = at.name();
  if (table === undefined) return;
  at.take('*');
  const mine = unlessNew(to, 'table', table);
  if (at.peek() === 'rename') return rename(at, table, mine);
  if (at.take('set', 'schema')) return moved(at, table, mine);
  for (const action of splitAt(at.rest(), ',')) examineAction(action, table, onLine(mine, action[0]?.line ?? to.line));
}

function rename(at: Reader, table: string, to: Examining): void {
  at.take('rename');
  if (at.take('constraint')) return to.found('rename-constraint', `renames the constraint ${at.name() ?? ''} of ${table}`);
  if (at.take('to')) {
    const name = at.name() ?? '';
    to.found('rename-table', `renames the table ${table} to ${name}`);
    return to.catalogue.rename('table', table, name);
  }
  at.take('column');
  const column = at.name() ?? '';
  at.take('to');
  const name = at.name() ?? '';
  if (!to.catalogue.isNewColumn(table, column)) to.found('rename-column', `renames the column ${column} of ${table} to ${name}`);
  to.catalogue.renameColumn(table, column, name);
}

function moved(at: Reader, table: string, to: Examining): void {
  const schema = at.name() ?? '';
  to.found('move-object', `moves the table ${table} to the schema ${schema}`);
  to.catalogue.rename('table', table, `${schema}.${table}`);
}

function examineAction(tokens: readonly Token[], table: string, to: Examining): void {
  const at = reader(tokens);
  switch (at.peek()) {
    case 'add':
      at.take('add');
      return add(at, table, to);
    case 'drop':
      at.take('drop');
      return drop(at, table, to);
    case 'alter':
      at.take('alter');
      at.take('column');
      return alterColumn(at, table, to);
    default:
      return otherAction(at, table, to);
  }
}

function add(at: Reader, table: string, to: Examining): void {
  if (constraintStarts.has(at.peek())) return addConstraint(at, table, to);
  at.take('column');
  at.take('if', 'not', 'exists');
  const column = columnDefinition(at.rest());
  if (column === undefined) return;
  to.catalogue.setColumn(table, column.name, column);
  const name = `the column ${column.name}`;
  if (column.notNull && !column.fills)
    to.found('add-required-column', `adds ${name} to ${table}, which must have a value and has no default`);
  if (column.stored) to.found('stored-column', `adds the computed column ${column.name} to ${table}, which is written anew`);
  else if (column.volatile)
    to.found('volatile-default', `adds ${name} with a default that differs by row, so that ${table} is written anew`);
  addColumnConstraints(column, table, to);
}

function addColumnConstraints(
  { name, constraints, hasDefault }: Pick<NonNullable<ReturnType<typeof columnDefinition>>, 'name' | 'constraints' | 'hasDefault'>,
  table: string,
  to: Examining,
): void {
  if (constraints.has('references') && hasDefault)
    to.found('add-foreign-key', `adds the column ${name} to ${table}, whose default has to exist where it points to`);
  if (constraints.has('unique') || constraints.has('primary'))
    to.found('constraint-index', `builds an index on ${name} of ${table} while nobody can write`);
  if (constraints.has('check') || (constraints.has('references') && hasDefault))
    to.found('constraint-scan', `reads all of ${table} to check ${name} while nobody can write`);
}

function drop(at: Reader, table: string, to: Examining): void {
  const isConstraint = at.take('constraint');
  if (!isConstraint) at.take('column');
  at.take('if', 'exists');
  const name = at.name() ?? '';
  if (isConstraint) return dropConstraint(name, table, to);
  if (!to.catalogue.isNewColumn(table, name)) to.found('drop-column', `drops the column ${name} of ${table}`);
  to.catalogue.dropColumn(table, name);
}

/** A foreign key or a check that goes refuses nothing; what ON CONFLICT needs does. */
function dropConstraint(name: string, table: string, to: Examining): void {
  const known = to.catalogue.isUnique(name) && !to.catalogue.isNew('index', name);
  if (known || /(?:_key|_pkey|_pk|_unique|_uniq|_uk)$|^(?:uq|uk|pk|unique)_/.test(name))
    to.found('drop-constraint', `drops the constraint ${name} of ${table}, which ON CONFLICT may need`);
}

function otherAction(at: Reader, table: string, to: Examining): void {
  const tokens = at.rest();
  if (at.takeAny('set logged', 'set unlogged', 'set tablespace', 'set access method'))
    to.found('table-rewrite', `writes all of ${table} anew while nobody can use it`);
  else if (at.take('attach', 'partition'))
    to.found('attach-partition', `reads all of ${at.name() ?? ''} to check that it fits into ${table}`);
  else if (at.take('detach', 'partition')) detach(at, tokens, table, to);
  else if (at.take('no', 'inherit')) to.found('detach-partition', `takes the rows of ${table} out of ${at.name() ?? ''}`);
  else if (at.takeAny('enable row level security', 'force row level security'))
    to.found('row-security', `turns row security of ${table} on`);
  else if (at.takeAny('disable trigger', 'disable rule')) to.found('disable-trigger', `turns ${at.name() ?? ''} of ${table} off`);
  else if (at.take('owner', 'to')) to.found('change-owner', `gives the table ${table} to ${at.name() ?? ''}`);
}

function detach(at: Reader, tokens: readonly Token[], table: string, to: Examining): void {
  const partition = at.name() ?? '';
  if (!has(tokens, 'finalize') && textOf(tokens.at(0)) === 'detach')
    to.found('detach-partition', `takes the rows of ${partition} out of ${table}`);
}
