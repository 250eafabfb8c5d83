/** What a change of a column's type means for those who still use the old type. */
import type { SqlRuleName } from './rules.ts';

interface ColumnType {
  readonly family: string;
  /** Width of whole numbers and floats in bits, length of text, digits of numeric, fraction of a second; none without a limit. */
  readonly size?: number;
  /** Digits behind the point. */
  readonly scale?: number;
}

const families: Readonly<Record<string, ColumnType>> = {
  smallint: { family: 'int', size: 16 },
  int2: { family: 'int', size: 16 },
  smallserial: { family: 'int', size: 16 },
  serial2: { family: 'int', size: 16 },
  int: { family: 'int', size: 32 },
  int4: { family: 'int', size: 32 },
  integer: { family: 'int', size: 32 },
  serial: { family: 'int', size: 32 },
  serial4: { family: 'int', size: 32 },
  bigint: { family: 'int', size: 64 },
  int8: { family: 'int', size: 64 },
  bigserial: { family: 'int', size: 64 },
  serial8: { family: 'int', size: 64 },
  real: { family: 'float', size: 32 },
  float4: { family: 'float', size: 32 },
  float: { family: 'float', size: 64 },
  float8: { family: 'float', size: 64 },
  'double precision': { family: 'float', size: 64 },
  bool: { family: 'boolean' },
  decimal: { family: 'numeric' },
  'character varying': { family: 'text' },
  varchar: { family: 'text' },
  character: { family: 'char', size: 1 },
  char: { family: 'char', size: 1 },
  bpchar: { family: 'char' },
  'timestamp without time zone': { family: 'timestamp' },
  'timestamp with time zone': { family: 'timestamptz' },
  'time without time zone': { family: 'time' },
  'time with time zone': { family: 'timetz' },
  'bit varying': { family: 'varbit' },
};

/** @param text in lower case, `numeric(10,2)`, `timestamp(3) with time zone` */
function parseType(text: string): ColumnType {
  const [, size, scale] = /\((\d+)(?:,(\d+))?\)/.exec(text) ?? [];
  const name = text.replace(/\([^)]*\)/, '').trim();
  const known = families[name] ?? { family: name };
  return {
    ...known,
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(scale === undefined ? (known.family === 'numeric' && size !== undefined ? { scale: 0 } : {}) : { scale: Number(scale) }),
  };
}

/** From a type that holds more, to one that holds less: what does not fit in is cut off. */
const losing = new Set([
  'timestamp date',
  'timestamptz date',
  'timestamp time',
  'timestamptz time',
  'timestamptz timetz',
  'numeric int',
  'float int',
  'timetz time',
  'interval time',
]);

/** To a type that holds the same and more, which programs read in another way. */
const widening = new Set([
  'int numeric',
  'int float',
  'float numeric',
  'date timestamp',
  'date timestamptz',
  'timestamp timestamptz',
  'timestamptz timestamp',
  'json jsonb',
  'jsonb json',
  'char text',
  'text citext',
  'citext text',
]);

/**
 * @param from what it was, empty when not known
 * @param converts USING says how
 * @returns undefined for a change that nobody notices
 */
export function typeChange(from: string, to: string, converts: boolean): SqlRuleName | undefined {
  if (from === '') return 'unknown-type-change';
  const [old, next] = [parseType(from), parseType(to)];
  const pair = `${old.family} ${next.family}`;
  if (losing.has(pair)) return 'lossy-type';
  if (widening.has(pair)) return 'widen-type';
  if (old.family !== next.family) return 'change-type';
  return sameFamily(old, next, converts);
}

function sameFamily(old: ColumnType, next: ColumnType, converts: boolean): SqlRuleName | undefined {
  const [size, nextSize] = [old.size ?? Infinity, next.size ?? Infinity];
  switch (old.family) {
    case 'int':
      return nextSize === size ? undefined : nextSize > size ? 'widen-type' : 'narrow-type';
    case 'float':
      return nextSize === size ? undefined : nextSize > size ? 'widen-type' : 'lossy-type';
    case 'numeric':
      return numeric(old, next);
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
    case 'interval':
      return (old.size ?? 6) <= (next.size ?? 6) ? undefined : 'lossy-type';
    case 'char':
      return nextSize === size ? undefined : nextSize > size ? 'widen-type' : 'narrow-type';
    default:
      return nextSize >= size ? undefined : converts ? 'lossy-type' : 'narrow-type';
  }
}

function numeric(old: ColumnType, next: ColumnType): SqlRuleName | undefined {
  if (next.size === undefined) return undefined;
  const [scale, nextScale] = [old.scale ?? Infinity, next.scale ?? 0];
  if (nextScale < scale) return 'lossy-type';
  const whole = (old.size ?? Infinity) - (old.scale ?? 0);
  if (next.size - nextScale < whole) return 'narrow-type';
  return nextScale === scale ? undefined : 'widen-type';
}
