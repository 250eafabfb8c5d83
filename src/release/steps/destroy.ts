/** Takes everything of an environment away: sets first, then what they needed. */
import { takeAway, type Work } from '../work.ts';

/** The journal says `destroying` already, so that whoever comes after a crash goes on. */
export async function destroyAll(work: Work): Promise<void> {
  const sets = work.live === undefined ? {} : { live: work.live };
  await takeAway(work, sets, ['release'], 'destroy');
  await takeAway(work, sets, ['foundation'], 'destroy');
  await work.journal.add({ type: 'destroyed' });
}
