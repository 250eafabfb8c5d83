/** What an operation says while it is under way, as far as a page shows it. */
import type { GateFigures, MeterFigures, StepEvent } from '../../platforms/platform.ts';
import { steps, type Step } from '../../release/machine.ts';

export type WalkedStep = Step | 'revert';

export class Said {
  readonly #messages = new Map<WalkedStep, string>();
  #step: WalkedStep | undefined;
  #meter: MeterFigures | null = null;
  #gate: GateFigures | null = null;

  get meter(): MeterFigures | null {
    return this.#meter;
  }

  get gate(): GateFigures | null {
    return this.#gate;
  }

  /** The newest that was said of a step; empty when nothing was. */
  message(step: WalkedStep): string {
    return this.#messages.get(step) ?? '';
  }

  hear({ step, state, message, measured }: StepEvent): void {
    if (step === 'lock' && state === 'running') this.#forget();
    this.#meter = measured?.meter ?? this.#meter;
    this.#gate = measured?.gate ?? this.#gate;
    const own = isWalked(step) ? step : undefined;
    this.#step = own ?? this.#step;
    if (message !== '' && this.#step !== undefined) this.#messages.set(this.#step, own === undefined ? `${step} ${message}` : message);
  }

  /** An operation begins with what a dead one left; that is another attempt. */
  #forget(): void {
    this.#messages.clear();
    this.#meter = null;
    this.#gate = null;
  }
}

function isWalked(step: string): step is WalkedStep {
  return step === 'revert' || steps.some((one) => one === step);
}
