/** Writes down by when the bytes of each log were written, in one line per log and second in which it grew. */
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { logIndex } from '../log-files.ts';
import { indexText, readIndex, shifted, spanText, thinned, type Cut, type Span } from '../logs-index.ts';
import type { Clock } from './clock.ts';

/** How long a log is, and when it was written to. */
export interface Grown {
  readonly size: number;
  readonly mtimeMs: number;
}

interface Known {
  /** What the index covers, from the beginning. */
  end: number;
  /** By the steady clock; far in the past before the first line. */
  notedMs: number;
  /** Of the newest line, by the wall clock. */
  at: number;
  /** Of the index. */
  bytes: number;
}

const mostBytes = 256 * 1024;
/** A flood is looked at more often than once a second. */
const pauseMs = 900;

export class TimeIndex {
  readonly #logDir: string;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(logDir: string, clock: Clock) {
    this.#logDir = logDir;
    this.#clock = clock;
  }

  /** Forgets logs that are gone. */
  keep(sources: ReadonlySet<string>): void {
    for (const source of this.#known.keys()) if (!sources.has(source)) this.#known.delete(source);
  }

  /** @param now not only once a second */
  async note(source: string, grown: Grown, now: boolean): Promise<void> {
    const known = this.#known.get(source) ?? (await this.#read(source));
    if (grown.size < known.end) await this.#begin(source, known);
    if (grown.size === known.end || (!now && this.#clock.now() - known.notedMs < pauseMs)) return;
    const span = { start: known.end, end: grown.size, at: this.#writtenBy(known, grown) };
    await this.#append(source, known, span);
    Object.assign(known, { end: span.end, at: span.at, notedMs: this.#clock.now() });
  }

  /** Before the log is cut: what its copy has, from `from` on, gets an index of its own. Whoever follows the log sees by it that it was cut. */
  async handOver(source: string, cut: Cut): Promise<void> {
    const { spans } = await readIndex(logIndex(this.#logDir, source));
    await this.#replace(logIndex(this.#logDir, source, 1), indexText({ cut, spans: shifted(spans, cut.from, cut.size) }));
  }

  /** After it was cut. */
  async restart(source: string): Promise<void> {
    const known = this.#known.get(source);
    if (known !== undefined) await this.#begin(source, known);
  }

  async #read(source: string): Promise<Known> {
    const index = await readIndex(logIndex(this.#logDir, source));
    const last = index.spans.at(-1);
    const known = { end: endOf(last), notedMs: Number.NEGATIVE_INFINITY, at: last?.at ?? 0, bytes: indexText(index).length };
    this.#known.set(source, known);
    return known;
  }

  async #begin(source: string, known: Known): Promise<void> {
    await rm(logIndex(this.#logDir, source), { force: true });
    Object.assign(known, { end: 0, at: 0, bytes: 0 });
  }

  /** The file says more exactly when it was written to last, unless a clock was set. */
  #writtenBy({ at }: Known, { mtimeMs }: Grown): number {
    const now = this.#clock.date().getTime();
    return Math.floor(mtimeMs >= at && mtimeMs <= now ? mtimeMs : now);
  }

  async #append(source: string, known: Known, span: Span): Promise<void> {
    const file = logIndex(this.#logDir, source);
    const text = spanText(span);
    await appendFile(file, text, { mode: 0o600 });
    known.bytes += text.length;
    if (known.bytes <= mostBytes) return;
    const short = indexText({ spans: thinned((await readIndex(file)).spans) });
    await this.#replace(file, short);
    known.bytes = short.length;
  }

  async #replace(file: string, text: string): Promise<void> {
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

/** A line of an older kind does not say its end. */
function endOf(span: Span | undefined): number {
  return span === undefined ? 0 : Number.isFinite(span.end) ? span.end : span.start;
}
