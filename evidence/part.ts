/** What a part of the evidence is: it runs something for real and says, figure by figure, what it saw and whether that is enough. */

export type Size = 'ci' | 'long';

export interface PartContext {
  readonly size: Size;
  readonly seed: number;
  /** Folder of its own, where what is needed to replay a failure may be left. */
  readonly keep: string;
  log(line: string): void;
}

export interface Figure {
  readonly what: string;
  readonly value: string;
  /** What it has to be, in words; empty for figures that are only told. */
  readonly bar: string;
  readonly isMet: boolean;
}

export interface PartResult {
  readonly figures: readonly Figure[];
  /** Everything else, for evidence.json. */
  readonly details: unknown;
}

export interface Part {
  readonly name: string;
  readonly title: string;
  /** The program without which it cannot run. */
  readonly needs?: string;
  run(context: PartContext): Promise<PartResult>;
}

/** @param bar `0`, `>= 60`, `<= 100 ms`; a figure without one is only told */
export function figure(what: string, value: number, bar: string, unit = ''): Figure {
  const [, sign = '', limit = ''] = /^(>=|<=|)\s*([\d,.]+)/.exec(bar) ?? [];
  const number = Number(limit.replaceAll(',', ''));
  const isMet = limit === '' || (sign === '>=' ? value >= number : sign === '<=' ? value <= number : value === number);
  return { what, value: `${value.toLocaleString('en-US')}${unit}`, bar, isMet };
}

export function told(what: string, value: string): Figure {
  return { what, value, bar: '', isMet: true };
}
