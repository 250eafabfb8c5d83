import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

interface Place {
  key: string;
  index: number;
  part: string;
}

/**
 * Keeps the focus in a list whose rows move and vanish: on the same part of the same row, or, when that row is gone, on the
 * one that took its place; on `fallback` when the list is empty.
 */
export function useKeptFocus(listRef: RefObject<HTMLElement | null>, fallbackRef: RefObject<HTMLElement | null>): void {
  const place = useRef<Place | null>(null);
  useEffect(() => watchFocus(listRef, place), [listRef]);
  useLayoutEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (place.current === null || !lost || listRef.current === null) return;
    const rows = [...listRef.current.children] as HTMLElement[];
    const same = rows.find((row) => row.dataset['key'] === place.current?.key);
    const target = same ?? rows[Math.min(place.current.index, rows.length - 1)];
    if (target === undefined) fallbackRef.current?.focus();
    else focusPart(target, same === undefined ? 'title' : place.current.part);
  });
}

export function focusPart(row: HTMLElement, part: string): void {
  (row.querySelector<HTMLElement>(`[data-part="${part}"]`) ?? row.querySelector<HTMLElement>('[data-part="title"]'))?.focus();
}

function watchFocus(list: RefObject<HTMLElement | null>, place: RefObject<Place | null>): () => void {
  const remember = (event: FocusEvent): void => {
    const target = event.target as HTMLElement;
    const row = list.current?.contains(target) === true ? target.closest<HTMLElement>('[data-key]') : null;
    place.current = row === null ? null : placeOf(row, target);
  };
  const forget = (event: PointerEvent): void => {
    if (!(event.target instanceof Node && list.current?.contains(event.target))) place.current = null;
  };
  document.addEventListener('focusin', remember);
  document.addEventListener('pointerdown', forget);
  return () => {
    document.removeEventListener('focusin', remember);
    document.removeEventListener('pointerdown', forget);
  };
}

function placeOf(row: HTMLElement, target: HTMLElement): Place {
  const index = [...(row.parentElement?.children ?? [])].indexOf(row);
  return { key: row.dataset['key'] ?? '', index, part: target.closest<HTMLElement>('[data-part]')?.dataset['part'] ?? 'title' };
}
