/** One operation at a time changes what runs; others are told who does, and may follow. */
import { GantryError } from '../../../errors.ts';
import type { OperateResult, StepEvent } from '../protocol.ts';
import type { Clock } from './clock.ts';

export interface CurrentOperation {
  readonly name: string;
  readonly who: string;
  /** ISO 8601. */
  readonly since: string;
  readonly step: string;
}

interface Running {
  readonly name: string;
  readonly who: string;
  readonly since: Date;
  readonly past: StepEvent[];
  readonly listeners: Set<(event: StepEvent) => void>;
  readonly abort: AbortController;
  readonly done: Promise<unknown>;
  step: string;
}

/** What a client that follows late still gets. */
const keptEvents = 2000;

export class OperationGate {
  readonly #clock: Clock;
  #running: Running | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws GantryError GR1001 while an operation runs */
  refuseWhenBusy(): void {
    if (this.#running !== undefined) throw busy(this.#running);
  }

  get current(): CurrentOperation | null {
    if (this.#running === undefined) return null;
    const { name, who, since, step } = this.#running;
    return { name, who, since: since.toISOString(), step };
  }

  /**
   * Runs to its end whatever becomes of the caller; `onEvent` hears what it reports.
   * @throws GantryError GR1001 at once while another one runs
   */
  async run<T>(
    name: string,
    who: string,
    onEvent: (event: StepEvent) => void,
    work: (report: (event: StepEvent) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.refuseWhenBusy();
    const abort = new AbortController();
    const { promise: done, settle } = deferred();
    const running: Running = { name, who, since: this.#clock.date(), past: [], listeners: new Set([onEvent]), abort, done, step: 'start' };
    this.#running = running;
    try {
      const result = await work((event) => tell(running, event), abort.signal);
      settle({ result });
      return result;
    } catch (error) {
      settle({ error });
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  /** Follows the running operation from its beginning to its end; null when there is none. Ends early, with null, on abort. */
  async attach(onEvent: (event: StepEvent) => void, signal: AbortSignal): Promise<OperateResult | null> {
    const running = this.#running;
    if (running === undefined) return null;
    for (const event of running.past) onEvent(event);
    running.listeners.add(onEvent);
    signal.addEventListener('abort', () => running.listeners.delete(onEvent), { once: true });
    return ((await running.done) ?? null) as OperateResult | null;
  }

  /** Asks the running operation to end, and waits for it at most `ms`. */
  async abort(reason: Error, ms: number): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.abort.abort(reason);
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      void running.done
        .catch(() => undefined)
        .then(() => resolve())
        .finally(() => timer.cancel());
    });
  }
}

/** Of figures alone only the newest are worth keeping. */
function tell(running: Running, event: StepEvent): void {
  running.step = event.step;
  const last = running.past.at(-1);
  if (last !== undefined && isFiguresAlone(last) && isFiguresAlone(event)) running.past.pop();
  running.past.push(event);
  if (running.past.length > keptEvents) running.past.shift();
  for (const listener of running.listeners) listener(event);
}

function isFiguresAlone({ message, measured }: StepEvent): boolean {
  return message === '' && measured !== undefined;
}

function deferred(): {
  readonly promise: Promise<unknown>;
  settle(outcome: { readonly result: unknown } | { readonly error: unknown }): void;
} {
  let settle!: (outcome: { readonly result: unknown } | { readonly error: unknown }) => void;
  const promise = new Promise<unknown>((resolve, reject) => {
    settle = (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result));
  });
  promise.catch(() => undefined);
  return { promise, settle };
}

function busy({ name, who, since, step }: Running): GantryError {
  const time = since.toTimeString().slice(0, 8);
  return new GantryError('GR1001', `this environment is being changed by ${who} (${name}, since ${time}, step ${step})`, {
    where: 'local',
  });
}
