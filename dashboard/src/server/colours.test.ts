import { expect, it } from 'vitest';
import { releaseColour } from './colours.ts';

it('gave two sets of a release the same colour', () => {
  const names = ['aa', 'bI', 'c*', '9d9004b6cd2f', '34cf1c22b1d0', 'a390ddc79c44', 'x', 'y'];
  const colours = names.map(releaseColour);
  expect(new Set(colours).size).toBe(names.length);
  expect(names.map(releaseColour)).toEqual(colours);
});

it('has a colour for every name after all are taken, and a faint one for none', () => {
  expect(releaseColour('one more')).toMatch(/^var\(--release-[1-8]\)$/);
  expect(releaseColour(null)).toBe('var(--text-faint)');
});
