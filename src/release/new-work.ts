/** What an operation begins with. */
import type { Lease } from '../platforms/store.ts';
import type { OpenJournal } from './journal.ts';
import type { ReleaseRequest } from './request.ts';
import { effectiveSettings } from './settings.ts';
import { storedRelease } from './stored.ts';
import type { Tools, Work } from './work.ts';

export type Known = Pick<Work, 'live' | 'stored' | 'content' | 'secrets' | 'next'>;

const nothingKnown: Known = { live: undefined, stored: undefined, content: {}, secrets: {}, next: undefined };
/** For work that nobody asked for in so many words. */
export const unasked = { operation: 'deploy', allow: [], confirmed: [], allowSchemaMismatch: false } as const;

/** @throws GantryError GR5xxx when a rollback has nowhere to go, before anything changes */
export async function releaseWork(journal: OpenJournal, tools: Tools, lease: Lease, request: ReleaseRequest): Promise<Work> {
  const stored = request.operation === 'rollback' ? await storedRelease(journal, tools, request) : undefined;
  const { content, secrets } = stored ?? nothingKnown;
  const live = await journal.ref(journal.state().live);
  return newWork(journal, tools, lease, request, { live, stored, content, secrets, next: undefined });
}

/** For operations that change what runs without a new release. */
export async function steeringWork(
  journal: OpenJournal,
  tools: Tools,
  lease: Lease,
  { app, env }: Pick<ReleaseRequest, 'app' | 'env'>,
): Promise<Work> {
  const live = await journal.ref(journal.state().live);
  return newWork(journal, tools, lease, { ...unasked, app, env }, { ...nothingKnown, live });
}

/** To finish or take back what a dead process began. */
export function recoveringWork(
  journal: OpenJournal,
  tools: Tools,
  lease: Lease,
  request: ReleaseRequest,
  sets: Pick<Known, 'live' | 'next'>,
): Work {
  return newWork(journal, tools, lease, request, { ...nothingKnown, ...sets });
}

function newWork(journal: OpenJournal, tools: Tools, lease: Lease, request: ReleaseRequest, known: Known): Work {
  const { app, env } = known.stored ?? known.next ?? request;
  const settings = effectiveSettings(app, tools.target, request.operation);
  const signal = AbortSignal.any([tools.signal, lease.lost]);
  const open = { changes: [], questions: [], exposed: undefined, meter: undefined, baseline: undefined };
  return { ...tools, ...known, ...open, request, settings, journal, app, env, lease, signal };
}
