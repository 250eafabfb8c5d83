/** What a person most likely meant to write, when that can be told from the value. */

type Repair = (value: unknown) => string | undefined;

/** Keyed by the first words of the expectation, as schema-parts.ts phrases it. */
const repairs: readonly (readonly [expected: string, repair: Repair])[] = [
  ['a size', size],
  ['a duration', duration],
  ['a name of at most', name],
  ['a variable name', variable],
  ['a path', path],
  ['a whole number', wholeNumber],
  ['a number', plainNumber],
  ['a port', plainNumber],
  ['true or false', boolean],
  ['a list of names', nameList],
  ['an image', image],
  ['a domain', domain],
  ['at ', plainNumber],
  ['text', text],
  ['1', () => '1'],
];

export function repair(expected: string, value: unknown): string | undefined {
  return repairs.find(([start]) => expected.startsWith(start))?.[1](value);
}

function size(value: unknown): string | undefined {
  if (typeof value === 'number') return value >= 2 ** 20 && value % 2 ** 20 === 0 ? `${value / 2 ** 20}Mi` : positive(value, 'Mi');
  const match = /^\s*([0-9]+)\s*([kmgt])?i?b?(ytes)?\s*$/i.exec(String(value));
  return match === null ? undefined : positive(Number(match[1]), `${(match[2] ?? 'M').toUpperCase()}i`);
}

function positive(amount: number, unit: string): string | undefined {
  return Number.isInteger(amount) && amount > 0 && amount < 1e9 ? `${amount}${unit}` : undefined;
}

const units: Readonly<Record<string, string>> = {
  '': 's',
  s: 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'm',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  h: 'h',
  hr: 'h',
  hour: 'h',
  hours: 'h',
  d: 'd',
  day: 'd',
  days: 'd',
  ms: 'ms',
};

function duration(value: unknown): string | undefined {
  const match = /^\s*([0-9]+)\s*([a-z]*)\s*$/i.exec(String(value));
  const unit = units[match?.[2]?.toLowerCase() ?? '?'];
  return match === null || unit === undefined ? undefined : `${Number(match[1])}${unit}`;
}

/** A letter of another alphabet may only look right, so nothing is guessed from it. */
function name(value: unknown): string | undefined {
  if (/[^\x20-\x7E]/.test(String(value))) return undefined;
  const words = String(value)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const joined = words
    .join('-')
    .replace(/^[0-9-]+/, '')
    .slice(0, 40)
    .replace(/-$/, '');
  return joined === '' ? undefined : joined;
}

function variable(value: unknown): string | undefined {
  const joined = String(value)
    .replaceAll(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^[0-9]/, '_$&');
  return /[A-Za-z]/.test(joined) ? joined : undefined;
}

function path(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value
    .trim()
    .replace(/^https?:\/\/[^/]*/i, '')
    .replaceAll(/\/{2,}/g, '/')
    .replace(/\/\*+$/, '');
  const rooted = trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
  return /^\/[A-Za-z0-9._~/-]*$/.test(rooted) ? rooted : undefined;
}

function wholeNumber(value: unknown): string | undefined {
  return typeof value === 'string' && /^\s*[0-9]{1,9}\s*$/.test(value) ? `${Number(value)}, without quotes` : undefined;
}

function plainNumber(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(%|m)?\s*$/.exec(value);
  if (match === null) return undefined;
  return match[2] === 'm'
    ? String(Number(match[1]) / 1000)
    : `${Number(match[1])}, without ${match[2] === '%' ? 'the percent sign' : 'quotes'}`;
}

function boolean(value: unknown): string | undefined {
  const word = String(value).toLowerCase();
  if (['yes', 'on', 'y', '1', 'true'].includes(word)) return 'true';
  return ['no', 'off', 'n', '0', 'false'].includes(word) ? 'false' : undefined;
}

function nameList(value: unknown): string | undefined {
  const names = typeof value === 'string' ? value.split(/[\s,]+/) : typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return names.length > 0 && names.every((item) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(item)) ? `[${names.join(', ')}]` : undefined;
}

function image(value: unknown): string | undefined {
  const name = /^([a-z0-9][a-z0-9._/-]*(?::[0-9]+\/[a-z0-9._/-]+)?)(?::[A-Za-z0-9._-]+)?$/.exec(String(value))?.[1];
  return name === undefined ? undefined : `${name}@sha256: and the digest that the registry shows for the image`;
}

function domain(value: unknown): string | undefined {
  const host = String(value)
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:].*$/, '');
  return /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(host) ? host : undefined;
}

function text(value: unknown): string | undefined {
  if (value === null) return '"" for empty text, or delete the key';
  return typeof value === 'number' || typeof value === 'boolean' ? `it in quotes: "${String(value)}"` : undefined;
}
