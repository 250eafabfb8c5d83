/** Tells which logs of a folder have changed: at once where the system says so, and otherwise by looking now and then. */
import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { sourceOf } from './logs-sources.ts';

/** `all`: look at every log, and for new ones. */
export type Changed = ReadonlySet<string> | 'all';

const calmMs = 5000;
/** In the beginning, as long as a change that nobody tells has had no time to show. */
const freshMs = 1000;
const freshForMs = 10_000;
/** After the system has kept a change to itself, as some file systems do. */
const alertMs = 250;
const alertForMs = 10_000;

export class Changes {
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #pauseMs: number;
  #names = new Set<string>();
  #watcher: FSWatcher | undefined;
  #watchedIno = 0;
  #lookAt = performance.now();
  #freshUntil = 0;
  #alertUntil = 0;
  #wake: () => void = () => {};
  readonly #onAbort = (): void => this.#wake();

  /** @param pauseMs the least time between two answers */
  constructor(folder: string, signal: AbortSignal, pauseMs: number) {
    this.#folder = folder;
    this.#signal = signal;
    this.#pauseMs = pauseMs;
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Begins to watch; what changes from then on is told. */
  async open(): Promise<void> {
    const { ino } = await stat(this.#folder).catch(() => ({ ino: 0 }));
    if (ino === this.#watchedIno && this.#watcher !== undefined) return;
    this.#watcher?.close();
    this.#watcher = ino === 0 || this.#signal.aborted ? undefined : this.#watch();
    this.#watchedIno = ino;
    this.#freshUntil = performance.now() + freshForMs;
    this.#lookAt = performance.now() + this.#patienceMs();
  }

  /** At the next change, or when it is time to look; at once when the reader is to end. */
  async next(): Promise<Changed> {
    await this.#sleep(this.#pauseMs, () => this.#signal.aborted);
    await this.#sleep(this.#lookAt - performance.now(), () => this.#signal.aborted || this.#names.size > 0);
    const names = this.#names;
    this.#names = new Set();
    if (performance.now() < this.#lookAt) return names;
    await this.open();
    this.#lookAt = performance.now() + this.#patienceMs();
    return 'all';
  }

  /** A change was found that nobody had told. */
  missed(): void {
    this.#alertUntil = performance.now() + alertForMs;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #patienceMs(): number {
    const now = performance.now();
    if (this.#watcher === undefined || now < this.#alertUntil) return alertMs;
    return now < this.#freshUntil ? freshMs : calmMs;
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#folder, (_event, name) => this.#note(name));
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      // The folder is gone again, or the system has no watches left: looking has to do.
      return undefined;
    }
  }

  #note(name: string | null): void {
    const source = name === null ? undefined : sourceOf(name);
    if (name === null || name === basename(this.#folder)) this.#lookAt = 0;
    else if (source === undefined) return;
    else this.#names.add(source);
    this.#wake();
  }

  async #sleep(ms: number, isDone: () => boolean): Promise<void> {
    if (ms <= 0 || isDone()) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#wake = () => {
        if (isDone() || performance.now() >= this.#lookAt) end();
      };
    });
  }
}
