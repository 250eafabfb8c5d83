/** What of a line is drawn, and how: as few pieces as there are looks. */
import type { Shown, Style } from './ansi.ts';
import { levels, type JsonLine, type Level } from './line.ts';
import type { Range } from './matcher.ts';

export interface Piece {
  readonly text: string;
  readonly style: Style | undefined;
  readonly isHit: boolean;
}

/** Cuts the text where its look changes: where a span or a hit begins or ends. */
export function pieces({ text, spans }: Shown, hits: readonly Range[]): Piece[] {
  if (spans.length === 0 && hits.length === 0) return text === '' ? [] : [{ text, style: undefined, isHit: false }];
  const cuts = new Set([0, text.length]);
  for (const { from, to } of spans) cuts.add(from).add(to);
  for (const [from, to] of hits) cuts.add(from).add(to);
  const edges = [...cuts].filter((edge) => edge <= text.length).sort((a, b) => a - b);
  const result: Piece[] = [];
  let [span, hit] = [0, 0];
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1];
    if (to === undefined) break;
    while ((spans[span]?.to ?? Number.POSITIVE_INFINITY) <= from) span += 1;
    while ((hits[hit]?.[1] ?? Number.POSITIVE_INFINITY) <= from) hit += 1;
    const style = (spans[span]?.from ?? Number.POSITIVE_INFINITY) <= from ? spans[span]?.style : undefined;
    result.push({ text: text.slice(from, to), style, isHit: (hits[hit]?.[0] ?? Number.POSITIVE_INFINITY) <= from });
  }
  return result;
}

/** What one line of the list shows at most; the rest is there when it is opened. */
const longestCell = 1_000;
const before = 60;

/** A part of a long text that can be drawn at once: its beginning, or where it matches first. */
export function excerpt(shown: Shown, hits: readonly Range[]): { readonly shown: Shown; readonly from: number } {
  if (shown.text.length <= longestCell) return { shown, from: 0 };
  const first = hits[0]?.[0] ?? 0;
  const from = first < longestCell - before ? 0 : first - before;
  const to = from + longestCell;
  const spans = shown.spans
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ ...span, from: Math.max(0, span.from - from), to: Math.min(longestCell, span.to - from) }));
  return { shown: { text: shown.text.slice(from, to), spans }, from };
}

const fieldsInLine = 8;
const longestValue = 80;

/** The fields of a JSON line behind its message: `port=3030 host=::`. */
export function summary(fields: JsonLine['fields']): string {
  const few = fields.slice(0, fieldsInLine).map(([name, value]) => `${name}=${oneLine(value)}`);
  return few.join(' ') + (fields.length > fieldsInLine ? ` and ${fields.length - fieldsInLine} more` : '');
}

function oneLine(value: string): string {
  const line = value.replaceAll(/\s*\n\s*/gu, /^[[{]/u.test(value) ? '' : ' ');
  return line.length > longestValue ? `${line.slice(0, longestValue)}…` : line;
}

const names: Record<Level, string> = {
  [levels.none]: '',
  [levels.trace]: 'trace',
  [levels.debug]: 'debug',
  [levels.info]: 'info',
  [levels.warn]: 'warn',
  [levels.error]: 'error',
  [levels.fatal]: 'fatal',
};

export function levelWord(level: Level): string {
  return names[level];
}

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** `10:41:02.123` of today, `11-20 10:41:02` of another day; here. @param today start of the day, ms */
export function timeText(at: number, today: number): string {
  if (Number.isNaN(at)) return '';
  const time = new Date(at);
  const seconds = `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
  if (at < today || at >= today + 86_400_000) return `${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${seconds}`;
  return at % 1000 === 0 ? seconds : `${seconds}.${pad(Math.floor(time.getMilliseconds()), 3)}`;
}

export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

/** What is copied: one line, as it is read. */
export function copied(row: {
  readonly at: number;
  readonly source: { readonly name: string };
  readonly text: string;
  readonly skipped: number;
}): string {
  if (row.skipped > 0) return `(${row.skipped} lines left out)`;
  const time = Number.isNaN(row.at) ? '-' : new Date(row.at).toISOString();
  return `${time} ${row.source.name} ${row.text}`;
}
