import type { Operation } from '../../../../../src/server/api/index.ts';
import { duration } from '../../../ui/format.ts';
import { meterText } from '../outcome.ts';

/** How an operation that ended well did so. */
export function Ended({ operation: { state, result } }: { readonly operation: Operation }) {
  if (state === 'unchanged')
    return <p role="status">Nothing has changed: release {result?.number ?? ''} is what the folder says, and serves.</p>;
  if (result === null) return <p role="status">✓ done</p>;
  const figures = meterText(result.meter);
  return (
    <p role="status">
      ✓ release {result.number} promoted in {duration(result.durationMs)}. {figures === '' ? '' : `${figures}.`}
    </p>
  );
}
