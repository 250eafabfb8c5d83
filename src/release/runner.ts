/** Carries out releases and rollbacks, and leaves nothing half-way behind. */
import { GantryError, isGantryError } from '../errors.ts';
import type { Holder, Lease } from '../platforms/store.ts';
import { recordExperience } from './experience.ts';
import { history, promotedReleases } from './history.ts';
import { openJournal, type OpenJournal } from './journal.ts';
import { startMeter, type Meter, type MeterResult } from './meter.ts';
import { releaseWork } from './new-work.ts';
import { isSettled, recover } from './recovery.ts';
import type { OperationResult, ReleaseRequest } from './request.ts';
import { shortened } from './shorten.ts';
import { walk } from './walk.ts';
import type { Tools, Work } from './work.ts';

/** Releases an app, or goes back to a release. A failure before the old set is retired leaves the old release serving everything. */
export async function release(request: ReleaseRequest, holder: Holder, tools: Tools): Promise<OperationResult> {
  const started = performance.now();
  return withJournal(holder, tools, async (journal, lease) => {
    const work = await releaseWork(journal, tools, lease, request);
    const { operation, allow, commit } = request;
    await journal.add({ type: 'begun', operation, who: holder.who }, { allow, ...(commit === undefined ? {} : { commit }) });
    const walked = await measuredWalk(work);
    await harmless(tools, 'old content stays', async () => tidy(work));
    if (walked.changed) await harmless(tools, 'experience is not kept', async () => recordExperience(journal, work));
    return { ...standing(journal, started), ...walked };
  });
}

/** What serves now. @param started monotonic */
export function standing(journal: OpenJournal, started: number): Pick<OperationResult, 'release' | 'number' | 'durationMs'> {
  const { live } = journal.state();
  const number = history(journal.events()).findLast((record) => record.release === live)?.number ?? 0;
  return { release: live, number, durationMs: Math.round(performance.now() - started) };
}

/**
 * Takes the lock, finishes or takes back what a dead process left, does the work, and gives the lock back.
 * @throws GantryError GR1001 (somebody else is at work), GR1008 (the lock was taken away meanwhile)
 */
export async function withJournal<T>(holder: Holder, tools: Tools, work: (journal: OpenJournal, lease: Lease) => Promise<T>): Promise<T> {
  const lease = await tools.store.lock(holder);
  try {
    const journal = await openJournal(tools.store, lease);
    await recover(journal, tools, lease);
    const result = await work(journal, lease);
    await harmless(tools, 'the journal stays long', async () => shorten(journal));
    return result;
  } catch (error) {
    throw isLost(lease, error) ? takenAway(lease, error) : error;
  } finally {
    await harmless(tools, 'the lock stays', async () => lease.release());
  }
}

/** A store may say so before the holder is told. */
function isLost({ lost }: Lease, error: unknown): boolean {
  return lost.aborted || (isGantryError(error) && error.code === 'GL4011');
}

function takenAway({ holder }: Lease, cause: unknown): GantryError {
  return new GantryError('GR1008', `the lock of ${holder.who} (${holder.operation}, since ${holder.since}) was taken away`, {
    state: 'what was begun is left as it is; whoever has the lock now finishes it or takes it back',
    cause,
  });
}

/** Finishes or takes back what a dead process left, without a new release. Gives the live release's id, or null when there was nothing to do. */
export async function settle(holder: Holder, tools: Tools): Promise<string | null> {
  if (await isSettled(tools.store)) return null;
  return withJournal(holder, tools, async (journal) => journal.state().live);
}

/** What comes after the end cannot make it fail. */
async function harmless(tools: Tools, what: string, act: () => Promise<void>): Promise<void> {
  await act().catch((error: unknown) =>
    tools.report({ step: 'tidy', state: 'failed', message: `${what}: ${(error as Error).message}`, elapsedMs: 0 }),
  );
}

/** Content of releases that can no longer be gone back to is removed. */
async function tidy({ journal, settings, builder, cacheDir }: Work): Promise<void> {
  const { live, previous } = journal.state();
  const kept = new Set([...promotedReleases(history(journal.events())).slice(-settings.keep), live, previous]);
  const refs = await Promise.all([...kept].map(async (id) => journal.ref(id)));
  await builder.prune(
    refs.flatMap((ref) => Object.values(ref?.content ?? {})),
    { cacheDir },
  );
}

async function shorten(journal: OpenJournal): Promise<void> {
  const events = shortened(journal.events());
  if (events !== undefined) await journal.compact(events);
}

const tellEveryMs = 500;

interface Walked {
  readonly changed: boolean;
  readonly meter?: MeterResult;
}

/** Users are measured from the moment on at which the release could touch them. */
async function measuredWalk(work: Work): Promise<Walked> {
  const stop = new AbortController();
  Object.assign(work, { signal: AbortSignal.any([work.signal, stop.signal]) });
  let telling: NodeJS.Timeout | undefined;
  try {
    await walk(work, async () => {
      work.meter = await startMeter(work, (reason) => stop.abort(reason));
      if (work.meter !== undefined) telling = tellFigures(work, work.meter);
    });
    const meter = await endMeter(work);
    return { changed: work.next !== undefined, ...(meter === undefined ? {} : { meter }) };
  } catch (error) {
    await endMeter(work);
    throw error;
  } finally {
    clearInterval(telling);
  }
}

/** Whoever watches sees the figures while they come about. */
function tellFigures({ journal, report }: Work, meter: Meter): NodeJS.Timeout {
  const started = performance.now();
  const tell = (): void => {
    const state = journal.state();
    if (state.phase === 'idle') return;
    const step = state.phase === 'running' ? state.step : 'revert';
    report({ step, state: 'running', message: '', elapsedMs: Math.round(performance.now() - started), measured: { meter: meter.soFar() } });
  };
  return setInterval(tell, tellEveryMs).unref();
}

/** The figures are for people: a journal that takes no more notes is no reason to fail. */
async function endMeter({ meter, journal, lease }: Work): Promise<MeterResult | undefined> {
  const result = await meter?.stop();
  if (result !== undefined && !lease.lost.aborted) await journal.note('meter', { ...result }).catch(() => undefined);
  return result;
}
