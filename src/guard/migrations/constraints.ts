/** ALTER TABLE ... ADD CONSTRAINT. */
import type { Examining } from './examining.ts';
import type { Token } from './lexer.ts';
import { has, type Reader } from './reader.ts';
import type { SqlRuleName } from './rules.ts';

export const constraintStarts: ReadonlySet<string> = new Set(['constraint', 'check', 'unique', 'primary', 'foreign', 'exclude', 'not']);

/** @param at behind ADD */
export function addConstraint(at: Reader, table: string, to: Examining): void {
  const name = at.take('constraint') ? (at.name() ?? '') : '';
  const called = name === '' ? '' : ` ${name}`;
  const tokens = at.rest();
  const later = has(tokens, 'not', 'valid');
  switch (at.peek()) {
    case 'check':
      return scanned(to, 'add-check', `adds the check${called} to ${table}`, { table, later });
    case 'foreign':
      return scanned(to, 'add-foreign-key', `adds the foreign key${called} to ${table}`, { table, later });
    case 'not':
      return scanned(to, 'set-not-null-with-default', `makes a column of ${table} required`, { table, later: true });
    case 'unique':
    case 'primary':
      return unique(tokens, name, table, to);
    case 'exclude':
      to.found('add-exclusion', `adds the exclusion${called} to ${table}`);
      return to.found('constraint-index', `builds an index on ${table} while nobody can write`);
    default:
  }
}

function scanned(
  to: Examining,
  rule: SqlRuleName,
  says: string,
  { table, later }: { readonly table: string; readonly later: boolean },
): void {
  to.found(rule, says);
  if (!later) to.found('constraint-scan', `reads all of ${table} to check it while nobody can write`);
}

/** With an index that is unique already, nothing is refused that was not before. */
function unique(tokens: readonly Token[], name: string, table: string, to: Examining): void {
  if (name !== '') to.catalogue.setUnique(name);
  const isPrimary = has(tokens, 'primary', 'key');
  const usesIndex = has(tokens, 'using', 'index');
  const what = isPrimary ? 'primary key' : 'unique constraint';
  if (!usesIndex) to.found('add-unique', `adds the ${what}${name === '' ? '' : ` ${name}`} to ${table}`);
  if (!usesIndex) to.found('constraint-index', `builds an index on ${table} while nobody can write`);
  else if (isPrimary) to.found('constraint-scan', `reads all of ${table} to make its primary key required`);
}
