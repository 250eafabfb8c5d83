/**
 * What a program wrote for a terminal, made safe for a page: colours become names of colours, whatever else a terminal would obey is left
 * out, and characters that cannot be seen or that turn the reading order around are spelt out.
 */

/** Each is readable on the page's ground in both themes, which the program's own values need not be. */
export type Hue = 'plain' | 'grey' | 'red' | 'orange' | 'yellow' | 'green' | 'cyan' | 'blue' | 'purple' | 'pink';

export interface Style {
  readonly fg?: Hue;
  readonly bg?: Hue;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  /** Not the program's text: a character spelt out. */
  readonly spelt?: true;
}

/** A part of the text that does not look like the rest, `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly style: Style;
}

export interface Shown {
  /** What can be read, and what is searched. */
  readonly text: string;
  /** In order, never overlapping. */
  readonly spans: readonly Span[];
}

/** Controls but tab, and characters without a shape that change how others are read. Joiners and variation selectors are part of words. */
const special =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
const specials = new RegExp(special.source, 'gu');
const csi = /\u001b\[([0-?]*)[ -/]*([@-~])?/uy;
const short = /\u001b[ -/]*[0-OQ-WYZ\\`-~]/uy;
const stringEnd = /\u0007|\u001b\\|\u009c/gu;
const trailing = /[\r\n]+$/u;

/** Whether the text is shown as it came. */
export function isPlain(text: string): boolean {
  return !special.test(text);
}

/** @param raw a line as the program wrote it */
export function show(raw: string): Shown {
  if (isPlain(raw)) return { text: raw, spans: [] };
  return new Reader(raw.replace(trailing, '')).read();
}

/** The same without colours. */
export function spell(raw: string): string {
  return show(raw).text;
}

const spelt: Style = { spelt: true };
/** A line of more looks than this is no text for people: the rest of it has none. */
const mostSpans = 400;

class Reader {
  readonly #raw: string;
  #text = '';
  readonly #spans: Span[] = [];
  #pen: Pen = none;
  #style: Style | undefined;
  #at = 0;
  /** No string of a terminal ends behind this: looked for once, not again for every beginning. */
  #endless = false;

  constructor(raw: string) {
    this.#raw = raw;
  }

  read(): Shown {
    for (;;) {
      specials.lastIndex = this.#at;
      const next = specials.exec(this.#raw);
      this.#write(this.#raw.slice(this.#at, next?.index ?? this.#raw.length), this.#style);
      if (next === null) return { text: this.#text, spans: this.#spans };
      this.#at = next.index;
      this.#special(next[0]);
    }
  }

  #special(character: string): void {
    if (character === '\u001b' && (this.#sequence() || this.#string() || this.#match(short) !== null)) return;
    this.#write(nameOf(character), spelt);
    this.#at += character.length;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#raw);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  /** `ESC [ … letter`: only colours mean anything on a page. One that is cut goes as well. */
  #sequence(): boolean {
    const found = this.#match(csi);
    if (found?.[2] === 'm') this.#paint(found[1] ?? '');
    return found !== null;
  }

  #paint(parameters: string): void {
    this.#pen = painted(this.#pen, parameters);
    this.#style = styleOf(this.#pen);
  }

  /** Titles, links, clipboard: all that goes on until an end. Without an end it is text, or a line could hide its rest. */
  #string(): boolean {
    if (this.#endless || !']PX^_'.includes(this.#raw[this.#at + 1] ?? ' ')) return false;
    stringEnd.lastIndex = this.#at + 2;
    this.#endless = stringEnd.exec(this.#raw) === null;
    if (!this.#endless) this.#at = stringEnd.lastIndex;
    return !this.#endless;
  }

  #write(text: string, style: Style | undefined): void {
    if (text === '') return;
    const from = this.#text.length;
    this.#text += text;
    const last = this.#spans.at(-1);
    if (style !== undefined && last?.style === style && last.to === from)
      this.#spans[this.#spans.length - 1] = { ...last, to: this.#text.length };
    else if (style !== undefined && this.#spans.length < mostSpans) this.#spans.push({ from, to: this.#text.length, style });
  }
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** What the sequences before have switched on. */
interface Pen {
  readonly fg: Hue | undefined;
  readonly bg: Hue | undefined;
  readonly inverse: boolean;
  readonly marks: ReadonlySet<Mark>;
}

type Mark = 'bold' | 'dim' | 'italic' | 'underline' | 'strike';

const none: Pen = { fg: undefined, bg: undefined, inverse: false, marks: new Set() };

const marksOn: Record<number, Mark> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 9: 'strike', 21: 'underline' };
const marksOff: Record<number, readonly Mark[]> = { 22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 29: ['strike'] };

/** The sixteen colours of a terminal. Black and white are for the ground that the program thought of. */
const sixteen: readonly Hue[] = ['grey', 'red', 'green', 'yellow', 'blue', 'pink', 'cyan', 'plain'];

function painted(pen: Pen, parameters: string): Pen {
  const codes = parameters.split(/[;:]/u).map(Number);
  let result = pen;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [hue, used] = extended(codes, i + 1, parameters.includes(':'));
      result = { ...result, [code === 38 ? 'fg' : 'bg']: hue };
      i += used;
    } else result = step(result, code);
  }
  return result;
}

function step(pen: Pen, code: number): Pen {
  const on = marksOn[code];
  if (code === 0) return none;
  if (on !== undefined) return { ...pen, marks: new Set([...pen.marks, on]) };
  const off = marksOff[code];
  if (off !== undefined) return { ...pen, marks: new Set([...pen.marks].filter((mark) => !off.includes(mark))) };
  if (code === 7 || code === 27) return { ...pen, inverse: code === 7 };
  if (code === 39) return { ...pen, fg: undefined };
  if (code === 49) return { ...pen, bg: undefined };
  const base = Math.floor(code / 10) * 10;
  const hue = sixteen[code - base];
  if (base === 30 || base === 90) return { ...pen, fg: hue };
  return base === 40 || base === 100 ? { ...pen, bg: hue } : pen;
}

/** `5;n` and `2;r;g;b`, with colons `2::r:g:b`. @returns the colour, and how many codes it took */
function extended(codes: readonly number[], at: number, colons: boolean): [Hue | undefined, number] {
  if (codes[at] === 5) return [indexed(codes[at + 1] ?? 0), 2];
  if (codes[at] !== 2) return [undefined, 1];
  const from = at + (colons && codes.length - at >= 5 ? 2 : 1);
  return [hueOf(codes[from] ?? 0, codes[from + 1] ?? 0, codes[from + 2] ?? 0), from + 2 - at + 1];
}

function indexed(index: number): Hue | undefined {
  if (index < 16) return index === 15 ? 'plain' : sixteen[index % 8];
  if (index >= 232) return index < 244 ? 'grey' : 'plain';
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return hueOf(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** Where on the colour circle each begins, in degrees. */
const circle: readonly (readonly [number, Hue])[] = [
  [345, 'red'],
  [285, 'pink'],
  [255, 'purple'],
  [200, 'blue'],
  [165, 'cyan'],
  [70, 'green'],
  [42, 'yellow'],
  [15, 'orange'],
  [0, 'red'],
];

function hueOf(red: number, green: number, blue: number): Hue {
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (!(spread >= 32)) return most < 140 ? 'grey' : 'plain';
  const turn = most === red ? ((green - blue) / spread + 6) % 6 : most === green ? (blue - red) / spread + 2 : (red - green) / spread + 4;
  return circle.find(([from]) => turn * 60 >= from)?.[1] ?? 'plain';
}

/** Undefined when it looks like any other text. */
function styleOf(pen: Pen): Style | undefined {
  if (pen === none) return undefined;
  const [fg, bg] = pen.inverse ? [pen.bg, pen.fg ?? 'plain'] : [pen.fg, pen.bg];
  const marks = Object.fromEntries([...pen.marks].map((mark) => [mark, true as const]));
  const style = { ...(fg === undefined ? {} : { fg }), ...(bg === undefined ? {} : { bg }), ...marks };
  return Object.keys(style).length === 0 ? undefined : style;
}
