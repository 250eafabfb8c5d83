/** The autoscaler at work: reads, decides, and hands on what was decided. */
import type { ScalingDecision } from '../../platform.ts';
import type { Clock, Timer } from '../supervisor/clock.ts';
import { decide, type AutoscalerState } from './decide.ts';
import type { Reading } from './reading.ts';
import type { AutoscalerSettings } from './settings.ts';

export interface LoopParts {
  readonly clock: Clock;
  readonly settings: AutoscalerSettings;
  /** Numbers of this moment; undefined when there is nothing to scale. Whatever it throws counts as no numbers. */
  read(): Promise<Reading | undefined>;
  /** Makes the decisions true and records them. */
  carryOut(decisions: readonly ScalingDecision[]): void;
}

/** Reading never overlaps; nothing is done any more once it was stopped. */
export function startLoop({ clock, settings, read, carryOut }: LoopParts): { stop(): void } {
  let state: AutoscalerState = {};
  let timer: Timer | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const reading = await read().catch(() => undefined);
    if (stopped) return;
    if (reading !== undefined) state = act(reading);
    next();
  };
  const act = (reading: Reading): AutoscalerState => {
    const result = decide(state, reading, clock.now(), settings);
    const at = clock.date().toISOString();
    if (result.decisions.length > 0) carryOut(result.decisions.map((decision) => ({ at, ...decision })));
    return result.state;
  };
  const next = (): void => {
    timer = clock.after(settings.intervalMs, () => void look());
  };
  next();
  return {
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
