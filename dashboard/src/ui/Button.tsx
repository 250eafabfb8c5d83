import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './Button.module.css';
import { classes } from './classes.ts';

interface Look {
  /** `plain` has no border; `danger` takes something away. */
  readonly kind?: 'primary' | 'secondary' | 'plain' | 'danger';
  readonly small?: boolean;
}

function look({ kind = 'secondary', small = false }: Look, className?: string): string {
  return classes(styles.button, styles[kind], small && styles.small, className);
}

/** `busy` keeps its width and cannot be pressed again. */
export function Button({
  kind,
  small,
  busy = false,
  disabled,
  className,
  ...rest
}: ComponentProps<'button'> & Look & { readonly busy?: boolean }) {
  const { kind: _kind, ...attributes } = { kind, ...rest };
  return (
    <button
      type="button"
      {...attributes}
      className={look({ ...(kind && { kind }), ...(small && { small }) }, className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
    />
  );
}

/** A link that looks like a button. */
export function LinkButton({ href, children, kind, small }: Look & { readonly href: string; readonly children: ReactNode }) {
  return (
    <Link href={href} className={look({ ...(kind && { kind }), ...(small && { small }) })}>
      {children}
    </Link>
  );
}

/** A symbol alone; `label` says what it does. */
export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { readonly label: string }) {
  return <button type="button" {...rest} aria-label={label} title={label} className={classes(styles.icon, className)} />;
}
