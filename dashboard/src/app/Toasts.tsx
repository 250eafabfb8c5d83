import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Operation } from '../../../src/server/api/index.ts';
import { pathIn, useEvents } from '../server/hooks.ts';
import { classes, IconButton, toneOf } from '../ui/index.ts';
import { Cross } from '../ui/icons.tsx';
import styles from './Toasts.module.css';
import { operationText, symbols } from './toasts.ts';

const most = 4;
/** A good end goes away by itself; what failed stays until somebody has seen it. */
const shownMs = 10_000;

/** Operations as they begin and end, whoever began them. */
export function Toasts() {
  const [operations, setOperations] = useState<readonly Operation[]>([]);
  useEvents('operation', (event) => {
    if (event.type !== 'operation') return;
    const { operation } = event;
    setOperations((before) => [...before.filter(({ id }) => id !== operation.id), operation].slice(-most));
  });
  const close = (id: string): void => setOperations((before) => before.filter((operation) => operation.id !== id));
  return (
    <div className={styles.toasts} role="region" aria-label="Operations" aria-live="polite">
      {operations.map((operation) => (
        <Toast key={operation.id} operation={operation} onClose={() => close(operation.id)} />
      ))}
    </div>
  );
}

function Toast({ operation, onClose }: { readonly operation: Operation; onClose(): void }) {
  const { state, environment } = operation;
  const endsAlone = state === 'changed' || state === 'unchanged';
  useEffect(() => {
    if (!endsAlone) return;
    const timer = setTimeout(onClose, shownMs);
    return () => clearTimeout(timer);
    // The parent makes a new function each time; the time counts from the end of the operation.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [endsAlone]);
  return (
    <div className={classes(styles.toast, styles[state === 'running' ? 'info' : toneOf(state)])} data-state={state}>
      <span className={styles.symbol} aria-hidden="true">
        {symbols[state]}
      </span>
      <span className={styles.text}>
        {operationText(operation)}
        {operation.error === null ? null : <span className={styles.fix}>{operation.error.fix}</span>}{' '}
        <Link href={pathIn(environment, 'releases')}>{state === 'running' ? 'Watch' : 'Releases'}</Link>
      </span>
      <IconButton label="Dismiss" onClick={onClose}>
        <Cross />
      </IconButton>
    </div>
  );
}
