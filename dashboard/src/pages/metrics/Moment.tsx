import { clock, dateTime } from '../../ui/format.ts';
import { Button } from '../../ui/index.ts';
import styles from './MetricsPage.module.css';
import { useReading, type Reading } from './reading.ts';
import type { Timeline } from './timeline.ts';

/** Reads all charts at one moment, with the keyboard too. */
export function Moment({ timeline, reading }: { readonly timeline: Timeline; readonly reading: Reading }) {
  const { times } = timeline;
  const index = useReading(reading);
  const last = times.length - 1;
  const at = times[Math.min(index ?? last, last)] ?? 0;
  return (
    <div className={styles.moment}>
      <label htmlFor="moment">Read at</label>
      <output htmlFor="moment">{index === null ? `${clock(at)}, now` : clock(at)}</output>
      <input
        id="moment"
        type="range"
        min={0}
        max={last}
        value={Math.min(index ?? last, last)}
        aria-valuetext={dateTime(at)}
        onChange={(event) => reading.set(Number(event.target.value) === last ? null : Number(event.target.value))}
      />
      <Button small kind="plain" disabled={index === null} onClick={() => reading.set(null)}>
        Newest
      </Button>
    </div>
  );
}
