import { memo } from 'react';
import { clock, duration } from '../../../ui/format.ts';
import { wordOf, type WalkRow } from '../walk.ts';
import { LongText } from './LongText.tsx';
import styles from './Walk.module.css';

/** Every step with what it said, how long it took, and what it is for. */
export function Walk({ rows, hasEnded }: { readonly rows: readonly WalkRow[]; readonly hasEnded: boolean }) {
  return (
    <ol className={styles.walk} aria-label="The walk, step by step">
      {rows.map((row) => (
        <Step key={row.step} {...row} hasEnded={hasEnded} />
      ))}
    </ol>
  );
}

interface StepProps extends WalkRow {
  readonly hasEnded: boolean;
}

const Step = memo(function Step({ step, about, state, symbol, message, startedAt, durationMs, part, hasEnded }: StepProps) {
  return (
    <li className={styles.step} data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <span className={styles.symbol} aria-hidden="true">
        {symbol}
      </span>
      <span className={styles.name}>{step}</span>
      <span className={styles.text}>
        <span className={styles.state}>{wordOf(state, hasEnded)}</span>
        {message !== '' && (
          <span className={styles.message}>
            <LongText text={message} />
          </span>
        )}
        {about !== '' && <span className={styles.about}>{about}</span>}
      </span>
      <span className={styles.time} title={startedAt === null ? undefined : `began ${clock(startedAt)}`}>
        {durationMs === null ? '' : timeText(durationMs)}
        {durationMs !== null && (
          <span className={styles.track} aria-hidden="true">
            <span className={styles.bar} style={{ width: `${part * 100}%` }} />
          </span>
        )}
      </span>
    </li>
  );
});

/** Most steps take no time that anybody would notice. */
function timeText(ms: number): string {
  return ms < 100 ? '<0.1 s' : duration(ms);
}
