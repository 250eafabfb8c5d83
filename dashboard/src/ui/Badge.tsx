import type { ReactNode } from 'react';
import { releaseColour } from '../server/hooks.ts';
import styles from './Badge.module.css';
import { classes } from './classes.ts';
import { toneOf, type Tone } from './tones.ts';

/** @param symbol one of ✓ ✗ ↺ ~ + -, beside the words */
export function Badge({
  tone = 'quiet',
  symbol,
  children,
}: {
  readonly tone?: Tone;
  readonly symbol?: string;
  readonly children: ReactNode;
}) {
  return (
    <span className={classes(styles.badge, styles[tone])}>
      {symbol === undefined ? null : <span aria-hidden="true">{symbol}</span>}
      {children}
    </span>
  );
}

const symbols: Readonly<Record<string, string>> = {
  promoted: '✓',
  done: '✓',
  'rolled back': '↺',
  'taken back': '↺',
};

/** The state in its own word, with its colour. */
export function StateBadge({
  state,
  label,
  tone = toneOf(state),
}: {
  readonly state: string;
  readonly label?: string;
  readonly tone?: Tone;
}) {
  const symbol = symbols[state];
  return (
    <Badge tone={tone} {...(symbol === undefined ? {} : { symbol })}>
      {symbol === undefined ? <span className={styles.dot} aria-hidden="true" /> : null}
      {label ?? state}
    </Badge>
  );
}

/** `release 42`, with the colour that it has everywhere. @param number 0 or absent when it is not known */
export function ReleaseBadge({
  release,
  number,
  brief = false,
}: {
  readonly release: string | null;
  readonly number?: number;
  readonly brief?: boolean;
}) {
  const name = number === undefined || number === 0 ? (release ?? 'none').slice(0, 12) : String(number);
  return (
    <span className={styles.release} title={release ?? undefined}>
      <span className={styles.swatch} style={{ backgroundColor: releaseColour(release) }} aria-hidden="true" />
      {brief ? name : `release ${name}`}
    </span>
  );
}
