/** The clock by which everything that is shown was recorded. The browser's own may be wrong, or of another machine. */

/** Clocks that differ by less are taken for the same one: the header has whole seconds, and an answer takes its time. */
const toleratedMs = 3000;

let aheadMs = 0;

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}

/**
 * @param date the `Date` header of an answer
 * @param askedAt by this browser's clock; an answer that took long, as over a suspended machine, says nothing about now
 */
export function noteDate(date: string | null, askedAt: number): void {
  const now = Date.now();
  const difference = Date.parse(date ?? '') + 500 - now;
  if (Number.isNaN(difference) || Math.abs(now - askedAt) > toleratedMs) return;
  aheadMs = Math.abs(difference) > toleratedMs ? difference : 0;
}
