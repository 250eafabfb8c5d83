/** Performs the step that the machine's state names, until the state is idle again. Every event is in the journal before the next step starts. */
import { GantryError, isGantryError } from '../errors.ts';
import type { Holder, Lease, Store } from '../platforms/store.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { history } from './history.ts';
import { openJournal, readEvents, type OpenJournal } from './journal.ts';
import { pastReturn, pastShift, replay, type ReleaseEvent, type ReleaseState, type Step } from './machine.ts';
import { startMeter, type Meter, type MeterResult } from './meter.ts';
import { newRelease, renderedFiles } from './plan.ts';
import type { OperationResult, ReleaseRequest } from './request.ts';
import { effectiveSettings } from './settings.ts';
import { bake, canary } from './steps/judged.ts';
import { guard } from './steps/guard.ts';
import { build, confirm, plan, push } from './steps/prepare.ts';
import { passwords, urls } from './steps/secrets.ts';
import { destroyAll } from './steps/destroy.ts';
import { apply, healthy, migrate, provision, retire, revert, shift, smoke } from './steps/walk.ts';
import { storedRelease } from './stored.ts';
import { platformContext, type Tools, type Work } from './work.ts';

const performers: Readonly<Record<Step, (work: Work) => Promise<string>>> = {
  lock: async () => '',
  guard,
  build,
  plan,
  confirm,
  passwords,
  provision,
  urls,
  push,
  migrate,
  apply,
  healthy,
  smoke,
  canary,
  shift,
  bake,
  retire,
};

/** Releases an app, or goes back to a release. A failure before the old set is retired leaves the old release serving everything. */
export async function release(request: ReleaseRequest, holder: Holder, tools: Tools): Promise<OperationResult> {
  const started = performance.now();
  return withJournal(holder, tools, async (journal, lease) => {
    const work = await begin(journal, tools, lease, request);
    const { operation, allow, commit } = request;
    await journal.add({ type: 'begun', operation, who: holder.who }, { allow, ...(commit === undefined ? {} : { commit }) });
    const walked = await measuredWalk(journal, work);
    await tidy(journal, work);
    return { ...standing(journal, started), ...walked };
  });
}

/** What serves now. @param started monotonic */
export function standing(journal: OpenJournal, started: number): Pick<OperationResult, 'release' | 'number' | 'durationMs'> {
  const { live } = journal.state();
  const number = history(journal.events()).findLast((record) => record.release === live)?.number ?? 0;
  return { release: live, number, durationMs: Math.round(performance.now() - started) };
}

/** Takes the lock, finishes or takes back what a dead process left, does the work, and gives the lock back. */
export async function withJournal<T>(holder: Holder, tools: Tools, work: (journal: OpenJournal, lease: Lease) => Promise<T>): Promise<T> {
  const lease = await tools.store.lock(holder);
  try {
    const journal = await openJournal(tools.store, lease);
    await recover(journal, tools, lease);
    return await work(journal, lease);
  } finally {
    await lease.release();
  }
}

/** Finishes or takes back what a dead process left, without a new release. Gives the live release's id, or null when there was nothing to do. */
export async function settle(holder: Holder, tools: Tools): Promise<string | null> {
  if (await isSettled(tools.store)) return null;
  return withJournal(holder, tools, async (journal) => journal.state().live);
}

/** False while the journal ends in the middle of a release. */
export async function isSettled(store: Store): Promise<boolean> {
  return replay(await readEvents(store)).phase === 'idle';
}

/** Content of releases that can no longer be gone back to is removed. */
async function tidy(journal: OpenJournal, work: Work): Promise<void> {
  const { live, previous } = journal.state();
  const kept = new Set([...journal.releases().slice(-work.settings.keep), live, previous]);
  const refs = await Promise.all([...kept].map(async (id) => journal.ref(id)));
  await work.builder.prune(
    refs.flatMap((ref) => Object.values(ref?.content ?? {})),
    { cacheDir: work.cacheDir },
  );
}

async function begin(journal: OpenJournal, tools: Tools, lease: Lease, request: ReleaseRequest): Promise<Work> {
  const stored = request.operation === 'rollback' ? await storedRelease(journal, tools, request) : undefined;
  return newWork(journal, tools, lease, request, {
    live: await journal.ref(journal.state().live),
    stored,
    content: stored?.content ?? {},
    secrets: stored?.secrets ?? {},
    next: undefined,
  });
}

/** For operations that change what runs without a new release. */
export async function newWorkOf(
  journal: OpenJournal,
  tools: Tools,
  lease: Lease,
  { app, env }: Pick<ReleaseRequest, 'app' | 'env'>,
): Promise<Work> {
  const live = await journal.ref(journal.state().live);
  return newWork(journal, tools, lease, { ...recovery, app, env }, { live, stored: undefined, content: {}, secrets: {}, next: undefined });
}

type Known = Pick<Work, 'live' | 'stored' | 'content' | 'secrets' | 'next'>;

function newWork(journal: OpenJournal, tools: Tools, lease: Lease, request: ReleaseRequest, known: Known): Work {
  const { app, env } = known.stored ?? known.next ?? request;
  const settings = effectiveSettings(app, tools.target, request.operation);
  const signal = AbortSignal.any([tools.signal, lease.lost]);
  return {
    ...tools,
    ...known,
    request,
    settings,
    journal,
    app,
    env,
    lease,
    signal,
    changes: [],
    questions: [],
    exposed: undefined,
    meter: undefined,
    baseline: undefined,
  };
}

interface Walked {
  readonly changed: boolean;
  readonly meter?: MeterResult;
}

/** Users are measured from the moment on at which the release could touch them. */
async function measuredWalk(journal: OpenJournal, work: Work): Promise<Walked> {
  const stop = new AbortController();
  const watched: Work = Object.assign(work, { signal: AbortSignal.any([work.signal, stop.signal]) });
  let meter: Meter | undefined;
  try {
    const changed = await walk(journal, watched, async () => {
      meter = await startMeter(work, (reason) => stop.abort(reason));
      work.meter = meter;
    });
    return { changed, ...(meter === undefined || !changed ? {} : { meter: await endMeter(meter, work) }) };
  } catch (error) {
    if (meter !== undefined && !work.lease.lost.aborted) await endMeter(meter, work);
    throw error;
  } finally {
    await meter?.stop();
  }
}

async function endMeter(meter: Meter, work: Work): Promise<MeterResult> {
  const result = await meter.stop();
  await work.journal.note('meter', { ...result });
  return result;
}

async function walk(journal: OpenJournal, work: Work, beforeApply: () => Promise<void> = async () => {}): Promise<boolean> {
  for (let state = journal.state(); state.phase === 'running'; state = journal.state()) {
    if (state.step === 'apply') await beforeApply();
    await perform(journal, work, state.step);
    if (state.step === 'urls' && !(await name(journal, work))) return false;
  }
  return true;
}

/** Fixes the release's id. Gives false when that very release serves already. */
async function name(journal: OpenJournal, work: Work): Promise<boolean> {
  work.next = await nextRelease(work);
  if (work.next.id === work.live?.id) {
    await journal.add({ type: 'unchanged' });
    await work.platform.awaitReady('live', () => {}, platformContext(work));
    return false;
  }
  const ref = await work.store.put(Buffer.from(JSON.stringify(work.next)));
  const files = await work.store.put(Buffer.from(JSON.stringify(renderedFiles(work, { live: work.next }))));
  await journal.add({ type: 'named', release: work.next.id }, { ref, files });
  return true;
}

async function nextRelease(work: Work): Promise<ReleaseRef> {
  const counts = await currentCounts(work);
  return work.stored === undefined ? newRelease(work, counts) : { ...work.stored, counts };
}

/** A release starts with as many replicas as run now, within the new limits. */
async function currentCounts(work: Work): Promise<Record<string, number>> {
  if (work.live === undefined) return {};
  const { services } = await work.platform.status(platformContext(work));
  const known = services.filter(({ name: service }) => work.app.services[service] !== undefined);
  return Object.fromEntries(known.map(({ name: service, desired }) => [service, clamp(desired, work.app.services[service]?.scale)]));
}

function clamp(count: number, scale: { readonly min: number; readonly max: number } | undefined): number {
  return scale === undefined ? count : Math.min(Math.max(count, scale.min), scale.max);
}

async function perform(journal: OpenJournal, work: Work, step: Step): Promise<void> {
  const started = performance.now();
  const say = (state: 'running' | 'done' | 'failed', message: string): void =>
    work.report({ step, state, message, elapsedMs: Math.round(performance.now() - started) });
  say('running', '');
  try {
    if (!pastReturn(journal.state())) work.signal.throwIfAborted();
    const message = await performers[step](work);
    await journal.add({ type: 'done', step });
    say('done', message);
  } catch (error) {
    say('failed', (error as Error).message);
    await takeBack(journal, work, step, error);
    throw withState(error, work, pastReturn(journal.state()));
  }
}

/** Says what is true now, so that nobody has to look. */
function withState(error: unknown, work: Work, unfinished: boolean): unknown {
  if (!isGantryError(error)) return error;
  return new GantryError(error.code, error.message, { ...error.toJSON(), state: truth(work, unfinished), cause: error });
}

function truth({ live, next, exposed }: Work, unfinished: boolean): string {
  if (unfinished) return `release ${next?.id ?? ''} serves everything; the old one has not stopped yet, the next command sees to that`;
  if (live === undefined) return 'nothing of this app serves requests';
  if (exposed === undefined) return `release ${live.id} serves everything; no user has seen the new one`;
  const seconds = ((performance.now() - exposed.since) / 1000).toFixed(1);
  return `release ${live.id} serves everything; up to ${exposed.share} % of the requests went to the new one, for ${seconds} s`;
}

/**
 * Users come first: the old set gets its requests back even when the disk takes no more notes; whoever reads the journal next finds the
 * step unfinished and takes it back again. One who has lost the lock must not touch anything: who has it now takes back what is left.
 */
async function takeBack(journal: OpenJournal, work: Work, step: Step, error: unknown): Promise<void> {
  if (work.lease.lost.aborted) return;
  const code = isGantryError(error) ? error.code : 'bug';
  const decided = performance.now();
  const unwritten = await journal.add({ type: 'failed', step, code, message: (error as Error).message }).then(
    () => undefined,
    (problem: unknown) => problem,
  );
  if (pastReturn(journal.state()) || work.lease.lost.aborted) return;
  work.report({ step: 'revert', state: 'running', message: '', elapsedMs: 0 });
  const backMs = await revert(work, decided);
  if (unwritten !== undefined) throw unwritten;
  if (work.exposed !== undefined) await journal.note('timing', { what: 'rollback', ms: backMs });
  await journal.add({ type: 'reverted' });
  const message = work.live === undefined ? 'nothing was live before' : `release ${work.live.id} serves everything`;
  work.report({ step: 'revert', state: 'done', message, elapsedMs: backMs });
}

async function recover(journal: OpenJournal, tools: Tools, lease: Lease): Promise<void> {
  const state = journal.state();
  if (state.phase === 'idle') return;
  const live = await journal.ref(state.live);
  const next = state.phase === 'destroying' ? undefined : await journal.ref(state.release);
  const owner = next ?? live;
  if (owner === undefined) return forget(journal, state);
  const request: ReleaseRequest = { ...recovery, operation: begunAs(journal), app: owner.app, env: owner.env };
  const work = newWork(journal, tools, lease, request, { live, next, stored: undefined, content: {}, secrets: {} });
  if (state.phase === 'destroying') await destroyAll(work);
  else if (pastShift(state)) await walk(journal, work);
  else await undo(journal, work, state);
}

/** What is gone on with bakes as long as what was begun. */
function begunAs(journal: OpenJournal): ReleaseRequest['operation'] {
  const last = journal.events().findLast((event) => event.type === 'begun');
  return last?.type === 'begun' && (last.operation === 'up' || last.operation === 'watch') ? last.operation : 'deploy';
}

const recovery = { operation: 'deploy', allow: [], confirmed: [], allowSchemaMismatch: false } as const;

/** The process died before there was a release to speak of: nothing has changed anywhere. */
async function forget(journal: OpenJournal, state: ReleaseState): Promise<void> {
  if (state.phase === 'destroying') return journal.add({ type: 'destroyed' });
  if (state.phase === 'running') await journal.add(died(state.step));
  await journal.add({ type: 'reverted' });
}

function died(step: Step): ReleaseEvent {
  return { type: 'failed', step, code: 'GR1004', message: 'the process that ran the release ended' };
}

async function undo(journal: OpenJournal, work: Work, state: ReleaseState): Promise<void> {
  if (state.phase === 'running') await journal.add(died(state.step));
  await revert(work, performance.now());
  await journal.add({ type: 'reverted' });
}
