import { useCallback, useEffect, useLayoutEffect, useRef, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';

interface Drag {
  pointer: number;
  row: HTMLElement;
  rows: HTMLElement[];
  /** Where the rows lie in the document while nothing has moved yet. */
  boxes: { top: number; height: number }[];
  from: number;
  to: number;
  startY: number;
  clientY: number;
  frame: number;
}

interface DragHandlers {
  onStart: () => void;
  /** `to` is an index of the list without the dragged row; equal to `from` when nothing changed. */
  onEnd: (from: number, to: number) => void;
}

const edge = 70;
const fastest = 14;

/** Dragging a row of a list with mouse, pen or finger. Moves elements directly: no rendering happens until the drop. */
export function useDrag(
  list: RefObject<HTMLElement | null>,
  handlers: DragHandlers,
): (event: ReactPointerEvent<HTMLElement>, index: number) => void {
  const drag = useRef<Drag | null>(null);
  const latest = useRef(handlers);
  useLayoutEffect(() => {
    latest.current = handlers;
  });

  const finish = useCallback((commit: boolean) => {
    const ended = drag.current;
    if (ended === null) return;
    drag.current = null;
    cancelAnimationFrame(ended.frame);
    delete document.documentElement.dataset['dragging'];
    delete ended.row.dataset['dragged'];
    for (const row of ended.rows) row.style.transform = '';
    latest.current.onEnd(ended.from, commit ? ended.to : ended.from);
  }, []);

  useEffect(() => watchPointer(drag, finish), [finish]);

  return useCallback(
    (event, index) => {
      if (event.button !== 0 || list.current === null || drag.current !== null) return;
      event.currentTarget.focus({ preventScroll: true });
      event.preventDefault();
      drag.current = begin(list.current, event, index);
      latest.current.onStart();
      step(drag);
    },
    [list],
  );
}

function begin(list: HTMLElement, event: ReactPointerEvent<HTMLElement>, index: number): Drag | null {
  const rows = [...list.children] as HTMLElement[];
  const row = rows[index];
  if (row === undefined) return null;
  const boxes = rows.map((each) => each.getBoundingClientRect()).map(({ top, height }) => ({ top: top + scrollY, height }));
  document.documentElement.dataset['dragging'] = '';
  row.dataset['dragged'] = '';
  const { pointerId: pointer, clientY } = event;
  return { pointer, row, rows, boxes, from: index, to: index, startY: clientY + scrollY, clientY, frame: 0 };
}

/** Once per frame: scroll when near an edge, put the rows where they belong. */
function step(ref: RefObject<Drag | null>): void {
  const drag = ref.current;
  if (drag === null) return;
  scrollBy(0, scrollSpeed(drag.clientY));
  place(drag);
  drag.frame = requestAnimationFrame(() => step(ref));
}

function scrollSpeed(clientY: number): number {
  if (clientY < edge) return -Math.min(fastest, (edge - clientY) / 4);
  const below = clientY - (innerHeight - edge);
  return below > 0 ? Math.min(fastest, below / 4) : 0;
}

function place(drag: Drag): void {
  const { boxes, from, rows } = drag;
  const own = boxes[from];
  if (own === undefined) return;
  const moved = drag.clientY + scrollY - drag.startY;
  const middle = own.top + own.height / 2 + moved;
  drag.to = boxes.filter(({ top, height }, index) => index !== from && top + height / 2 < middle).length;
  rows.forEach((row, index) => {
    const shift = index === from ? moved : shiftOf(index, from, drag.to) * own.height;
    row.style.transform = shift === 0 ? '' : `translateY(${shift}px)`;
  });
}

function shiftOf(index: number, from: number, to: number): number {
  if (index > from && index <= to) return -1;
  return index < from && index >= to ? 1 : 0;
}

function watchPointer(ref: RefObject<Drag | null>, finish: (commit: boolean) => void): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const own = (event: PointerEvent): boolean => event.pointerId === ref.current?.pointer;
  const move = (event: PointerEvent): void => {
    if (ref.current !== null && own(event)) ref.current.clientY = event.clientY;
  };
  const drop = (event: PointerEvent): void => {
    if (ref.current === null || !own(event)) return;
    ref.current.clientY = event.clientY;
    place(ref.current);
    finish(true);
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || ref.current === null) return;
    event.stopPropagation();
    finish(false);
  };
  addEventListener('pointermove', move, { signal });
  addEventListener('pointerup', drop, { signal });
  addEventListener('pointercancel', () => finish(false), { signal });
  addEventListener('keydown', escape, { signal, capture: true });
  return () => {
    controller.abort();
    finish(false);
  };
}
