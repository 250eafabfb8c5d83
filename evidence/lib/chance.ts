/** Chance that can be repeated: the same seed gives the same numbers (mulberry32). */

export interface Chance {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** So many of them, in their order. */
  sample<T>(items: readonly T[], count: number): T[];
}

export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(draw() * count);
  return {
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    sample: (items, count) => {
      const left = items.map((item, index) => ({ item, index }));
      const taken = Array.from({ length: Math.min(count, items.length) }, () => left.splice(below(left.length), 1)).flat();
      return taken.toSorted((a, b) => a.index - b.index).map(({ item }) => item);
    },
  };
}
