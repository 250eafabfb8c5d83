/** Ranges of versions as package.json writes them. */

type Version = readonly [major: number, minor: number, patch: number];

/** Undefined where the range has a form that is not known: nothing is concluded from it. */
export function satisfies(version: string, range: string): boolean | undefined {
  const own = parse(version);
  if (own === undefined) return undefined;
  const answers = range.split('||').map((part) => all(own, part.trim()));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function all(own: Version, part: string): boolean | undefined {
  if (/\s-\s/.test(part)) return undefined;
  const pieces = part.replaceAll(/([<>=^~]+)\s+/g, '$1').split(/\s+/);
  const answers = pieces.map((piece) => one(own, piece));
  return answers.includes(undefined) ? undefined : answers.every(Boolean);
}

function one(own: Version, piece: string): boolean | undefined {
  const [, operator = '', text = ''] = /^(\^|~|>=|<=|>|<|=)?v?([\d.xX*]+)$/.exec(piece) ?? [];
  if (piece === '' || piece === '*') return true;
  const given = text.split('.').filter((number) => /^\d+$/.test(number)).length;
  const wanted = parse(text);
  if (wanted === undefined || given === 0) return text === '' ? undefined : /^[xX*]/.test(text) || undefined;
  const order = compare(own, wanted);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '>':
      return given === 3 ? order > 0 : order > 0 && !sameUpTo(own, wanted, given);
    case '<':
      return order < 0;
    case '<=':
      return order <= 0 || sameUpTo(own, wanted, given);
    case '^':
      return order >= 0 && sameUpTo(own, wanted, wanted[0] === 0 ? Math.min(given, 2) : 1);
    case '~':
      return order >= 0 && sameUpTo(own, wanted, Math.min(given, 2));
    default:
      return sameUpTo(own, wanted, given);
  }
}

function parse(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor) || 0, Number(patch) || 0];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function sameUpTo(a: Version, b: Version, numbers: number): boolean {
  return [0, 1, 2].slice(0, numbers).every((index) => a[index] === b[index]);
}
