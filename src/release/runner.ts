/** Performs the step that the machine's state names, until the state is idle again. Every event is in the journal before the next step starts. */
import type { App, Environment } from '../app/model.ts';
import { GantryError, isGantryError } from '../errors.ts';
import type { Holder, Lease, Store, StoreEvent } from '../platforms/store.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { initial, pastShift, replay, transition, type ReleaseEvent, type ReleaseState, type Step } from './machine.ts';
import { build, guard, newRelease, plan } from './steps/prepare.ts';
import { passwords, urls } from './steps/secrets.ts';
import { apply, healthy, migrate, provision, retire, revert, shift, smoke } from './steps/walk.ts';
import { platformContext, type Tools, type Work } from './work.ts';

export interface ReleaseResult {
  readonly release: string;
  readonly changed: boolean;
  readonly durationMs: number;
}

const performers: Readonly<Record<Step, (work: Work) => Promise<string>>> = {
  lock: async () => '',
  guard,
  build,
  plan,
  passwords,
  provision,
  urls,
  migrate,
  apply,
  healthy,
  smoke,
  shift,
  retire,
};

/** Releases an app. A failure before the shift leaves the old release serving everything. */
export async function release(app: App, env: Environment, holder: Holder, tools: Tools): Promise<ReleaseResult> {
  const started = performance.now();
  const lease = await tools.store.lock(holder);
  try {
    const journal = await open(tools.store, lease);
    await recover(journal, tools, lease);
    const work = await begin(journal, tools, lease, app, env);
    await journal.add({ type: 'begun', operation: holder.operation, who: holder.who });
    const changed = await walk(journal, work);
    await tidy(journal, work);
    return { release: work.next?.id ?? '', changed, durationMs: Math.round(performance.now() - started) };
  } finally {
    await lease.release();
  }
}

/** Finishes or takes back what a dead process left, without a new release. Gives the live release's id, or null when there was nothing to do. */
export async function settle(holder: Holder, tools: Tools): Promise<string | null> {
  if (await isSettled(tools.store)) return null;
  const lease = await tools.store.lock(holder);
  try {
    const journal = await open(tools.store, lease);
    await recover(journal, tools, lease);
    return journal.state().live;
  } finally {
    await lease.release();
  }
}

/** False while the journal ends in the middle of a release. */
export async function isSettled(store: Store): Promise<boolean> {
  const { events } = await store.read();
  return replay(events as unknown as ReleaseEvent[]).phase === 'idle';
}

/** Content of releases that can no longer be gone back to is removed. */
async function tidy(journal: OpenJournal, work: Work): Promise<void> {
  const kept = [...journal.releases().slice(-work.app.release.keep), journal.state().live];
  const refs = await Promise.all(kept.map(async (id) => loadRef(journal, work.store, id)));
  await work.builder.prune(
    refs.flatMap((ref) => Object.values(ref?.content ?? {})),
    { cacheDir: work.cacheDir },
  );
}

interface OpenJournal {
  state(): ReleaseState;
  /** Ids of all releases so far, oldest first. */
  releases(): readonly string[];
  refDigest(release: string): string | undefined;
  add(event: ReleaseEvent, extra?: Readonly<Record<string, unknown>>): Promise<void>;
}

async function open(store: Store, lease: Lease): Promise<OpenJournal> {
  const stored = await store.read();
  const refs = new Map<string, string>();
  let sequence = stored.sequence;
  let state = initial;
  const take = (event: StoreEvent): void => {
    state = transition(state, event as unknown as ReleaseEvent);
    if (typeof event['ref'] === 'string' && typeof event['release'] === 'string') refs.set(event['release'], event['ref']);
  };
  for (const event of stored.events) take(event);
  return {
    state: () => state,
    releases: () => [...refs.keys()],
    refDigest: (release) => refs.get(release),
    async add(event, extra = {}) {
      const entry = { ...event, ...extra, at: new Date().toISOString() };
      const next = transition(state, event);
      sequence = await store.append(lease, sequence, entry);
      take(entry);
      state = next;
    },
  };
}

async function begin(journal: OpenJournal, tools: Tools, lease: Lease, app: App, env: Environment): Promise<Work> {
  const live = await loadRef(journal, tools.store, journal.state().live);
  return { ...tools, app, env, lease, live, content: {}, secrets: {}, next: undefined };
}

async function loadRef(journal: OpenJournal, store: Store, id: string | null): Promise<ReleaseRef | undefined> {
  const digest = id === null ? undefined : journal.refDigest(id);
  if (digest === undefined) return undefined;
  return JSON.parse(Buffer.from(await store.get(digest)).toString('utf8')) as ReleaseRef;
}

async function walk(journal: OpenJournal, work: Work): Promise<boolean> {
  for (let state = journal.state(); state.phase === 'running'; state = journal.state()) {
    await perform(journal, work, state.step);
    if (state.step === 'urls' && !(await name(journal, work))) return false;
  }
  return true;
}

/** Fixes the release's id. Gives false when that very release serves already. */
async function name(journal: OpenJournal, work: Work): Promise<boolean> {
  const counts = await currentCounts(work);
  work.next = newRelease(work, counts);
  if (work.next.id === work.live?.id) {
    await journal.add({ type: 'unchanged' });
    await work.platform.awaitReady('live', () => {}, platformContext(work));
    return false;
  }
  const ref = await work.store.put(Buffer.from(JSON.stringify(work.next)));
  await journal.add({ type: 'named', release: work.next.id }, { ref });
  return true;
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
    if (!pastShift(journal.state())) work.signal.throwIfAborted();
    const message = await performers[step](work);
    await journal.add({ type: 'done', step });
    say('done', message);
  } catch (error) {
    say('failed', (error as Error).message);
    await takeBack(journal, work, step, error);
    throw withState(error, work);
  }
}

/** Says what is true now, so that nobody has to look. */
function withState(error: unknown, work: Work): unknown {
  if (!isGantryError(error)) return error;
  const state =
    work.live === undefined
      ? 'nothing of this app serves requests'
      : `release ${work.live.id} serves everything; no user has seen the new one`;
  return new GantryError(error.code, error.message, { ...error.toJSON(), state, cause: error });
}

async function takeBack(journal: OpenJournal, work: Work, step: Step, error: unknown): Promise<void> {
  const code = isGantryError(error) ? error.code : 'bug';
  await journal.add({ type: 'failed', step, code, message: (error as Error).message });
  if (journal.state().phase !== 'reverting') return;
  work.report({ step: 'revert', state: 'running', message: '', elapsedMs: 0 });
  await revert(work);
  await journal.add({ type: 'reverted' });
  work.report({
    step: 'revert',
    state: 'done',
    message: work.live === undefined ? 'nothing was live before' : `release ${work.live.id} serves everything`,
    elapsedMs: 0,
  });
}

async function recover(journal: OpenJournal, tools: Tools, lease: Lease): Promise<void> {
  const state = journal.state();
  if (state.phase === 'idle') return;
  const next = await loadRef(journal, tools.store, state.release);
  const live = await loadRef(journal, tools.store, state.live);
  const owner = next ?? live;
  if (owner === undefined) return forget(journal, state);
  const work: Work = { ...tools, app: owner.app, env: owner.env, lease, live, content: {}, secrets: {}, next };
  if (pastShift(state)) await walk(journal, work);
  else await undo(journal, work, state);
}

/** The process died before there was a release to speak of: nothing has changed anywhere. */
async function forget(journal: OpenJournal, state: ReleaseState): Promise<void> {
  if (state.phase === 'running') await journal.add(died(state.step));
  await journal.add({ type: 'reverted' });
}

function died(step: Step): ReleaseEvent {
  return { type: 'failed', step, code: 'GR1004', message: 'the process that ran the release ended' };
}

async function undo(journal: OpenJournal, work: Work, state: ReleaseState): Promise<void> {
  if (state.phase === 'running') await journal.add(died(state.step));
  await revert(work);
  await journal.add({ type: 'reverted' });
}
