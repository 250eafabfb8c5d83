/** The log of one environment, or of a service or replica of it, as far as this page has it: history, what comes, and what is looked for. */
import type { LogEntry, LogPage, Problem, ServerEvent } from '../../../../src/server/api/index.ts';
import { levels } from './line.ts';
import type { Matcher } from './matcher.ts';
import { LogRing } from './ring.ts';
import { View, type Filter } from './view.ts';

export interface LogWanted {
  readonly service: string | undefined;
  readonly replica: string | undefined;
}

export interface LogSource {
  /** @throws whatever `problemOf` can read */
  fetch(query: LogWanted & { readonly tail: number; readonly before?: number }): Promise<LogPage>;
  problemOf(error: unknown): Problem;
}

export interface LogState {
  /** Rises with every change. */
  readonly version: number;
  readonly view: View;
  readonly loading: 'history' | 'older' | null;
  /** There are older lines at the server than here. */
  readonly more: boolean;
  readonly problem: Problem | undefined;
  /** Names of all that have lines. */
  readonly sources: readonly string[];
  /** A search that is not done yet. */
  readonly isSearching: boolean;
}

/** Lines that one page keeps. */
export const capacity = 100_000;
const firstLines = 2_000;
const olderLines = 5_000;

export class LogModel {
  readonly ring: LogRing;
  readonly #wanted: LogWanted;
  readonly #source: LogSource;
  readonly #frame: (then: () => void) => void;
  readonly #listeners = new Set<() => void>();
  #filter: Filter = { level: levels.none, stream: undefined, onlyMatches: true };
  #view: View;
  /** Looks for something else; it is shown once it is done. */
  #next: View | undefined;
  #state: LogState;
  /** Came before the history did. */
  #waiting: ServerEvent[] | undefined = [];
  #isPlanned = false;
  #epoch: number;
  #matcherOf: () => Matcher | undefined = () => undefined;

  /** @param frame calls back when the page is drawn next */
  constructor(wanted: LogWanted, source: LogSource, size = capacity, frame: (then: () => void) => void = onFrame) {
    this.#wanted = wanted;
    this.#source = source;
    this.#frame = frame;
    this.ring = new LogRing(size);
    this.#epoch = this.ring.epoch;
    this.#view = this.#newView();
    this.#state = { version: 0, view: this.#view, loading: 'history', more: false, problem: undefined, sources: [], isSearching: false };
  }

  get state(): LogState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The newest lines, and then what came since. Call it when the event stream carries the log, and whenever something may be missing.
   * @param anew what is here is of another server
   */
  async load(anew = false): Promise<void> {
    this.#waiting ??= [];
    if (anew) this.ring.clear();
    this.#say({ loading: 'history', problem: undefined });
    try {
      const page = await this.#source.fetch({ ...this.#wanted, tail: firstLines });
      this.#begin(page);
      this.#say({ loading: null, sources: page.sources });
    } catch (error) {
      this.#say({ loading: null, problem: this.#source.problemOf(error) });
    }
  }

  /** @returns whether there may be more */
  async older(): Promise<boolean> {
    const before = this.ring.oldestId;
    if (this.#state.loading !== null || before === undefined || !this.canHoldMore) return false;
    this.#say({ loading: 'older', problem: undefined });
    try {
      const page = await this.#source.fetch({ ...this.#wanted, tail: olderLines, before: Math.ceil(before) });
      this.ring.prepend(page.lines);
      this.#changed();
      this.#say({ loading: null, more: page.more });
      return page.more && this.canHoldMore;
    } catch (error) {
      this.#say({ loading: null, problem: this.#source.problemOf(error) });
      return false;
    }
  }

  get canHoldMore(): boolean {
    return this.ring.length < this.ring.capacity;
  }

  /** An event of the stream. */
  take(event: ServerEvent): void {
    if (event.type !== 'logs') return;
    if (this.#waiting === undefined) this.#append(event.lines, event.skipped);
    else this.#waiting.push(event);
  }

  /** @param matcher makes what finds the words; called again when the search begins anew */
  show(filter: Filter, matcher: () => Matcher | undefined): void {
    this.#filter = filter;
    this.#matcherOf = matcher;
    this.#search();
  }

  /** Something drawn elsewhere is known now. */
  redraw(): void {
    this.#plan();
  }

  close(): void {
    this.#view.close();
    this.#next?.close();
    this.#listeners.clear();
  }

  #begin(page: LogPage): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    // Smaller ids than before are those of another server: what is here has nothing to do with them.
    if (page.cursor < Math.floor(this.ring.newestId ?? 0)) this.ring.clear();
    const isFirst = this.ring.length === 0 || (page.lines[0]?.id ?? 0) > (this.ring.newestId ?? 0);
    if (isFirst) this.ring.clear();
    this.ring.merge(page.lines);
    if (isFirst) this.#say({ more: page.more });
    for (const event of waiting) if (event.type === 'logs') this.#append(event.lines, event.skipped);
    this.#changed();
  }

  #append(lines: readonly LogEntry[], skipped: number): void {
    const newest = this.ring.newestId ?? -1;
    const { service, replica } = this.#wanted;
    const own = lines.filter(
      (line) =>
        line.id > newest &&
        (service === undefined || (line.service ?? line.source) === service) &&
        (replica === undefined || line.source === replica),
    );
    if (skipped > 0 && (lines[0]?.id ?? Number.POSITIVE_INFINITY) > newest) this.ring.skip(skipped);
    this.ring.append(own);
    this.#learn(lines);
    this.#changed();
  }

  #learn(lines: readonly LogEntry[]): void {
    const { sources } = this.#state;
    const fresh = lines.map((line) => line.source).filter((name, index, all) => !sources.includes(name) && all.indexOf(name) === index);
    if (fresh.length > 0) this.#say({ sources: [...sources, ...fresh].sort() });
  }

  #newView(): View {
    return new View(this.ring, this.#filter, this.#matcherOf(), () => this.#settle());
  }

  #search(): void {
    this.#next?.close();
    this.#next = this.#newView();
    this.#next.update();
    this.#settle();
  }

  /** Shows what is looked for now once it has been looked for everywhere. */
  #settle(): void {
    if (this.#next !== undefined && !this.#next.isScanning) {
      this.#view.close();
      this.#view = this.#next;
      this.#next = undefined;
    }
    this.#plan();
  }

  #changed(): void {
    if (this.#epoch !== this.ring.epoch) {
      this.#epoch = this.ring.epoch;
      this.#search();
    }
    this.#view.update();
    this.#next?.update();
    this.#plan();
  }

  #say(part: Partial<LogState>): void {
    this.#state = { ...this.#state, ...part };
    this.#plan();
  }

  /** However much changes, the page is drawn once a frame. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#frame(() => {
      this.#isPlanned = false;
      const isSearching = this.#next !== undefined || this.#view.isScanning;
      this.#state = { ...this.#state, version: this.#state.version + 1, view: this.#view, isSearching };
      for (const listener of this.#listeners) listener();
    });
  }
}

/** Between two drawings of what comes by itself. */
const paceMs = 80;
let drawn = 0;

/** A tab that nobody sees draws no frames, but is up to date when somebody looks. */
function onFrame(then: () => void): void {
  const draw = (): void => {
    drawn = performance.now();
    then();
  };
  const wait = drawn + paceMs - performance.now();
  if (wait > 0 || document.hidden) setTimeout(draw, Math.max(wait, 0));
  else requestAnimationFrame(draw);
}
