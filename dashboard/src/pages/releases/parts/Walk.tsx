import { memo } from 'react';
import { clock, duration } from '../../../ui/format.ts';
import { plainLine } from '../evidence.ts';
import type { WalkRow } from '../walk.ts';
import styles from './Walk.module.css';

/** Every step with what it said, how long it took, and what it is for. */
export function Walk({ rows }: { readonly rows: readonly WalkRow[] }) {
  return (
    <ol className={styles.walk} aria-label="The walk, step by step">
      {rows.map((row) => (
        <Step key={row.step} {...row} />
      ))}
    </ol>
  );
}

const Step = memo(function Step({ step, about, state, symbol, message, startedAt, durationMs, part }: WalkRow) {
  return (
    <li className={styles.step} data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <span className={styles.symbol} aria-hidden="true">
        {symbol}
      </span>
      <span className={styles.name}>{step}</span>
      <span className={styles.state}>{state}</span>
      <span className={styles.text}>
        {message !== '' && <span className={styles.message}>{plainLine(message)}</span>}
        {about !== '' && <span className={styles.about}>{about}</span>}
      </span>
      <span className={styles.time} title={startedAt === null ? undefined : `began ${clock(startedAt)}`}>
        {durationMs === null ? '' : duration(durationMs)}
      </span>
      <span className={styles.track} aria-hidden="true">
        {durationMs !== null && <span className={styles.bar} style={{ width: `${Math.max(1, part * 100)}%` }} />}
      </span>
    </li>
  );
});
