/** The little statistics that the gates need; pure. */

export interface Histogram {
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** How many fell into each; one more than there are bounds, for what lies beyond. */
  readonly buckets: readonly number[];
}

/** Probability of `bad` or more out of `all`, if each is bad with probability `chance`. */
export function binomialTail(bad: number, all: number, chance: number): number {
  if (bad <= 0 || chance >= 1) return 1;
  if (chance <= 0 || bad > all) return 0;
  if (bad <= all * chance) return 1;
  let term = Math.exp(lnChoose(all, bad) + bad * Math.log(chance) + (all - bad) * Math.log1p(-chance));
  let sum = 0;
  for (let count = bad; count <= all && term > sum * 1e-12; count += 1) {
    sum += term;
    term *= ((all - count) / (count + 1)) * (chance / (1 - chance));
  }
  return Math.min(1, sum);
}

function lnChoose(all: number, some: number): number {
  return lnFactorial(all) - lnFactorial(some) - lnFactorial(all - some);
}

/** Exact for small numbers, else Stirling's series, which is right to more than ten digits there. */
function lnFactorial(number: number): number {
  if (number < 32) {
    let sum = 0;
    for (let factor = 2; factor <= number; factor += 1) sum += Math.log(factor);
    return sum;
  }
  return number * Math.log(number) - number + Math.log(2 * Math.PI * number) / 2 + 1 / (12 * number) - 1 / (360 * number ** 3);
}

/** Evenly spread within its bucket. Infinite beyond the last bound. @param beyond values that are larger than all in the buckets */
export function percentile({ bounds, buckets }: Histogram, beyond: number, share: number): number {
  const all = buckets.reduce((sum, count) => sum + count, 0) + beyond;
  if (all === 0) return 0;
  let below = 0;
  for (const [index, count] of buckets.entries()) {
    const upper = bounds[index] ?? Number.POSITIVE_INFINITY;
    const lower = index === 0 ? 0 : (bounds[index - 1] ?? 0);
    if (count > 0 && below + count >= all * share) return lower + ((upper - lower) * (all * share - below)) / count;
    below += count;
  }
  return Number.POSITIVE_INFINITY;
}

/** How many are certainly above the limit: those in buckets that begin there or later. */
export function countAbove({ bounds, buckets }: Histogram, limit: number): number {
  return buckets.reduce((sum, count, index) => (index > 0 && (bounds[index - 1] ?? 0) >= limit ? sum + count : sum), 0);
}
