/** What is shown of the log, in the address: a link shows the same to somebody else, and a reload keeps it. */
import { type Level, levels } from './line.ts';
import type { Stream } from './ring.ts';

export interface LogAddress {
  readonly service: string | undefined;
  /** A replica, or any other source by its name. */
  readonly replica: string | undefined;
  readonly words: string;
  readonly isPattern: boolean;
  /** Whether lines that do not match are left out. */
  readonly onlyMatches: boolean;
  readonly level: Level;
  readonly stream: Stream | undefined;
  readonly follow: boolean;
  readonly wrap: boolean;
  /** Lines from around then come first; ms since 1970. */
  readonly at: number | undefined;
}

export const levelChoices = ['error', 'warn', 'info', 'debug'] as const;
export const streamChoices = ['stdout', 'stderr', 'gantry'] as const;

export function readAddress(search: URLSearchParams): LogAddress {
  const level = levelChoices.find((name) => name === search.get('level'));
  return {
    service: search.get('service') || undefined,
    replica: search.get('replica') || undefined,
    words: search.get('q') ?? '',
    isPattern: search.get('pattern') === 'yes',
    onlyMatches: search.get('context') !== 'yes',
    level: level === undefined ? levels.none : levels[level],
    stream: streamChoices.find((name) => name === search.get('stream')),
    follow: search.get('follow') !== 'no' && momentOf(search.get('at')) === undefined,
    wrap: search.get('wrap') === 'yes',
    at: momentOf(search.get('at')),
  };
}

/** Sets and removes (`undefined`) parts of the address. */
export function withParts(search: URLSearchParams, parts: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

export function levelName(level: Level): (typeof levelChoices)[number] | '' {
  return levelChoices.find((name) => levels[name] === level) ?? '';
}

function momentOf(text: string | null): number | undefined {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
