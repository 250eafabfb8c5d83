/** A replica that was disturbed on purpose, followed until it is well again; pure. */
import type { Measured, Replica, Status } from '../../../../src/server/api/index.ts';
import { duration, latency, number } from '../../ui/format.ts';

export type How = 'kill' | 'freeze' | 'slow';

export interface Disturbed {
  readonly kind: How;
  readonly replica: string;
  /** ms since 1970, as are all times here. */
  readonly at: number;
  /** What the server said would happen. */
  readonly said: string;
  readonly restartsBefore: number;
  /** Of all requests, before it was disturbed; null when there were none. */
  readonly p99Before: number | null;
  readonly goneAt: number | null;
  readonly backAt: number | null;
  /** How its process ended: `SIGKILL`. */
  readonly detail: string;
  readonly requests: number;
  readonly failed: number;
  /** The worst meanwhile. */
  readonly p99: number | null;
  /** The newest sample that was counted. */
  readonly countedTo: number;
  /** Nothing more is counted. */
  readonly isOver: boolean;
}

/** So long a slow replica gets a fraction of its time. */
export const slowMs = 30_000;
/** The numbers of the last seconds come a little later. */
const lastNumbersMs = 5_000;
/** Nobody waits longer for a replica. */
const longestMs = 180_000;

export function begin(kind: How, replica: Replica, said: string, at: number, p99Before: number | null): Disturbed {
  const nothingYet = { goneAt: null, backAt: null, detail: '', requests: 0, failed: 0, p99: null, countedTo: at, isOver: false };
  return { kind, replica: replica.id, at, said, restartsBefore: replica.restarts, p99Before, ...nothingYet };
}

/** Where the replica stands now. */
export function withStatus(one: Disturbed, { at, place }: Pick<Status, 'at' | 'place'>): Disturbed {
  if (one.isOver || one.backAt !== null || place === null) return one;
  const replica = replicasIn(place).find(({ id }) => id === one.replica);
  if (replica === undefined) return at - one.at > lastNumbersMs ? { ...one, goneAt: one.goneAt ?? at, isOver: true } : one;
  const isAnother = replica.restarts > one.restartsBefore;
  if (replica.state === 'ready' && isAnother)
    return { ...one, goneAt: one.goneAt ?? one.at, backAt: readyAt(replica, one.at, at), detail: replica.detail ?? '' };
  if (replica.state !== 'ready' && at > one.at) return { ...one, goneAt: one.goneAt ?? at, detail: replica.detail ?? one.detail };
  return one;
}

/** As exactly as the platform knows it. */
function readyAt({ since, readyMs }: Replica, after: number, seen: number): number {
  const at = readyMs === undefined ? seen : Date.parse(since) + readyMs;
  return at > after && at <= seen + 1000 ? at : seen;
}

export function replicasIn(place: NonNullable<Status['place']>): Replica[] {
  return [...place.services, ...(place.next?.services ?? [])].flatMap(({ replicas }) => [...replicas]);
}

/** What users noticed meanwhile. */
export function withSample(one: Disturbed, sample: Measured): Disturbed {
  const end = endOf(one) ?? Number.POSITIVE_INFINITY;
  if (one.isOver || sample.at <= one.countedTo || sample.at - sample.overMs >= end) return one;
  const seconds = sample.overMs / 1000;
  const { perSecond, errors, p99 } = sample.total;
  return {
    ...one,
    countedTo: sample.at,
    requests: one.requests + perSecond * seconds,
    failed: one.failed + errors * seconds,
    p99: p99 === null ? one.p99 : Math.max(one.p99 ?? 0, p99),
  };
}

/** When its effect ended; null while it lasts. A slow replica that was replaced is well again as well. */
function endOf({ kind, at, backAt }: Disturbed): number | null {
  return backAt ?? (kind === 'slow' ? at + slowMs : null);
}

/** Ends what has been looked at for long enough. */
export function settled(one: Disturbed, now: number): Disturbed {
  const end = endOf(one) ?? one.at + longestMs;
  return !one.isOver && now > end + lastNumbersMs ? { ...one, isOver: true } : one;
}

const verbs: Readonly<Record<How, string>> = { kill: 'killed', freeze: 'frozen', slow: 'slowed down' };

/** `backend-3f9a-1 was killed` */
export function titleOf({ kind, replica }: Disturbed): string {
  return `${replica} was ${verbs[kind]}`;
}

/** What has happened so far. */
export function storyOf(one: Disturbed, now: number): string {
  const { kind, at, goneAt, backAt, detail, isOver } = one;
  if (backAt !== null) {
    const how = detail === '' ? '' : ` (${detail})`;
    return `✓ Another process took its place${how}: ready again ${duration(Math.max(0, backAt - at))} after it was ${verbs[kind]}.`;
  }
  if (kind === 'slow')
    return now < at + slowMs ? `It is slow for ${Math.ceil((at + slowMs - now) / 1000)} s more.` : '✓ It gets all of its time again.';
  if (isOver)
    return goneAt === null
      ? 'Nothing happened to it that could be seen.'
      : 'It did not come back: a release or a scaling took its place away.';
  const waited = duration(Math.max(0, now - at));
  if (goneAt === null)
    return kind === 'freeze' ? `It stands still. Its health check has not noticed yet: ${waited}.` : `Waiting for it to go: ${waited}.`;
  return `It is gone; another process is on its way: ${waited}.`;
}

/** What users noticed, in numbers. */
export function noticedOf({ kind, requests, failed, p99, p99Before }: Disturbed): string {
  const all = Math.round(requests);
  if (all === 0) return 'Nobody has used the app meanwhile, so nothing could fail. Open it in another tab, use it, and try again.';
  const figures = `${number(Math.round(failed))} of ${number(all)} requests failed meanwhile`;
  if (p99 === null) return `${figures}.`;
  const before = p99Before === null ? '' : `, before it ${latency(p99Before)}`;
  return kind === 'slow' || p99 > (p99Before ?? 0) * 2 ? `${figures}; p99 was at worst ${latency(p99)}${before}.` : `${figures}.`;
}
