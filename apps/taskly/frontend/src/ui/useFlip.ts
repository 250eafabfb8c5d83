import { useLayoutEffect, useRef, type RefObject } from 'react';

const stillness = '(prefers-reduced-motion: reduce)';

/** Rows glide to their new place when the order changes. `skip` is the row that the person dropped there with their own hand. */
export function useFlip(list: RefObject<HTMLElement | null>, keys: readonly string[], skip: RefObject<string | null>): void {
  const before = useRef(new Map<string, number>());
  const order = keys.join(' ');
  useLayoutEffect(() => {
    const now = new Map<string, number>();
    for (const row of (list.current?.children ?? []) as Iterable<HTMLElement>) now.set(row.dataset['key'] ?? '', row.offsetTop);
    if (!matchMedia(stillness).matches && sameMembers(before.current, now)) glide(list.current, before.current, now, skip.current);
    skip.current = null;
    before.current = now;
  }, [order, list, skip]);
}

const sameMembers = (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): boolean =>
  before.size === now.size && [...now.keys()].every((key) => before.has(key));

function glide(list: HTMLElement | null, before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>, skip: string | null): void {
  if (skip !== null) return;
  for (const row of (list?.children ?? []) as Iterable<HTMLElement>) {
    const key = row.dataset['key'] ?? '';
    const distance = (before.get(key) ?? 0) - (now.get(key) ?? 0);
    if (distance !== 0)
      row.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], { duration: 180, easing: 'ease-out' });
  }
}
