/** Waiting for a condition that others make true. */
export class Changes {
  #waiting: (() => void)[] = [];

  notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Looks now and after every change until there is a result. @throws what `look` throws, or the signal's reason */
  async until<T>(look: () => T | undefined, signal?: AbortSignal): Promise<T> {
    for (;;) {
      signal?.throwIfAborted();
      const result = look();
      if (result !== undefined) return result;
      await this.#next(signal);
    }
  }

  async #next(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.push(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
