/** Which replica takes a request: the one with the fewest requests in flight, in turn where several have as few. Pure. */

export interface Candidate {
  readonly draining: boolean;
  readonly inFlight: number;
  /** Monotonic ms; until then it is taken only if no other can be. */
  readonly ejectedUntil: number;
}

/**
 * @param turn where to begin looking; grows with every request
 * @param avoid the candidate that has just failed this request: it gets it again only if there is no other
 */
export function pick<T extends Candidate>(candidates: readonly T[], turn: number, now: number, avoid?: T): T | undefined {
  let best: T | undefined;
  let bestRank = 3;
  const count = candidates.length;
  for (let step = 0; step < count; step++) {
    const candidate = candidates[(turn + step) % count] as T;
    if (candidate.draining) continue;
    const rank = candidate === avoid ? 2 : candidate.ejectedUntil > now ? 1 : 0;
    if (rank < bestRank || (rank === bestRank && best !== undefined && candidate.inFlight < best.inFlight)) {
      best = candidate;
      bestRank = rank;
    }
  }
  return best;
}

/** Which set a request goes to; `drawn` is from 0 to below 100. */
export function setFor(share: number, drawn: number): 'live' | 'next' {
  return drawn < share ? 'next' : 'live';
}
