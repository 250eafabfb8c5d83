import { expect, it } from 'vitest';
import { nextCell } from './nearest.ts';

const box = (left: number, top: number) => ({ left, top, width: 10, height: 10 });
const cells = [box(0, 0), box(20, 0), box(40, 0), box(0, 20), box(30, 20)];

it('goes on in reading order', () => {
  expect(nextCell(cells, 2, 'ArrowRight')).toBe(3);
  expect(nextCell(cells, 3, 'ArrowLeft')).toBe(2);
  expect(nextCell(cells, 0, 'ArrowLeft')).toBe(0);
  expect(nextCell(cells, 4, 'ArrowRight')).toBe(4);
});

it('goes to the nearest cell of the next line', () => {
  expect(nextCell(cells, 2, 'ArrowDown')).toBe(4);
  expect(nextCell(cells, 4, 'ArrowUp')).toBe(1);
  expect(nextCell(cells, 0, 'ArrowUp')).toBe(0);
  expect(nextCell(cells, 3, 'ArrowDown')).toBe(3);
});
