import { useEffect, useRef, type ReactNode } from 'react';
import { useEnvironmentName } from '../server/hooks.ts';
import styles from './Page.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title. */
  readonly actions?: ReactNode;
  /** Under the title: what this is about, in a line. */
  readonly about?: ReactNode;
  readonly children: ReactNode;
}

/** Set by the navigation: the next page that appears takes the focus, as a page load would. */
let focusNext = false;

export function focusNextPage(): void {
  focusNext = true;
}

/** Every page is one of these: it names the document, and its heading takes the focus when somebody came here. */
export function Page({ title, actions, about, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const environment = useEnvironmentName();
  useEffect(() => {
    document.title = environment === '' ? `${title} · Gantry` : `${title} · ${environment} · Gantry`;
  }, [title, environment]);
  useEffect(() => {
    // A page that arrives late takes nothing from what somebody has opened meanwhile.
    if (focusNext && document.querySelector('[role="dialog"]') === null) heading.current?.focus();
    focusNext = false;
  }, []);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {about === undefined ? null : <p className={styles.about}>{about}</p>}
        </div>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
