import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import styles from './Dialog.module.css';
import { Cross } from './icons.tsx';

interface DialogProps {
  readonly open: boolean;
  onClose(): void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** Buttons at the end, the one that goes on last. */
  readonly footer?: ReactNode;
  /** `side`: at the right edge, for details of what stays visible. */
  readonly place?: 'middle' | 'side';
}

/** Modal: holds the focus, closes with Escape, gives the focus back. */
export function Dialog({ open, onClose, title, description, children, footer, place = 'middle' }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        {/* Radix's own overlay puts a style element into the page, which the policy forbids. */}
        <div className={styles.backdrop} />
        <Radix.Content
          className={classes(styles.dialog, styles[place])}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className={styles.header}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close">
                <Cross />
              </IconButton>
            </Radix.Close>
          </div>
          <div className={styles.body}>
            {description === undefined ? null : <Radix.Description className={styles.description}>{description}</Radix.Description>}
            {children}
          </div>
          {footer === undefined ? null : <div className={styles.footer}>{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
