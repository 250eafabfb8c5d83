import type { ReleaseDetail } from '../../../../../src/server/api/index.ts';
import { plainLine } from '../evidence.ts';
import { resultOf } from '../outcome.ts';
import styles from './Result.module.css';

/** The line at the end, with the figures that a person would put in a report. */
export function Result({ detail }: { readonly detail: ReleaseDetail }) {
  const result = resultOf(detail);
  if (result === undefined) return null;
  return (
    <div className={styles.result} data-tone={result.tone}>
      <p className={styles.line}>
        <span aria-hidden="true">{result.symbol}</span> {result.text}
      </p>
      {detail.evidence?.state !== undefined && <p className={styles.truth}>Now: {plainLine(detail.evidence.state)}</p>}
    </div>
  );
}
