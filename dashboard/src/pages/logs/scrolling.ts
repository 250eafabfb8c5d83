import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import type { LogModel, LogState } from './model.ts';
import type { View } from './view.ts';

type Rows = Virtualizer<HTMLDivElement, HTMLDivElement>;

interface ScrollingOptions {
  readonly model: LogModel;
  readonly state: LogState;
  readonly virtual: Rows;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly follow: boolean;
  onFollow(follow: boolean): void;
}

interface Scrolling {
  onScroll(): void;
  /** Shows the row, and stays there. */
  goTo(index: number): void;
}

/** The row at the upper edge, and how much of it is above. */
interface Anchor {
  readonly place: number;
  readonly hidden: number;
}

/** From so far up, older lines are fetched. */
const nearTop = 400;

/** Stays at the end while that is wanted, and else where somebody reads, however many rows come and go above and below. */
export function useScrolling({ model, state, virtual, scroller, follow, onFollow }: ScrollingOptions): Scrolling {
  const { view, version } = state;
  const last = useRef(0);
  const going = useRef(0);
  const anchor = useRef<Anchor>(undefined);
  const total = virtual.getTotalSize();

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !follow) return;
    scrollNow(element, element.scrollHeight - element.clientHeight);
    last.current = element.scrollTop;
  }, [scroller, follow, version, total]);

  useLayoutEffect(() => {
    const element = scroller.current;
    const kept = anchor.current;
    if (element === null || follow || kept === undefined || view.length === 0) return;
    const start = virtual.measurementsCache[Math.min(view.indexFrom(kept.place), view.length - 1)]?.start;
    if (start === undefined || Math.abs(start + kept.hidden - element.scrollTop) < 1) return;
    scrollNow(element, start + kept.hidden);
    last.current = element.scrollTop;
    // Only what changes the rows moves them; `follow` and `virtual` do not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [view, version]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const [before, left] = [last.current, scrollHeight - clientHeight - scrollTop];
    last.current = scrollTop;
    const first = virtual.getVirtualItemForOffset(scrollTop);
    const place = first === undefined ? undefined : view.at(first.index);
    anchor.current = first === undefined || place === undefined ? undefined : { place, hidden: scrollTop - first.start };
    if (follow && scrollTop < before - 2 && left > 30) onFollow(false);
    if (!follow && scrollTop > before + 2 && left < 2 && performance.now() > going.current) onFollow(true);
    if (!follow && scrollTop < nearTop && scrollTop < before && state.more) void model.older();
  }, [scroller, virtual, view, follow, onFollow, model, state.more]);

  const newest = useRef({ view, virtual });
  newest.current = { view, virtual };
  const goTo = useCallback(
    (index: number) => {
      const place = newest.current.view.at(index);
      if (place === undefined) return;
      going.current = performance.now() + 300;
      onFollow(false);
      // Once more when it is drawn: a row that was opened, or is seen for the first time, is higher then.
      for (let frame = 0; frame <= 5; frame++) afterFrames(frame, () => reveal(scroller.current, newest.current, place));
    },
    [scroller, onFollow],
  );
  return { onScroll, goTo };
}

/** Rows beyond the edge that are drawn already. */
const drawnBeyond = 150;

/** The event comes a frame after the scrolling; far away nothing would be seen until then. */
function scrollNow(element: HTMLElement, top: number): void {
  const isFar = Math.abs(element.scrollTop - top) > drawnBeyond;
  element.scrollTop = top;
  if (isFar) element.dispatchEvent(new Event('scroll'));
}

function afterFrames(count: number, then: () => void): void {
  if (count === 0) then();
  else requestAnimationFrame(() => afterFrames(count - 1, then));
}

/** Scrolls as little as it takes. The virtualizer's own way goes by index, and another row may have it a moment later. */
function reveal(element: HTMLElement | null, { view, virtual }: { readonly view: View; readonly virtual: Rows }, place: number): void {
  const row = virtual.measurementsCache[view.indexFrom(place)];
  if (element === null || row === undefined) return;
  const { scrollTop, clientHeight } = element;
  if (row.start < scrollTop || row.size > clientHeight) element.scrollTop = row.start;
  else if (row.end > scrollTop + clientHeight) element.scrollTop = row.end - clientHeight;
}

/** Rows that came since somebody stopped following. */
export function useFresh(model: LogModel, { view }: LogState, follow: boolean): number {
  const mark = useRef(0);
  useEffect(() => {
    mark.current = model.ring.end;
  }, [model, follow]);
  return follow ? 0 : Math.max(0, view.length - view.indexFrom(mark.current));
}
