/** The files of a service's migrations, on the disk. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { SqlFile } from './assess.ts';

export interface MigrationFiles {
  /** In the order in which they run: by name, numbers by value. */
  readonly files: readonly SqlFile[];
  /** Files that were not read, and why: `too large (9 MiB)`. */
  readonly unread: readonly { readonly name: string; readonly why: string }[];
}

const maxBytes = 8 * 1024 * 1024;
const maxFiles = 5000;
const maxDepth = 8;
const never = new Set(['node_modules', '.git', '.gantry']);

/** What other tools run only on the way back. */
const down = /(?:^|[./])down\.sql$|(?:^|\/)U\d[\d._]*__[^/]*\.sql$/i;
const byName = new Intl.Collator('en', { numeric: true });

/**
 * @param folder of the service, absolute
 * @param pattern `migrations/*.sql`, relative to it
 */
export async function readMigrations(folder: string, pattern: string): Promise<MigrationFiles> {
  const wanted = toExpression(pattern.replace(/^(?:\.\/)+/, ''));
  const found: string[] = [];
  await list(folder, literalFolder(pattern), wanted, found, maxDepth);
  const names = found.filter((name) => !isWayBack(name, found)).toSorted((a, b) => byName.compare(a, b));
  const read = await Promise.all(names.map(async (name) => readOne(folder, name)));
  return {
    files: read.flatMap((one) => ('text' in one ? [one] : [])),
    unread: read.flatMap((one) => ('why' in one ? [one] : [])),
  };
}

/** `slow_down.sql` is one only beside a `slow_up.sql`. */
function isWayBack(name: string, all: readonly string[]): boolean {
  return down.test(name) || (/[_-]down\.sql$/i.test(name) && all.includes(name.replace(/down(?=\.sql$)/i, 'up')));
}

/** The part of the pattern before the first folder with a wildcard. */
function literalFolder(pattern: string): string {
  const parts = pattern.split('/').slice(0, -1);
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).filter((part) => part !== '.' && part !== '').join('/');
}

async function list(root: string, at: string, wanted: RegExp, found: string[], depth: number): Promise<void> {
  const entries = await readdir(join(root, at), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (found.length >= maxFiles) return;
    const path = at === '' ? entry.name : `${at}/${entry.name}`;
    if (entry.isDirectory() && depth > 0 && !never.has(entry.name)) await list(root, path, wanted, found, depth - 1);
    else if (!entry.isDirectory() && wanted.test(path)) found.push(path);
  }
}

async function readOne(root: string, name: string): Promise<SqlFile | { readonly name: string; readonly why: string }> {
  try {
    const file = await realpath(join(root, name));
    if (!file.startsWith((await realpath(root)) + sep)) return { name, why: 'a link that leaves the folder' };
    const { size } = await stat(file);
    if (size > maxBytes) return { name, why: `too large to be judged (${Math.ceil(size / 1024 / 1024)} MiB)` };
    return { name, text: await readFile(file, 'utf8') };
  } catch (error) {
    return { name, why: `not readable (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}

/** `*` and `?` stop at a slash, `**` does not; `{a,b}` is one of them, `[...]` a set. */
function toExpression(pattern: string): RegExp {
  const parts: readonly (readonly [RegExp, (found: string) => string])[] = [
    [/^\*\*\//, () => '(?:[^/]+/)*'],
    [/^\*\*/, () => '.*'],
    [/^\*/, () => '[^/]*'],
    [/^\?/, () => '[^/]'],
    [/^\{[^{}]*\}/, (found) => `(?:${found.slice(1, -1).split(',').map(literal).join('|')})`],
    [/^\[[^\]/]+\]/, (found) => `[${found.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`],
    [/^[^]/, literal],
  ];
  let source = '';
  for (let rest = pattern; rest !== '';) {
    const [expression, translate] = parts.find(([expression]) => expression.test(rest)) ?? [/^[^]/, literal];
    const [found = ''] = expression.exec(rest) ?? [];
    source += translate(found);
    rest = rest.slice(found.length);
  }
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return new RegExp(`^${literal(pattern)}$`, 'u');
  }
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
