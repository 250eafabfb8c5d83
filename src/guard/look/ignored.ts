/** What .dockerignore leaves out, for files that lie directly in a build context. */
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';
import { folderOf, textOf, within } from './files.ts';

/** The last pattern that matches a name decides. */
export function ignoreRulesOf(context: GuardContext, service: Service): (name: string) => boolean {
  const folder = folderOf(service);
  const own = textOf(context, within(folder, `${service.build?.dockerfile ?? 'Dockerfile'}.dockerignore`));
  const text = own ?? textOf(context, within(folder, '.dockerignore')) ?? '';
  const patterns = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (name) =>
    patterns.reduce((ignored, pattern) => (matches(pattern.replace(/^!/, ''), name) ? !pattern.startsWith('!') : ignored), false);
}

function matches(pattern: string, name: string): boolean {
  const plain = pattern
    .trim()
    .replace(/^(?:\.?\/)+/, '')
    .replace(/^(?:\*\*\/)+/, '')
    .replace(/\/$/, '');
  if (plain === '' || plain.includes('/')) return false;
  const source = plain
    .replaceAll(/[.+^$(){}|\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    return false;
  }
}
