/** Migrations that nobody has to read closely: `check` is quick because most say `expand` and only make tables. */
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';
import { filesIn, folderOf, textOf, within } from '../look/files.ts';

const plainPattern = /^(?:\.\/)?([\w./-]*?)\/?\*\.sql$/;

/** True when every file says `expand` and does nothing but make tables, and indexes of tables that it makes. */
export function onlyMakesTables(context: GuardContext, service: Service): boolean {
  const [, folder] = plainPattern.exec(service.migrate?.files ?? '') ?? [];
  if (folder === undefined) return false;
  const home = folder === '' ? folderOf(service) : within(folderOf(service), folder);
  const names = filesIn(context, home).filter((name) => name.endsWith('.sql'));
  return names.length > 0 && names.every((name) => makesTables(textOf(context, within(home, name)) ?? ''));
}

const table = /^create\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_]\w*)\s*\(/i;
const index = /^create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?\w+\s+on\s+([a-z_]\w*)\s*[(u]/i;

/** Text with quotes or signs that a statement could hide in is left to the reader. */
function makesTables(text: string): boolean {
  if (!/^-- gantry: expand\s*$/m.test(text.slice(0, text.indexOf('\n') + 1)) || /\$|\/\*|\\|\be'/i.test(text)) return false;
  const plain = text.replaceAll(/'[^']*'|"[^"]*"|--[^\n]*/g, (part) => (part.startsWith('-') ? ' ' : '@'));
  const statements = plain.split(';').map((statement) => statement.trim());
  const made = new Set(statements.map((statement) => table.exec(statement)?.[1]?.toLowerCase()));
  return statements.every(
    (statement) => statement === '' || table.test(statement) || made.has(index.exec(statement)?.[1]?.toLowerCase() ?? '-'),
  );
}
