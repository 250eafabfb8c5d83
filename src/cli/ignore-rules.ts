/** The rules of a .gitignore file, as far as listing a folder needs them: names, paths, `*`, `**`, `?`, `[...]`, `!`, a trailing slash. */

export interface IgnoreRules {
  /** True: ignored; false: brought back by `!`; undefined: nothing said. Paths are relative to the top, with `/`. */
  judge(path: string, folder: boolean): boolean | undefined;
}

interface Rule {
  matches(path: readonly string[]): boolean;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

const longestPattern = 300;
const mostRules = 1000;

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
      if (!path.startsWith(prefix)) return undefined;
      const inside = path.slice(prefix.length).split('/');
      const last = rules.findLast((rule) => (folder || !rule.foldersOnly) && rule.matches(inside));
      return last === undefined ? undefined : !last.negated;
    },
  };
}

function toRule(line: string): Rule | undefined {
  const text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#') || text.length > longestPattern) return undefined;
  const negated = text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  const foldersOnly = body.endsWith('/');
  const path = foldersOnly ? body.slice(0, -1) : body;
  if (path === '') return undefined;
  const anchored = path.includes('/');
  const segments = path.replace(/^\//, '').split('/').map(toSegment);
  const end: readonly Token<string>[] = segments.at(-1) === 'any' ? [() => true] : [];
  const tokens: readonly Token<string>[] = [...(anchored ? [] : (['any'] as const)), ...segments, ...end];
  return { matches: (parts) => matches(tokens, parts), negated, foldersOnly };
}

/** `any` stands for any number of items, a function for one. */
type Token<Item> = 'any' | ((item: Item) => boolean);

/** Only the last `any` is ever tried again, so that the time is at most the product of both lengths. */
function matches<Item>(tokens: readonly Token<Item>[], items: readonly Item[]): boolean {
  let [token, item, again, from] = [0, 0, -1, 0];
  while (item < items.length) {
    const wanted = tokens[token];
    if (wanted === 'any') {
      again = token++;
      from = item;
    } else if (wanted?.(items[item] as Item) === true) {
      token++;
      item++;
    } else if (again >= 0) {
      token = again + 1;
      item = ++from;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === 'any');
}

function toSegment(segment: string): Token<string> {
  if (segment === '**') return 'any';
  const tokens = [...segment.matchAll(/\\(.)|\*+|\[[^\]]{1,50}\]|./gsu)].map(([part, escaped]) => toCharacter(part, escaped));
  return (text) => matches(tokens, [...text]);
}

function toCharacter(part: string, escaped: string | undefined): Token<string> {
  if (escaped !== undefined) return (character) => character === escaped;
  if (part.startsWith('*')) return 'any';
  if (part === '?') return () => true;
  return part.length > 2 && part.startsWith('[') ? toSet(part.slice(1, -1)) : (character) => character === part;
}

/** `a-z_`, `!0-9` */
function toSet(body: string): Token<string> {
  const negated = /^[!^]/.test(body);
  const ranges = [...(negated ? body.slice(1) : body).matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, low, high, single]) => [low ?? single ?? '', high ?? single ?? ''] as const,
  );
  return (character) => ranges.some(([low, high]) => character >= low && character <= high) !== negated;
}
