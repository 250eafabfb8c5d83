/** Milliseconds until the next attempt: doubles from `first` up to `limit`, anywhere between half and all of it, so that clients do not return together. */
export function backoff(attempt: number, random: number, first = 500, limit = 30_000): number {
  const ceiling = Math.min(limit, first * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * (0.5 + random / 2));
}
