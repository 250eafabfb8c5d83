import { useEffect, type KeyboardEvent, type RefObject } from 'react';
import { isArrow, nextCell } from './nearest.ts';

/** Of all replicas one can be reached with Tab; from there the arrow keys go on. */
export function useReplicaKeys(area: RefObject<HTMLElement | null>): (event: KeyboardEvent) => void {
  useEffect(() => {
    const cells = cellsIn(area.current);
    if (!cells.some(({ tabIndex }) => tabIndex === 0)) makeReachable(cells, cells[0]);
  });
  return (event) => {
    if (!isArrow(event.key)) return;
    const cells = cellsIn(area.current);
    const current = cells.indexOf(event.target as HTMLElement);
    if (current === -1) return;
    event.preventDefault();
    const boxes = cells.map((cell) => cell.getBoundingClientRect());
    const target = cells[nextCell(boxes, current, event.key)];
    makeReachable(cells, target);
    target?.focus();
  };
}

function cellsIn(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[data-replica]') ?? [])];
}

function makeReachable(cells: readonly HTMLElement[], one: HTMLElement | undefined): void {
  for (const cell of cells) if (cell.tabIndex === 0) cell.tabIndex = -1;
  if (one !== undefined) one.tabIndex = 0;
}
