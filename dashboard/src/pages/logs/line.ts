/** What a log line says about itself: its level, its time and, where it is JSON, its fields. */
import { spell } from './ansi.ts';

/** From harmless to fatal, so that they compare; `none` is what says nothing of the kind. */
export const levels = { none: 0, trace: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 } as const;
export type Level = (typeof levels)[keyof typeof levels];

export interface JsonLine {
  /** Empty when it has none. */
  readonly message: string;
  readonly level: Level;
  /** Milliseconds since 1970; NaN when it does not say. */
  readonly at: number;
  /** All others, in the order of the line. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const messageNames = ['msg', 'message', 'event', 'text', 'error'];
const levelNames = ['level', 'severity', 'lvl', 'levelname', 'log.level', 'loglevel'];
const timeNames = ['time', 'timestamp', 'ts', '@timestamp', 'datetime', 'date'];

/** Undefined for everything that is no JSON object. @param text the line as it is shown */
export function readJson(text: string): JsonLine | undefined {
  const record = parsed(text);
  if (record === undefined) return undefined;
  const message = nameIn(record, messageNames, (value) => typeof value === 'string' && value !== '');
  const level = nameIn(record, levelNames, (value) => levelOf(value) !== levels.none);
  const time = nameIn(record, timeNames, (value) => !Number.isNaN(timeOf(value)));
  return {
    message: message === undefined ? '' : spell(String(record[message])),
    level: level === undefined ? levels.none : levelOf(record[level]),
    at: time === undefined ? Number.NaN : timeOf(record[time]),
    fields: Object.entries(record)
      .filter(([name]) => name !== message && name !== level && name !== time)
      .map(([name, value]) => [spell(name), written(value)]),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  if (!/^\s*\{.*\}\s*$/su.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function nameIn(record: Record<string, unknown>, names: readonly string[], fits: (value: unknown) => boolean): string | undefined {
  return names.find((name) => Object.hasOwn(record, name) && fits(record[name]));
}

/** Texts keep their line breaks; everything else is JSON again. */
function written(value: unknown): string {
  const text = typeof value === 'string' ? value : isError(value) ? value.stack : JSON.stringify(value, null, 2);
  return text.split('\n').map(spell).join('\n');
}

function isError(value: unknown): value is { stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string';
}

/** Words, and the numbers of pino and bunyan. */
function levelOf(value: unknown): Level {
  if (typeof value === 'string') return words[value.toLowerCase()] ?? levels.none;
  if (typeof value !== 'number' || value < 10 || value > 60) return levels.none;
  return Math.floor(value / 10) as Level;
}

const words: Record<string, Level> = {
  trace: levels.trace,
  verbose: levels.trace,
  silly: levels.trace,
  debug: levels.debug,
  info: levels.info,
  information: levels.info,
  informational: levels.info,
  notice: levels.info,
  log: levels.info,
  warn: levels.warn,
  warning: levels.warn,
  err: levels.error,
  error: levels.error,
  severe: levels.error,
  crit: levels.fatal,
  critical: levels.fatal,
  fatal: levels.fatal,
  panic: levels.fatal,
  alert: levels.fatal,
  emerg: levels.fatal,
  emergency: levels.fatal,
};

/** Seconds, milliseconds, micro- and nanoseconds are told apart by their size. */
function timeOf(value: unknown): number {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/u.test(value) ? Date.parse(value.replace(' ', 'T')) : Number.NaN;
  if (typeof value !== 'number' || value < 1e8 || value > 1e19) return Number.NaN;
  if (value < 1e11) return value * 1000;
  return value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6;
}

/** Words looked at in a plain line: a level stands behind a time and a name at most. */
const wordsLookedAt = 9;
const placesLookedAt = 200;

/** Of a line that is no JSON: the word that stands where programs put it. A word in the middle of a sentence is none. */
export function plainLevel(text: string): Level {
  const head = text.slice(0, placesLookedAt);
  const named = /\b(?:level|lvl|severity)=["']?([a-z]+)/iu.exec(head)?.[1];
  if (named !== undefined) return words[named.toLowerCase()] ?? levels.none;
  const pieces = head.trimStart().split(/\s+/u, wordsLookedAt);
  let prose = 0;
  for (const [index, piece] of pieces.entries()) {
    const level = wordLevel(piece, index === 0);
    if (level !== levels.none) return level;
    if (/^[a-z]+$/u.test(piece) && ++prose === 2) break;
  }
  return klog[/^([DIWEF])\d{4} \d\d:/u.exec(head)?.[1] ?? ''] ?? levels.none;
}

const klog: Record<string, Level> = { D: levels.debug, I: levels.info, W: levels.warn, E: levels.error, F: levels.fatal };

/** `ERROR`, `[error]`, `<warn>`, `WARNING:root:…`, and at the beginning `TypeError:`. */
function wordLevel(piece: string, isFirst: boolean): Level {
  const [, open = '', word = '', close = ''] = /^([[(<|"]*)([A-Za-z]+)([\])>|:",]?)/u.exec(piece) ?? [];
  const isMarked = (open !== '' && close !== '') || close === ':';
  if (isFirst && close === ':' && /^[A-Z]\w*(?:Error|Exception)$/u.test(word)) return levels.error;
  if (word !== word.toUpperCase() && !isMarked) return levels.none;
  if (open + word + close !== piece && close !== ':' && close !== ']' && close !== '|') return levels.none;
  return words[word.toLowerCase()] ?? levels.none;
}

/** Goes on with the line before: part of a stack, or of a text over several lines. */
export function isContinuation(text: string): boolean {
  return /^(?:\s+\S|Caused by:|\}|\])/u.test(text);
}

export interface ReadLine {
  readonly level: Level;
  readonly at: number;
}

/** What is kept of a line for filters, so that it is read once. */
export function readLine(text: string): ReadLine {
  if (text.startsWith('{')) {
    const json = readJson(text);
    if (json !== undefined) return json;
  }
  return { level: plainLevel(text), at: Number.NaN };
}
