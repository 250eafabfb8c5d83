import type { ReactNode } from 'react';
import type { ReleaseDetail } from '../../../../../src/server/api/index.ts';
import { nameOf, resultOf } from '../outcome.ts';
import { currentStep } from '../walk.ts';
import { LongText } from './LongText.tsx';
import styles from './Result.module.css';

interface ResultProps {
  readonly detail: ReleaseDetail;
  /** Who, when, of what. */
  readonly facts: ReactNode;
}

/** The line at the end, with the figures that a person would put in a report; until then where it is. */
export function Result({ detail, facts }: ResultProps) {
  const result = resultOf(detail);
  const step = currentStep(detail.walk);
  return (
    <div className={styles.result} data-tone={result?.tone ?? 'info'}>
      <p className={styles.line} role="status">
        <span aria-hidden="true">{result?.symbol ?? '~'}</span>{' '}
        {result?.text ?? `${nameOf(detail)} is under way${step === undefined ? '' : `, step ${step.step}`}`}
      </p>
      {detail.evidence?.state !== undefined && (
        <p className={styles.truth}>
          Now: <LongText text={detail.evidence.state} />
        </p>
      )}
      <p className={styles.truth}>{facts}</p>
    </div>
  );
}
