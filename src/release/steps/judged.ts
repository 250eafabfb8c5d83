/** Steps in which users judge the next set: a share of them first, then all while the old set stays warm. */
import { pause, platformContext, type Work } from '../work.ts';

/** A share of the requests goes to the next set, and stays only if the gates agree. */
export async function canary(work: Work): Promise<string> {
  const { share, durationMs } = work.settings.canary;
  if (share === 0 || work.live === undefined) return '';
  await work.platform.shift(share, platformContext(work));
  work.exposed = { since: performance.now(), share };
  await pause(durationMs, work.signal);
  return `${share} %`;
}

/** The old set stays warm: going back is one shift. */
export async function bake(work: Work): Promise<string> {
  if (work.live === undefined || work.settings.bakeMs === 0) return '';
  await pause(work.settings.bakeMs, work.signal);
  return '';
}
