import { useState } from 'react';
import { Link } from 'wouter';
import { pathIn } from '../../server/hooks.ts';
import { IconButton } from '../../ui/index.ts';
import { Cross } from '../../ui/icons.tsx';
import styles from './Overview.module.css';

const key = 'gantry.hint.overview';

/** What to do first, for somebody who has never seen this. */
export function Hint({ environment }: { readonly environment: string }) {
  const [isDismissed, setDismissed] = useState(() => localStorage.getItem(key) !== null);
  if (isDismissed) return null;
  const dismiss = (): void => {
    localStorage.setItem(key, 'dismissed');
    setDismissed(true);
  };
  const tryIt = pathIn(environment, 'try');
  return (
    <aside className={styles.hint} aria-label="First steps">
      <p>
        <b>New here?</b> <Link href={tryIt}>Kill a replica</Link> and watch another take its place, or{' '}
        <Link href={tryIt}>make a release</Link> and watch traffic move to it. Users notice neither.
      </p>
      <IconButton label="Dismiss the hint" onClick={dismiss}>
        <Cross />
      </IconButton>
    </aside>
  );
}
