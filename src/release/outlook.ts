/** What a deploy would change, for who asks beforehand: nothing is locked, and nothing is left behind. */
import type { Change } from '../engines/engine.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { liveRelease } from './journal.ts';
import type { Past } from './past.ts';
import { losesData, planned, wanted, type PlanInput } from './plan.ts';
import { platformContext } from './work.ts';

export interface Outlook<Harm> {
  /** Serves now; undefined before the first. */
  readonly live: ReleaseRef | undefined;
  /** Of the one that serves; 0 before the first. */
  readonly number: number;
  /** What would be released, as far as it is known before anything is built. */
  readonly next: ReleaseRef;
  /** Without the app running, all of it would be started. */
  readonly running: boolean;
  readonly changes: readonly Change[];
  /** New migrations that take something from the version which serves. */
  readonly harm: readonly Harm[];
  readonly downtime: boolean;
  readonly dataLoss: boolean;
}

export async function outlook<Harm extends { readonly effect: string }>(
  past: Past,
  known: Omit<PlanInput, 'live' | 'stored'>,
  harmOf: (live: ReleaseRef | undefined) => Promise<readonly Harm[]>,
): Promise<Outlook<Harm>> {
  const live = await liveRelease(past.store, past.events);
  const input: PlanInput = { ...known, live, stored: undefined };
  const next = await wanted(input);
  const changes = await planned(input, next);
  const harm = await harmOf(live);
  const running = (await known.platform.status(platformContext(known))).state !== 'stopped';
  const downtime = changes.some((change) => change.downtime);
  return { live, number: past.live?.number ?? 0, next, running, changes, harm, downtime, dataLoss: losesData(changes, harm) };
}
