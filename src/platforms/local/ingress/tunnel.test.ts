import { expect, it } from 'vitest';
import { FrameBorders } from './tunnel.ts';

function frame(size: number): Buffer {
  const head =
    size < 126
      ? [0x81, size]
      : size < 65_536
        ? [0x82, 126, size >> 8, size & 255]
        : [0x82, 127, 0, 0, 0, 0, (size >>> 24) & 255, (size >>> 16) & 255, (size >>> 8) & 255, size & 255];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size)]);
}

it.each([0, 1, 125, 126, 65_535, 70_000])('finds the end of a frame of %i bytes, however it is cut', (size) => {
  const bytes = Buffer.concat([frame(size), frame(3), frame(size).subarray(0, 1)]);
  const expected = bytes.length - 1;
  for (const step of [1, 2, 3, 7, 1_000, bytes.length]) {
    const borders = new FrameBorders();
    let last = -1;
    for (let at = 0; at < bytes.length; at += step) {
      const border = borders.last(bytes.subarray(at, at + step));
      if (border !== -1) last = at + border;
    }
    expect(last).toBe(expected);
    expect(borders.between).toBe(false);
  }
});
