/** Which cell an arrow key goes to; pure. */
import type { Box } from './edges.ts';

type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

export function isArrow(key: string): key is Arrow {
  return key === 'ArrowLeft' || key === 'ArrowRight' || key === 'ArrowUp' || key === 'ArrowDown';
}

/**
 * Left and right go on in reading order; up and down to the nearest cell of another line.
 * @param boxes of all cells in reading order
 * @returns index of the cell; the same one at the border
 */
export function nextCell(boxes: readonly Box[], current: number, key: Arrow): number {
  if (key === 'ArrowLeft') return Math.max(0, current - 1);
  if (key === 'ArrowRight') return Math.min(boxes.length - 1, current + 1);
  const own = boxes[current];
  if (own === undefined) return current;
  const lines = boxes.filter((box) => (key === 'ArrowUp' ? box.top < own.top - 1 : box.top > own.top + 1));
  if (lines.length === 0) return current;
  const top = key === 'ArrowUp' ? Math.max(...lines.map((box) => box.top)) : Math.min(...lines.map((box) => box.top));
  const line = lines.filter((box) => Math.abs(box.top - top) <= 1);
  const nearest = line.reduce((best, box) => (Math.abs(box.left - own.left) < Math.abs(best.left - own.left) ? box : best));
  return boxes.indexOf(nearest);
}
