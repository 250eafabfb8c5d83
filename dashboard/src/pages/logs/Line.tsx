import type { VirtualItem } from '@tanstack/react-virtual';
import type { MouseEvent } from 'react';
import { classes } from '../../ui/index.ts';
import styles from './LogList.module.css';
import { LogRow } from './LogRow.tsx';
import type { LogModel } from './model.ts';
import type { Selection } from './selection.ts';
import type { View } from './view.ts';

interface LineProps {
  readonly item: VirtualItem;
  readonly model: LogModel;
  readonly view: View;
  readonly selection: Selection;
  /** Rises when the matcher knows more. */
  readonly revision: number;
  readonly wrap: boolean;
  /** Start of this day, ms. */
  readonly today: number;
  measure(element: HTMLDivElement | null): void;
  onFollow(follow: boolean): void;
}

/** One row of the list, where it belongs. */
export function Line({ item, model, view, selection, revision, wrap, today, measure, onFollow }: LineProps) {
  const place = view.at(item.index);
  if (place === undefined) return null;
  const row = model.ring.row(place);
  const isOpen = selection.isOpen(row.id);
  const isLine = row.skipped === 0;
  const onClick = (event: MouseEvent): void => {
    // Whoever marks text with the mouse wants to copy it, not to open the line.
    if (window.getSelection()?.isCollapsed === false && !event.shiftKey) return;
    const isInside = event.target instanceof Element && event.target.closest('dl') !== null;
    selection.pick(row.id, event.shiftKey);
    onFollow(false);
    if (!event.shiftKey && !isInside && isLine) selection.setOpen(row.id, !isOpen);
  };
  return (
    <div
      ref={measure}
      data-index={item.index}
      id={`log-${row.id}`}
      role="row"
      aria-level={1}
      aria-rowindex={item.index + 1}
      aria-selected={selection.has(row.id)}
      aria-expanded={isLine ? isOpen : undefined}
      className={classes(
        styles.row,
        isOpen && styles.open,
        selection.has(row.id) && styles.picked,
        selection.active === row.id && styles.active,
      )}
      style={{ transform: `translateY(${item.start}px)` }}
      onClick={onClick}
    >
      <span className={styles.sign} aria-hidden="true">
        {isLine ? (isOpen ? '-' : '+') : '~'}
      </span>
      <LogRow row={row} matcher={view.matcher} revision={revision} isOpen={isOpen} wrap={wrap} today={today} />
    </div>
  );
}
