/** Steps in which users judge the next set: a share of them first, then all while the old set stays warm. */
import { GateWatch } from '../gate-watch.ts';
import { counted, lifetime } from '../gate-window.ts';
import { leastRequests, type Window } from '../gate.ts';
import { platformContext, type Work } from '../work.ts';

/** A share of the requests goes to the next set, and stays only if the gates agree. @throws GantryError GR4001, GR4002 */
export async function canary(work: Work): Promise<string> {
  const { share, durationMs } = work.settings.canary;
  const { live, next } = work;
  if (share === 0 || live === undefined || next === undefined) return '';
  const watch = await GateWatch.begin(work, { live, next }, { step: 'canary', share, durationMs });
  await work.platform.shift(share, platformContext(work));
  work.exposed = { since: performance.now(), share };
  const { live: baseline, message } = await watch.run();
  work.baseline = baseline;
  return message;
}

/** The old set stays warm: going back is one shift. The next set must stay as good as the old one was. @throws GantryError GR4001, GR4002 */
export async function bake(work: Work): Promise<string> {
  const { bakeMs: durationMs } = work.settings;
  const { live, next } = work;
  if (durationMs === 0 || live === undefined || next === undefined) return '';
  const baseline = await oldNumbers(work, live.id);
  const watch = await GateWatch.begin(work, { live, next }, { step: 'bake', share: 100, durationMs, baseline });
  return (await watch.run()).message;
}

/** Those of the canary; without one, everything that the old set has done since it serves. Undefined where nobody knows. */
async function oldNumbers(work: Work, release: string): Promise<Window | undefined> {
  if (work.baseline !== undefined && work.baseline.requests >= leastRequests) return work.baseline;
  const metrics = await work.platform.metrics(platformContext(work), { usage: false }).catch(() => undefined);
  return metrics === undefined || 'unsupported' in metrics ? undefined : lifetime(counted(metrics, 'live', release));
}
