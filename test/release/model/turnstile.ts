/** Lets one call of many callers through at a time, in an order that the plan decides; so a run can be repeated exactly. */
import { vi } from 'vitest';

interface Waiting {
  readonly label: string;
  go(): void;
}

export class Turnstile {
  readonly #picks: readonly number[];
  readonly #waiting: Waiting[] = [];
  readonly log: string[] = [];
  #turn = 0;
  #inside = 0;

  /** @param picks who of those that wait is next; used again from the start when they run out */
  constructor(picks: readonly number[]) {
    this.#picks = picks.length === 0 ? [0] : picks;
  }

  /** Does the work when it is this call's turn. */
  async pass<T>(label: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((go) => this.#waiting.push({ label, go }));
    return this.aside(work);
  }

  /** Work that needs no turn; the others wait for its end. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
    }
  }

  /** Until all of them have ended. @param afterEach looks at the world between two calls */
  async drive(actors: readonly Promise<void>[], afterEach: () => Promise<void>): Promise<void> {
    let running = actors.length;
    for (const actor of actors) void actor.finally(() => (running -= 1)).catch(() => undefined);
    for (await this.#quiet(); running > 0; await this.#quiet()) {
      await afterEach();
      if (!this.#next()) throw new Error(`nobody can go on:\n${this.log.slice(-20).join('\n')}`);
    }
    await afterEach();
    await Promise.all(actors);
  }

  #next(): boolean {
    const timers = vi.getTimerCount() > 0 ? 1 : 0;
    const choices = this.#waiting.length + timers;
    if (choices === 0) return false;
    const [chosen] = this.#waiting.splice(this.pick(choices), 1);
    this.log.push(chosen?.label ?? 'time passes');
    if (chosen === undefined) vi.advanceTimersToNextTimer();
    else chosen.go();
    return true;
  }

  /** The plan's next decision, from 0 to below `choices`. */
  pick(choices: number): number {
    const pick = this.#picks[this.#turn % this.#picks.length] ?? 0;
    this.#turn += 1;
    return pick % choices;
  }

  /** Whoever was let through has come to wait again, for a turn or for time. */
  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#inside > 0);
  }
}
