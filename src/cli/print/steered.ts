/** How a change without a new release went. */
import type { OperateResult } from '../../platforms/local/protocol.ts';
import type { MeterResult } from '../../release/meter.ts';
import { meterText } from './release.ts';
import { duration } from './text.ts';

interface Steered {
  /** Fields of the JSON document. */
  readonly document: { readonly durationMs: number; readonly meter: MeterResult | null };
  /** Behind the line that says what was done. */
  readonly text: string;
}

export function steered({ durationMs, meter }: OperateResult): Steered {
  const measured = (meter ?? null) as MeterResult | null;
  const figures = meterText(measured);
  return { document: { durationMs, meter: measured }, text: ` in ${duration(durationMs)}${figures === '' ? '' : `.  ${figures}`}` };
}
