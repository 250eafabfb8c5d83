/** What the supervisor says, as the engine contract's types. */
import type { StepEvent } from '../../platforms/local/protocol.ts';
import type { Progress } from '../engine.ts';

export function progress(event: StepEvent): Progress {
  const state = event.state === 'skipped' ? 'done' : event.state;
  return { subject: event.step, message: event.message, state, elapsedMs: event.elapsedMs };
}
