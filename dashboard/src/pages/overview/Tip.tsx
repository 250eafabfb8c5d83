import { useEffect, useState, type RefObject } from 'react';
import styles from './Topology.module.css';

interface Shown {
  readonly words: string;
  readonly left: number;
  readonly top: number;
}

const width = 280;

/** The words of the cell that has the pointer or the focus; one for all of them. */
export function Tip({ area }: { readonly area: RefObject<HTMLElement | null> }) {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    const root = area.current;
    if (root === null) return;
    const show = (event: Event): void => setShown(tipOf(event.target as Element));
    const hide = (): void => setShown(undefined);
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') hide();
    };
    const handlers = [
      ['pointerover', show],
      ['focusin', show],
      ['pointerleave', hide],
      ['focusout', hide],
      ['click', hide],
    ] as const;
    for (const [type, handler] of handlers) root.addEventListener(type, handler);
    root.addEventListener('keydown', onKey);
    window.addEventListener('scroll', hide, { passive: true });
    return () => {
      for (const [type, handler] of handlers) root.removeEventListener(type, handler);
      root.removeEventListener('keydown', onKey);
      window.removeEventListener('scroll', hide);
    };
  }, [area]);
  if (shown === undefined) return null;
  return (
    <div className={styles.tip} style={{ left: shown.left, top: shown.top, maxWidth: width }} aria-hidden="true">
      {shown.words}
    </div>
  );
}

function tipOf(target: Element): Shown | undefined {
  const cell = target.closest<HTMLElement>('[data-words]');
  if (cell === null) return undefined;
  const box = cell.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, window.innerWidth - width - 24));
  return { words: cell.dataset['words'] ?? '', left, top: box.bottom + 6 };
}
