import type { ReactNode } from 'react';
import type { Problem } from '../../../src/server/api/index.ts';
import { Button } from './Button.tsx';
import styles from './Empty.module.css';

/** Nothing to show, and what to do about it. */
export function Empty({ title, children, action }: { readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children === undefined ? null : <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

/** A command that can be copied as it stands. */
export function Command({ children }: { readonly children: string }) {
  return <code className={styles.command}>{children}</code>;
}

/** An error as the terminal says it: what, what was seen, what is true now, what to do. */
export function ProblemView({ problem, retry }: { readonly problem: Problem; readonly retry?: () => void }) {
  return (
    <div className={styles.problem} role="alert">
      <p className={styles.message}>
        {problem.message}
        {problem.code === '' ? null : <code className={styles.code}>{problem.code}</code>}
      </p>
      {problem.where === undefined ? null : <p className={styles.where}>{problem.where}</p>}
      {problem.lines.length === 0 ? null : <pre className={styles.lines}>{problem.lines.join('\n')}</pre>}
      {problem.state === undefined ? null : <p>{problem.state}</p>}
      {problem.fix === '' ? null : (
        <p>
          <b>What to do:</b> {problem.fix}
        </p>
      )}
      {retry === undefined ? null : (
        <Button small onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Why something has no figures. */
export function NotMeasured({ reason }: { readonly reason?: string }) {
  return (
    <span className={styles.unmeasured} title={reason}>
      not measured
    </span>
  );
}
