import type { ReactNode } from 'react';
import styles from './Card.module.css';
import { classes } from './classes.ts';

interface CardProps {
  readonly title?: ReactNode;
  /** Beside the title: figures, links, buttons. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** The content reaches the border: tables, charts, logs. */
  readonly flush?: boolean;
  readonly className?: string;
}

export function Card({ title, actions, children, flush = false, className }: CardProps) {
  return (
    <section className={classes(styles.card, className)}>
      {title === undefined ? null : (
        <header className={styles.header}>
          <h2>{title}</h2>
          {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={classes(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}

/** One figure with what it is: `41/s` under `requests`. */
export function Figure({ label, value, note }: { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode }) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd>
        {value}
        {note === undefined ? null : <small>{note}</small>}
      </dd>
    </div>
  );
}

/** A row of figures. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}
