/** What a supervisor that died left half-way is finished or taken back before anything else is changed, as an operation that everybody can see. */
import { GantryError } from '../../../errors.ts';
import type { Places } from '../places.ts';
import type { Problem } from '../../platform.ts';
import type { StepEvent } from '../protocol.ts';
import type { Clock, Timer } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import type { OperationGate } from './operation.ts';
import type { RecoveryWork } from './options.ts';

export interface RecoveryParts {
  readonly gate: OperationGate;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly places: Places;
  readonly work: RecoveryWork | undefined;
}

export const recoveryName = 'recovery';
const who = 'Gantry';
/** While users judge a release that is gone on with, nobody waits for its end. */
const longStep = 'bake';
/** A release made while somebody edits bakes for no time at all. */
const longStepMs = 1000;
const retryMs = 30_000;
const explanation = 'what was interrupted is finished or taken back first';

export class Recovery {
  readonly #parts: RecoveryParts;
  /** Something may be half-way. */
  #isDoubtful = true;
  #isStopped = false;
  #attempt: Promise<void> | undefined;
  #failure: { readonly since: Date; readonly error: Error } | undefined;
  #retry: Timer | undefined;
  readonly #waiting = new Set<AbortController>();
  readonly #listeners = new Set<(step: string) => void>();

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  get problem(): Problem | undefined {
    if (this.#failure === undefined) return undefined;
    const { since, error } = this.#failure;
    return { subject: 'recovery', since: since.toISOString(), message: `what was interrupted is not settled yet: ${error.message}` };
  }

  /** Looks whether something was interrupted, and settles it. Never rejects. */
  begin(): void {
    if (!this.#isStopped) this.#try().catch(() => undefined);
  }

  /** An operation has failed and ended: it may have left something half-way. */
  doubt(): void {
    this.#isDoubtful = true;
    this.begin();
  }

  /** Ends the waiting of those who wait for a recovery, and does not touch the recovery. False when nobody waits. */
  dismiss(reason: Error): boolean {
    const waited = this.#waiting.size > 0;
    for (const one of this.#waiting) one.abort(reason);
    return waited;
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }

  /**
   * Resolves when nothing is half-way any more, or when the recovery has come to a step that may take long: then it holds the gate, and the
   * gate says so. @throws what the recovery failed with: nothing else can be done before it has succeeded
   */
  async settled(emit: (event: StepEvent) => void, signal: AbortSignal): Promise<void> {
    if (!this.#isDoubtful) return;
    const attempt = this.#try();
    attempt.catch(() => undefined);
    const waiting = new AbortController();
    this.#waiting.add(waiting);
    const stop = AbortSignal.any([signal, waiting.signal]);
    try {
      await Promise.race([attempt, this.#untilLong(emit, stop), rejection(stop)]);
    } finally {
      this.#waiting.delete(waiting);
      waiting.abort(new Error('no longer waited for'));
    }
  }

  async #try(): Promise<void> {
    this.#attempt ??= this.#perform().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  async #perform(): Promise<void> {
    const { work, hub, clock } = this.#parts;
    this.#retry?.cancel();
    if (work === undefined || !this.#isDoubtful) return;
    try {
      if (await work.isDue()) await this.#settle(work);
      this.#isDoubtful = false;
      this.#failure = undefined;
    } catch (error) {
      hub.say('release', recoveryName, `not settled yet: ${(error as Error).message}`, 'error');
      this.#failure = { since: this.#failure?.since ?? clock.date(), error: error as Error };
      if (!this.#isStopped) this.#retry = clock.after(retryMs, () => this.begin());
      throw withState(error);
    }
  }

  async #settle(work: RecoveryWork): Promise<void> {
    const { gate, hub, places } = this.#parts;
    hub.say('release', recoveryName, 'begun: an operation was interrupted', 'warn');
    await gate.run(
      recoveryName,
      who,
      ({ step }) => this.#listeners.forEach((listener) => listener(step)),
      async (report, signal) => {
        report({ step: recoveryName, state: 'running', message: '', elapsedMs: 0 });
        await work.run({ places, report, signal });
      },
    );
    hub.say('release', recoveryName, 'what was interrupted is settled');
  }

  /** Tells what is waited for, and resolves when that will take long. */
  async #untilLong(emit: (event: StepEvent) => void, signal: AbortSignal): Promise<void> {
    const { clock, gate } = this.#parts;
    let timer: Timer | undefined;
    let told = false;
    await new Promise<void>((resolve) => {
      const onStep = (step: string): void => {
        if (!told) emit({ step: recoveryName, state: 'running', message: explanation, elapsedMs: 0 });
        told = true;
        if (step !== longStep) timer?.cancel();
        timer = step === longStep ? (timer ?? clock.after(longStepMs, resolve)) : undefined;
      };
      this.#listeners.add(onStep);
      signal.addEventListener('abort', () => (timer?.cancel(), this.#listeners.delete(onStep)), { once: true });
      if (gate.current?.name === recoveryName) onStep(gate.current.step);
    });
  }
}

async function rejection(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

function withState(error: unknown): unknown {
  if (!(error instanceof GantryError)) return error;
  return new GantryError(error.code, error.message, {
    ...error.toJSON(),
    state: error.state ?? 'an earlier operation was interrupted and is not settled yet; nothing else is begun before it is',
    cause: error,
  });
}
