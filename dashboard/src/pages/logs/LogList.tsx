import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';
import { number } from '../../ui/format.ts';
import { Button } from '../../ui/index.ts';
import { startOfDay } from './draw.ts';
import { useKeys } from './keys.ts';
import styles from './LogList.module.css';
import { Line } from './Line.tsx';
import type { LogModel, LogState } from './model.ts';
import { useFresh, useScrolling } from './scrolling.ts';
import type { Selection } from './selection.ts';

interface LogListProps {
  readonly model: LogModel;
  readonly state: LogState;
  readonly selection: Selection;
  readonly isPattern: boolean;
  readonly wrap: boolean;
  readonly follow: boolean;
  readonly isNarrow: boolean;
  /** A line to show; another object shows it again. */
  readonly target: { readonly id: number } | undefined;
  onFollow(follow: boolean): void;
  onCopy(): void;
  /** Next (1) or previous (-1) match. */
  onMatch(step: 1 | -1): void;
}

const wideHeight = 22;
const narrowHeight = 42;

export function LogList(props: LogListProps) {
  const { model, state, selection, isPattern, wrap, follow, isNarrow, target, onFollow, onCopy, onMatch } = props;
  const { view } = state;
  const rowHeight = isNarrow ? narrowHeight : wideHeight;
  const scroller = useRef<HTMLDivElement>(null);
  // Rows keep their keys while their indexes change: a new function with every version says that they may have.
  // oxlint-disable-next-line react/exhaustive-deps
  const keyAt = useCallback((index: number) => view.at(index) ?? -1 - index, [view, state.version]);
  const virtual = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: view.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyAt,
    overscan: 8,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight, wrap]);
  const { onScroll, goTo } = useScrolling({ model, state, virtual, scroller, follow, onFollow });
  const fresh = useFresh(model, state, follow);
  const fit = useCallback(() => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1), [rowHeight]);
  const seen = useCallback(() => {
    const offset = scroller.current?.scrollTop ?? 0;
    return follow ? view.length - 1 : (virtual.getVirtualItemForOffset(offset)?.index ?? 0);
  }, [follow, view, virtual]);
  const onKeyDown = useKeys({ model, state, selection, seen, fit, goTo, onFollow, onCopy, onMatch });
  useTarget(target, model, state, goTo);
  const today = startOfDay(Date.now());
  const revision = isPattern ? state.version : 0;
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="treegrid"
        aria-label="Log lines"
        aria-rowcount={view.length}
        aria-multiselectable="true"
        aria-activedescendant={selection.active === undefined ? undefined : `log-${selection.active}`}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div className={styles.space} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <Line
              key={item.key}
              item={item}
              measure={virtual.measureElement}
              {...{ model, view, selection, revision, wrap, today, onFollow }}
            />
          ))}
        </div>
      </div>
      {follow ? null : <Jump fresh={fresh} onFollow={onFollow} />}
    </div>
  );
}

function Jump({ fresh, onFollow }: { readonly fresh: number; onFollow(follow: boolean): void }) {
  return (
    <div className={styles.jump}>
      <Button kind="primary" small onClick={() => onFollow(true)}>
        Jump to newest{fresh === 0 ? '' : ` (${number(fresh)} new)`}
      </Button>
    </div>
  );
}

/** Goes to a line whenever it is asked for. */
function useTarget(target: LogListProps['target'], model: LogModel, { view }: LogState, goTo: (index: number) => void): void {
  const reached = useRef<LogListProps['target']>(undefined);
  useEffect(() => {
    if (target === undefined || reached.current === target) return;
    const place = model.ring.placeOf(target.id);
    if (place === undefined) return;
    reached.current = target;
    goTo(view.indexFrom(place));
  }, [target, model, view, goTo]);
}
