import { useCallback } from 'react';
import { useConnection } from '../server/hooks.ts';
import type { ConnectionState as State } from '../server/connection.ts';
import { classes, useTicking } from '../ui/index.ts';
import { ago, clock } from '../ui/format.ts';
import styles from './ConnectionState.module.css';

const words: Readonly<Record<State['state'], string>> = {
  live: 'Live',
  connecting: 'Connecting',
  stale: 'No connection',
  'signed out': 'Signed out',
};

/** Whether what is shown is true now. */
export function ConnectionState() {
  const { state } = useConnection();
  return (
    <span className={classes(styles.state, styles[state === 'signed out' ? 'stale' : state])} title={words[state]}>
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.word}>{words[state]}</span>
    </span>
  );
}

/** Over the page, not in it, so that nothing moves. */
export function StaleBanner() {
  const { state, since } = useConnection();
  return (
    <div className={styles.place} role="status">
      {state === 'stale' ? <StaleText since={since} /> : null}
    </div>
  );
}

function StaleText({ since }: { readonly since: number }) {
  const passed = useTicking(useCallback((now: number) => ago(now - since), [since]));
  return (
    <p className={styles.banner}>
      <b>No connection.</b> This is how it was at {clock(since)} <span aria-hidden="true">({passed})</span>; the page goes on by itself.
    </p>
  );
}
