/**
 * The comparison of both sets' numbers that may stop a release; pure. A difference counts only when chance does not explain it: one failure
 * in fifty is no verdict. Chance is judged by the binomial distribution: how likely are so many bad requests, or more, if the next set were
 * just as bad as is still allowed? Looked at every moment, a good release gets many chances to look bad, so the bar is higher on the way
 * than at the end.
 */
import type { GateLimits, SetFigures } from '../platforms/platform.ts';
import { binomialTail, percentile, countAbove, type Histogram } from './gate-numbers.ts';
import type { EffectiveSettings } from './settings.ts';

/** What one set has done for a while. */
export interface Window extends Histogram {
  readonly requests: number;
  /** Answers 5xx, and answers that were cut. */
  readonly failed: number;
  /** Answers 4xx; 0 where they are not told apart. */
  readonly refused: number;
  /** Requests that have waited for a second or longer and still have no answer. They count as slow. */
  readonly waiting: number;
  /** How many of the requests were our own, about: harmless, quick, and so many that they may hide what few users meet. */
  readonly probes: number;
}

export type Verdict =
  | { readonly verdict: 'go' }
  /** Too few requests to judge by; so many are missing. */
  | { readonly verdict: 'more'; readonly live: number; readonly next: number }
  | { readonly verdict: 'stop'; readonly reason: string };

/** early: while it goes on. end: the last word. */
export type Moment = 'early' | 'end';

/** Requests without which nothing is said. */
export const leastRequests = 50;

/** How likely a good release may be stopped by chance, at each look, and how many bad requests it takes at least. */
const proof: Readonly<Record<Moment, Proof>> = {
  early: { chance: 0.001, least: 5 },
  end: { chance: 0.01, least: 3 },
};

/**
 * Refusals (4xx) are the client's doing as a rule, and one client may cause many, so only a gross difference speaks against a release: a route
 * that is missing, a sign-in that nobody passes. Sets that serve the same users at the same time are compared soonest; with what was before,
 * only at the end, where a burst of somebody's weighs little.
 */
const refusals = {
  beside: { more: 0.1, early: { chance: 1e-6, least: 12 }, end: { chance: 1e-4, least: 8 } },
  before: { more: 0.25, early: undefined, end: { chance: 1e-6, least: 20 } },
} as const;

/** The share of requests that may take longer than the limit: what a 95th percentile says. */
const slowShare = 0.05;
/** Fewer milliseconds between both percentiles are noise: another moment of the same program, a cold cache. */
const latencyFloorMs = 50;

/** @param beside both windows are of the same time */
export function judgeSets(live: Window, next: Window, gates: EffectiveSettings['gates'], moment: Moment, beside = true): Verdict {
  const reason =
    worseErrors(live, next, gates.errorRate / 100, moment) ??
    worseLatency(live, next, gates.latencyFactor, moment) ??
    stuckUsers(live, next, gates.latencyFactor) ??
    moreRefused(live, next, moment, refusals[beside ? 'beside' : 'before']);
  if (reason !== undefined) return { verdict: 'stop', reason };
  const missing = { live: leastRequests - live.requests, next: leastRequests - next.requests };
  if (missing.live <= 0 && missing.next <= 0) return { verdict: 'go' };
  return { verdict: 'more', live: Math.max(0, missing.live), next: Math.max(0, missing.next) };
}

function worseErrors(live: Window, next: Window, allowed: number, moment: Moment): string | undefined {
  const limit = errorRate(live) + allowed;
  if (errorRate(next) <= limit || !isProven(next.failed, next.requests, limit, proof[moment])) return undefined;
  return `${next.failed} of ${next.requests} requests failed (${percent(errorRate(next))}), on the old set ${live.failed} of ${live.requests} (${percent(errorRate(live))}); ${percent(allowed)} more is allowed`;
}

function moreRefused(
  live: Window,
  next: Window,
  moment: Moment,
  { more, [moment]: bar }: (typeof refusals)[keyof typeof refusals],
): string | undefined {
  const rate = ({ requests, refused }: Window): number => (requests === 0 ? 0 : refused / requests);
  const limit = rate(live) + more;
  if (bar === undefined || rate(next) <= limit || !isProven(next.refused, next.requests, limit, bar)) return undefined;
  return `${next.refused} of ${next.requests} requests were refused with 4xx (${percent(rate(next))}), on the old set ${live.refused} of ${live.requests} (${percent(rate(live))})`;
}

/** Only requests that certainly took longer than the limit count: the histogram knows times up to the width of its buckets. */
function worseLatency(live: Window, next: Window, factor: number, moment: Moment): string | undefined {
  const { old, limit } = latencyLimit(live, factor);
  if (!Number.isFinite(limit) || (moment === 'early' && next.requests < leastRequests)) return undefined;
  const all = next.requests + next.waiting;
  const slow = countAbove(next, limit) + (limit <= 1_000 ? next.waiting : 0);
  if (slow <= all * slowShare || !isProven(slow, all, slowShare, proof[moment])) return undefined;
  const waits = next.waiting === 0 ? '' : `, ${next.waiting} still without an answer`;
  return `${slow} of ${all} requests took longer than ${Math.round(limit)} ms${waits}; the 95th percentile of the old set is ${Math.round(old)} ms, and ${factor} times that is allowed`;
}

/**
 * Users who wait do not ask again: where an answer never comes there are soon few requests but our own. So users are looked at alone as well;
 * as they are few, and may be doing something else than those before, only a gross difference counts.
 */
function stuckUsers(live: Window, next: Window, factor: number): string | undefined {
  const before = usersOf(live);
  const { old, limit } = latencyLimit(before, factor);
  if (before.requests < stuck.leastBefore || limit > 1_000) return undefined;
  const slow = countAbove(next, limit) + next.waiting;
  const all = Math.max(usersOf(next).requests + next.waiting, slow);
  if (slow <= all * stuck.share || !isProven(slow, all, slowShare, stuck)) return undefined;
  return `of about ${all} requests of users ${slow} took longer than ${Math.round(limit)} ms, ${next.waiting} of them still without an answer; the 95th percentile of the old set is ${Math.round(old)} ms`;
}

const stuck = { share: 0.25, chance: 1e-6, least: 8, leastBefore: 20 } as const;

/** Without requests of our own, which are taken for the quickest. */
function usersOf(window: Window): Window {
  let left = Math.round(window.probes);
  const buckets = window.buckets.map((count) => {
    const own = Math.min(count, left);
    left -= own;
    return count - own;
  });
  return { ...window, probes: 0, requests: Math.max(0, window.requests - Math.round(window.probes)), buckets };
}

/** Infinite when the old set is too slow itself, or has too few requests, to say what is slow. */
function latencyLimit(live: Window, factor: number): { readonly old: number; readonly limit: number } {
  const old = p95(live);
  const limit = live.requests === 0 ? Number.POSITIVE_INFINITY : Math.max(old * factor, old + latencyFloorMs);
  return { old, limit };
}

interface Proof {
  readonly chance: number;
  readonly least: number;
}

function isProven(bad: number, all: number, allowed: number, { chance, least }: Proof): boolean {
  return bad >= least && binomialTail(bad, all, Math.min(1, allowed)) <= chance;
}

function errorRate({ requests, failed }: Window): number {
  return requests === 0 ? 0 : failed / requests;
}

/** 95th percentile, ms; requests without an answer are beyond every bound. */
export function p95(window: Window): number {
  return percentile(window, window.waiting, 1 - slowShare);
}

/** What people and the record get to see of a window. */
export function figures(window: Window): SetFigures {
  const slowest = p95(window);
  return {
    requests: window.requests,
    failed: window.failed,
    errorRate: inPercent(errorRate(window)),
    p95Ms: window.requests > 0 && Number.isFinite(slowest) ? Math.round(slowest) : null,
  };
}

/** What people and the record get to see of how bad the next set may be. */
export function limits(live: Window, gates: EffectiveSettings['gates']): GateLimits {
  const { limit } = latencyLimit(live, gates.latencyFactor);
  const allowed = Math.min(1, errorRate(live) + gates.errorRate / 100);
  return { errorRate: inPercent(allowed), p95Ms: Number.isFinite(limit) ? Math.round(limit) : null };
}

function inPercent(share: number): number {
  return Math.round(share * 10_000) / 100;
}

/** `error 0.00 % (old 0.00 %)  p95 41 ms (old 43 ms)` */
export function figuresLine(live: SetFigures, next: SetFigures): string {
  const time = ({ p95Ms }: SetFigures): string => (p95Ms === null ? 'not known' : `${p95Ms} ms`);
  return `error ${next.errorRate.toFixed(2)} % (old ${live.errorRate.toFixed(2)} %)  p95 ${time(next)} (old ${time(live)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
