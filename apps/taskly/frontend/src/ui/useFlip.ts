import { useLayoutEffect, useRef, type RefObject } from 'react';

const stillness = '(prefers-reduced-motion: reduce)';

/** Rows glide to their new place when the order changes. Not when the person has just dropped one there with their own hand (`skipRef`). */
export function useFlip(listRef: RefObject<HTMLElement | null>, skipRef: RefObject<boolean>): void {
  const before = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const now = new Map<string, number>();
    for (const row of (listRef.current?.children ?? []) as Iterable<HTMLElement>) now.set(row.dataset['key'] ?? '', row.offsetTop);
    if (!matchMedia(stillness).matches && !skipRef.current && sameMembers(before.current, now)) glide(listRef.current, before.current, now);
    skipRef.current = false;
    before.current = now;
  });
}

const sameMembers = (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): boolean =>
  before.size === now.size && [...now.keys()].every((key) => before.has(key));

function glide(list: HTMLElement | null, before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): void {
  for (const row of (list?.children ?? []) as Iterable<HTMLElement>) {
    const key = row.dataset['key'] ?? '';
    const distance = (before.get(key) ?? 0) - (now.get(key) ?? 0);
    if (distance !== 0)
      row.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], { duration: 180, easing: 'ease-out' });
  }
}
