/**
 * The autoscaler as a pure function: `decide(state, reading, now, settings)` gives what is to be done and the next state. Target tracking
 * on CPU and on requests in flight, whichever asks for more. Out after a few samples, in only when nothing in a long window needed more;
 * whatever is missing or cannot be true holds everything as it is.
 */
import { demandsOf, hasTarget, type Demand, type Sample } from './demand.ts';
import type { Reading, ServiceReading } from './reading.ts';
import type { AutoscalerSettings } from './settings.ts';

/** `from` equals `to` where more was needed and could not be given. */
export interface Decision {
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** What has been seen so far, by service. */
export type AutoscalerState = Readonly<Record<string, Watched>>;

export interface Watched {
  readonly since: number;
  readonly samples: readonly Sample[];
  /** Since when each replica has been ready, by key. */
  readonly ready: Readonly<Record<string, number>>;
  /** What was needed lately, oldest first. */
  readonly needs: readonly { readonly at: number; readonly count: number }[];
  /** How many samples in a row have asked for more. */
  readonly rising: number;
  readonly changedAt: number | undefined;
  /** The last sample had a number that is missing or cannot be true. */
  readonly blind: boolean;
  /** Why more could not be given, and when that was last so. */
  readonly held: { readonly why: Hold; readonly at: number } | undefined;
}

type Hold = 'full' | 'maximum' | 'unmeasured';

/** Everything about one service at one moment. */
interface Moment {
  readonly service: ServiceReading;
  readonly watched: Watched;
  readonly demands: readonly Demand[];
  readonly now: number;
  readonly settings: AutoscalerSettings;
}

interface Verdict {
  readonly watched: Watched;
  readonly decision?: Decision;
}

const rounding = 1e-9;

/** @param now milliseconds, monotonic; a reading that is not later than the last one changes nothing */
export function decide(
  state: AutoscalerState,
  reading: Reading,
  now: number,
  settings: AutoscalerSettings,
): { readonly state: AutoscalerState; readonly decisions: readonly Decision[] } {
  if (!Number.isFinite(now)) return { state, decisions: [] };
  const decisions: Decision[] = [];
  const next: Record<string, Watched> = {};
  let { committed } = reading;
  for (const service of reading.services) {
    if (!isScalable(service)) continue;
    const before = state[service.name];
    if (before !== undefined && !isLater(before, now)) next[service.name] = before;
    else {
      const { watched, decision } = judge(watch(before, service, now, settings), { ...reading, committed }, service, now, settings);
      next[service.name] = watched;
      if (decision === undefined) continue;
      decisions.push(decision);
      committed += Math.max(0, decision.to - decision.from) * service.cost;
    }
  }
  return { state: next, decisions };
}

function isScalable({ scale, pinned, count }: ServiceReading): boolean {
  const sound = [scale.min, scale.max, count].every((value) => Number.isSafeInteger(value) && value >= 0);
  return sound && !pinned && count > 0 && scale.max > scale.min && hasTarget(scale);
}

function isLater({ samples }: Watched, now: number): boolean {
  return now > (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
}

function watch(before: Watched | undefined, service: ServiceReading, now: number, settings: AutoscalerSettings): Watched {
  const known: Watched =
    before !== undefined && continues(before, now, settings) ? before : { ...unseen, since: now, changedAt: before?.changedAt };
  const ready = Object.fromEntries(service.replicas.filter((one) => one.ready).map(({ key }) => [key, known.ready[key] ?? now]));
  const replicas = Object.fromEntries(service.replicas.filter((one) => one.ready).map((one) => [one.key, one]));
  return {
    ...known,
    ready,
    samples: [...known.samples.filter(({ at }) => now - at <= settings.windowMs), { at: now, replicas }],
    needs: known.needs.filter(({ at }) => now - at <= settings.inWindowMs),
  };
}

const unseen = { samples: [], ready: {}, needs: [], rising: 0, blind: false, held: undefined };

/** After a pause (the process was stopped, the machine slept) nothing is known of the time between. */
function continues({ samples }: Watched, now: number, { warmUpMs }: AutoscalerSettings): boolean {
  return now - (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY) <= warmUpMs;
}

function judge(watched: Watched, reading: Reading, service: ServiceReading, now: number, settings: AutoscalerSettings): Verdict {
  const counted = service.replicas.filter(({ key, ready }) => ready && now - (watched.ready[key] ?? now) >= settings.warmUpMs);
  const { found, missing } = demandsOf(service, counted, watched.samples, reading.cores);
  const moment: Moment = { service, watched, demands: found, now, settings };
  const asked = outward(moment);
  if (asked > service.count) return grow(needed(moment, Math.min(asked, service.scale.max)), asked, reading);
  const need = missing === undefined ? inward(moment) : service.count;
  const calm = needed({ ...moment, watched: { ...watched, rising: 0 } }, need);
  if (missing === undefined || counted.length === 0) return shrink(seeing(calm), reading);
  return watched.blind ? hold(calm, 'unmeasured', `${missing} is not measured`) : { watched: { ...calm.watched, blind: true } };
}

function needed(moment: Moment, count: number): Moment {
  return { ...moment, watched: { ...moment.watched, needs: [...moment.watched.needs, { at: moment.now, count }] } };
}

function seeing(moment: Moment): Moment {
  return { ...moment, watched: { ...moment.watched, blind: false } };
}

/** Replicas that the load seen needs for sure, if that is more than there are; else those that there are. */
function outward({ service: { count }, demands, settings }: Moment): number {
  return Math.max(count, ...demands.map(({ least }) => (least > count * (1 + settings.tolerance) ? ceiling(least) : count)));
}

/** Replicas that are enough even if those that could not be measured are busy. */
function inward({ service: { count }, demands, settings }: Moment): number {
  return Math.max(...demands.map(({ most }) => (most < count * (1 - settings.tolerance) ? ceiling(most) : count)));
}

function ceiling(value: number): number {
  return Math.max(1, Math.ceil(value - rounding));
}

function grow(moment: Moment, asked: number, reading: Reading): Verdict {
  const { service, settings } = moment;
  const rising = moment.watched.rising + 1;
  const watched: Watched = { ...moment.watched, rising, blind: false };
  if (rising < settings.outSamples || !hasRested(moment)) return { watched };
  const wanted = Math.min(asked, service.scale.max);
  if (wanted <= service.count) return hold({ ...moment, watched }, 'maximum', `${service.scale.max} is the maximum`);
  const added = Math.min(wanted - service.count, fitting(service, reading, settings));
  if (added === 0) return hold({ ...moment, watched }, 'full', 'machine full');
  return change({ ...moment, watched }, service.count + added, added < wanted - service.count ? '; machine full' : '');
}

/** How many more replicas this machine has cores for. */
function fitting({ cost }: ServiceReading, { cores, committed }: Reading, { reserve }: AutoscalerSettings): number {
  const fits = Math.floor((cores - reserve - committed) / cost + rounding);
  return cost > 0 && fits > 0 && Number.isFinite(fits) ? fits : 0;
}

function shrink(moment: Moment, { operating }: Reading): Verdict {
  const { service, watched, now, settings } = moment;
  const highest = Math.max(...watched.needs.map(({ count }) => count));
  const to = Math.min(Math.max(highest, service.scale.min, 1), service.scale.max);
  const watchedLongEnough = now - watched.since >= settings.inWindowMs;
  if (to >= service.count || operating || !watchedLongEnough || !hasRested(moment)) return { watched };
  return change(moment, to, `; at most ${highest} needed in the last ${duration(settings.inWindowMs)}`);
}

function hasRested({ watched: { changedAt }, now, settings }: Moment): boolean {
  return changedAt === undefined || now - changedAt >= settings.pauseMs;
}

function change({ service, watched, demands, now }: Moment, to: number, remark: string): Verdict {
  return {
    watched: { ...watched, rising: 0, changedAt: now, held: undefined },
    decision: { service: service.name, from: service.count, to, reason: `${spoken(demands)}${remark}` },
  };
}

/** Said once, and again when it comes back after a long time. */
function hold({ service, watched, demands, now, settings }: Moment, why: Hold, words: string): Verdict {
  const { held } = watched;
  const isKnown = held?.why === why && now - held.at <= settings.inWindowMs;
  const next: Watched = { ...watched, held: { why, at: now } };
  const numbers = demands.length === 0 ? '' : ` (${spoken(demands)})`;
  const reason = `held: ${words}${numbers}`;
  return { watched: next, ...(isKnown ? {} : { decision: { service: service.name, from: service.count, to: service.count, reason } }) };
}

function spoken(demands: readonly Demand[]): string {
  return demands.map(({ words }) => words).join(', ');
}

function duration(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
}
