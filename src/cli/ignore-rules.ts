/** The rules of a .gitignore file, as far as listing a folder needs them: names, paths, `*`, `**`, `?`, `[...]`, `!`, a trailing slash. */

export interface IgnoreRules {
  /** True: ignored; false: brought back by `!`; undefined: nothing said. Paths are relative to the top, with `/`. */
  judge(path: string, folder: boolean): boolean | undefined;
}

interface Rule {
  readonly pattern: RegExp;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

const longestPattern = 300;
const mostRules = 1000;
/** More wildcards than anybody writes make matching slow. */
const mostStars = 6;

/** @param base folder that the file lies in, relative to the top; empty for the top itself */
export function ignoreRules(text: string, base: string): IgnoreRules {
  const rules = text
    .split(/\r?\n/)
    .slice(0, mostRules)
    .map(toRule)
    .filter((rule) => rule !== undefined);
  const prefix = base === '' ? '' : `${base}/`;
  return {
    judge(path, folder) {
      const inside = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
      if (inside === undefined) return undefined;
      const last = rules.findLast(({ pattern, foldersOnly }) => (folder || !foldersOnly) && pattern.test(inside));
      return last === undefined ? undefined : !last.negated;
    },
  };
}

function toRule(line: string): Rule | undefined {
  const text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#') || text.length > longestPattern || (text.match(/\*+/g) ?? []).length > mostStars)
    return undefined;
  const negated = text.startsWith('!');
  const body = (negated ? text.slice(1) : text).replace(/^\\(?=[#!])/, '');
  const foldersOnly = body.endsWith('/');
  const path = foldersOnly ? body.slice(0, -1) : body;
  if (path === '' || path === '/') return undefined;
  const anchored = path.includes('/');
  return { pattern: new RegExp(`^${anchored ? '' : '(?:.*/)?'}${translate(path.replace(/^\//, ''))}$`, 's'), negated, foldersOnly };
}

/** Stars next to each other count once: a pattern of many must not take for ever. */
function translate(glob: string): string {
  return glob
    .replace(/\*{3,}/g, '**')
    .split(/(\*\*\/|\/\*\*|\*\*|\*|\?|\[[^\]/]{1,50}\]|\\.)/)
    .map(translatePart)
    .join('');
}

function translatePart(part: string): string {
  if (part === '**/') return '(?:.*/)?';
  if (part === '/**') return '/.*';
  if (part === '**' || part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  if (/^\[[^\]]+\]$/.test(part)) return setOf(part);
  return escape(part.replace(/^\\/, ''));
}

/** A set that is no valid set stands for itself. */
function setOf(part: string): string {
  const body = part.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\');
  try {
    return new RegExp(`[${body}]`).source;
  } catch {
    return escape(part);
  }
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
