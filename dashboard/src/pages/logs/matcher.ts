/** Finds what somebody looks for in lines. */

/** `[from, to)` of a text. */
export type Range = readonly [from: number, to: number];

export interface Matcher {
  /** 1 for each text that matches. */
  test(texts: readonly string[]): Uint8Array | Promise<Uint8Array>;
  /** Where it matches in a text that is drawn. What is not known yet is empty; `onRanges` is called when it is. */
  ranges(text: string): readonly Range[];
  close(): void;
}

/** More are not marked in one text. */
const mostRanges = 200;

/** Text as it is, whatever its case. */
export function literalMatcher(words: string): Matcher {
  const source = words.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
  const one = new RegExp(source, 'iu');
  return {
    test: (texts) => Uint8Array.from(texts, (text) => (one.test(text) ? 1 : 0)),
    ranges: (text) => rangesOf(new RegExp(source, 'giu'), text),
    close: () => {},
  };
}

export function rangesOf(pattern: RegExp, text: string): Range[] {
  const ranges: Range[] = [];
  for (let found = pattern.exec(text); found !== null && ranges.length < mostRanges; found = pattern.exec(text)) {
    if (found[0] === '') pattern.lastIndex += 1;
    else ranges.push([found.index, found.index + found[0].length]);
  }
  return ranges;
}

/** Why it is no regular expression, in words; undefined when it is one. */
export function patternProblem(source: string): string | undefined {
  try {
    void new RegExp(source, 'i');
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).replace(/^Invalid regular expression: /u, 'Not a regular expression: ');
  }
}

export interface PatternRequest {
  readonly id: number;
  readonly source: string;
  readonly kind: 'test' | 'ranges';
  readonly texts: readonly string[];
}

export interface PatternAnswer {
  readonly id: number;
  readonly flags?: Uint8Array;
  readonly ranges?: readonly (readonly Range[])[];
}

/** Done away from the page, as a pattern can take for ever. */
export function answer({ id, source, kind, texts }: PatternRequest): PatternAnswer {
  if (kind === 'ranges') return { id, ranges: texts.map((text) => rangesOf(new RegExp(source, 'gi'), text)) };
  const pattern = new RegExp(source, 'i');
  return { id, flags: Uint8Array.from(texts, (text) => (pattern.test(text) ? 1 : 0)) };
}

/** What is needed of a Worker. */
export interface PatternWorker {
  postMessage(request: PatternRequest): void;
  addEventListener(type: 'message', listener: (event: { data: PatternAnswer }) => void): void;
  terminate(): void;
}

export interface PatternEvents {
  onRanges(): void;
  /** It took too long and was given up. */
  onTooSlow(): void;
}

/** A few hundred lines take a well-behaved pattern some milliseconds. */
const patienceMs = 1_000;
const mostRemembered = 2_000;

/** A regular expression, whatever its case, in a worker that is ended when it does not come back. */
export function patternMatcher(source: string, open: () => PatternWorker, events: PatternEvents): Matcher {
  return new WorkerMatcher(source, open, events);
}

class WorkerMatcher implements Matcher {
  readonly #source: string;
  readonly #events: PatternEvents;
  readonly #worker: PatternWorker;
  readonly #waiting = new Map<number, { timer: ReturnType<typeof setTimeout>; resolve(answer: PatternAnswer): void }>();
  readonly #ranges = new Map<string, readonly Range[]>();
  #wanted: string[] = [];
  #next = 1;
  #isOver = false;

  constructor(source: string, open: () => PatternWorker, events: PatternEvents) {
    this.#source = source;
    this.#events = events;
    this.#worker = open();
    this.#worker.addEventListener('message', ({ data }) => this.#settle(data));
  }

  async test(texts: readonly string[]): Promise<Uint8Array> {
    const { flags } = await this.#ask('test', texts);
    return flags ?? new Uint8Array(texts.length);
  }

  ranges(text: string): readonly Range[] {
    const known = this.#ranges.get(text);
    if (known !== undefined || this.#isOver) return known ?? [];
    if (this.#wanted.length === 0) queueMicrotask(() => void this.#fetchRanges());
    this.#wanted.push(text);
    return [];
  }

  close(): void {
    this.#isOver = true;
    this.#worker.terminate();
    for (const { timer, resolve } of this.#waiting.values()) {
      clearTimeout(timer);
      resolve({ id: 0 });
    }
    this.#waiting.clear();
  }

  async #fetchRanges(): Promise<void> {
    const texts = [...new Set(this.#wanted)];
    this.#wanted = [];
    const { ranges } = await this.#ask('ranges', texts);
    if (ranges === undefined) return;
    if (this.#ranges.size > mostRemembered) this.#ranges.clear();
    for (const [index, text] of texts.entries()) this.#ranges.set(text, ranges[index] ?? []);
    this.#events.onRanges();
  }

  #ask(kind: PatternRequest['kind'], texts: readonly string[]): Promise<PatternAnswer> {
    if (this.#isOver) return Promise.resolve({ id: 0 });
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, { resolve, timer: setTimeout(() => this.#giveUp(), patienceMs) });
      this.#worker.postMessage({ id, source: this.#source, kind, texts });
    });
  }

  #settle(data: PatternAnswer): void {
    const waiting = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.resolve(data);
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.close();
    this.#events.onTooSlow();
  }
}
