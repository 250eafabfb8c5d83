/** Performs the step that the machine's state names, until the state is idle again; what fails is taken back. */
import { GantryError, isGantryError } from '../errors.ts';
import { evidenceOf, shortText } from './evidence.ts';
import { pastReturn, pastShift, type Step } from './machine.ts';
import { nameRelease } from './naming.ts';
import { schemaTruth } from './schema.ts';
import { bake, canary } from './steps/judged.ts';
import { guard } from './steps/guard.ts';
import { build, confirm, plan, push } from './steps/prepare.ts';
import { passwords, urls } from './steps/secrets.ts';
import { apply, healthy, migrate, provision, retire, revert, shift, smoke } from './steps/walk.ts';
import type { Work } from './work.ts';

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

/**
 * Every event is in the journal before the next step starts.
 * @param beforeApply from then on users could notice
 */
export async function walk(work: Work, beforeApply: () => Promise<void> = async () => {}): Promise<void> {
  const { journal } = work;
  for (let state = journal.state(); state.phase === 'running'; state = journal.state()) await perform(work, state.step, beforeApply);
}

async function perform(work: Work, step: Step, beforeApply: () => Promise<void>): Promise<void> {
  const started = performance.now();
  const say = (state: 'running' | 'done' | 'failed', message: string): void =>
    work.report({ step, state, message, elapsedMs: Math.round(performance.now() - started) });
  say('running', '');
  try {
    if (pastReturn(work.journal.state())) work.lease.lost.throwIfAborted();
    else work.signal.throwIfAborted();
    if (step === 'apply') await beforeApply();
    if (step === 'push' && !(await nameRelease(work))) return say('done', 'nothing has changed');
    const message = await performers[step](work);
    await work.journal.add({ type: 'done', step }, { message: shortText(message) });
    say('done', message);
  } catch (error) {
    say('failed', (error as Error).message);
    throw withState(await takeBack(work, step, error), work);
  }
}

interface Failure {
  readonly error: unknown;
  /** back: as before. forward: users stay on the next set, and whoever comes next finishes. open: somebody else has to see to it. */
  readonly ending: 'back' | 'forward' | 'open';
}

/**
 * Users come first: the old set gets its requests back even when the disk takes no more notes; whoever reads the journal next finds the
 * step unfinished and takes it back again. Where the journal may say, or says, that users are to stay on the next set, nothing is touched.
 * One who has lost the lock must not touch anything: who has it now takes back what is left.
 */
async function takeBack(work: Work, step: Step, error: unknown): Promise<Failure> {
  const { journal, lease } = work;
  const decided = performance.now();
  if (lease.lost.aborted) return { error, ending: 'open' };
  const doubt = journal.doubt();
  if (doubt !== undefined && (pastShift(doubt) || doubt.phase === 'idle')) return { error, ending: 'forward' };
  const unwritten = await noted(recordFailure(work, step, error));
  if (pastReturn(journal.state())) return { error, ending: 'forward' };
  work.report({ step: 'revert', state: 'running', message: '', elapsedMs: 0 });
  try {
    const unwrittenEnd = await goBack(work, decided);
    return { error: unwritten ?? unwrittenEnd ?? error, ending: 'back' };
  } catch (problem) {
    work.report({ step: 'revert', state: 'failed', message: (problem as Error).message, elapsedMs: 0 });
    return { error, ending: 'open' };
  }
}

/** The journal may turn out to be a step further than this process knew. */
async function recordFailure({ journal }: Work, step: Step, error: unknown): Promise<void> {
  await journal.clearDoubt();
  const state = journal.state();
  const at = state.phase === 'running' ? state.step : step;
  await journal.add({ type: 'failed', step: at, code: codeOf(error), message: (error as Error).message }, { error: evidenceOf(error) });
}

/** @returns what kept the journal from saying so */
async function goBack(work: Work, decided: number): Promise<unknown> {
  const { journal, live } = work;
  const backMs = await revert(work, decided);
  if (journal.state().phase !== 'reverting') return undefined;
  if (work.exposed !== undefined) await noted(journal.note('timing', { what: 'rollback', ms: backMs }));
  const unwritten = await noted(journal.add({ type: 'reverted' }, { state: truth(work, 'back') }));
  const message =
    live === undefined ? 'nothing was live before' : [`release ${live.id} serves everything`, schemaTruth(work)].filter(Boolean).join('; ');
  work.report({ step: 'revert', state: 'done', message, elapsedMs: backMs });
  return unwritten;
}

async function noted(writing: Promise<void>): Promise<unknown> {
  return writing.then(
    () => undefined,
    (problem: unknown) => problem,
  );
}

function codeOf(error: unknown): string {
  return isGantryError(error) ? error.code : 'bug';
}

/** Says what is true now, so that nobody has to look. */
function withState({ error, ending }: Failure, work: Work): unknown {
  if (!isGantryError(error)) return error;
  return new GantryError(error.code, error.message, { ...error.toJSON(), state: truth(work, ending), cause: error });
}

function truth(work: Work, ending: Failure['ending']): string {
  if (ending === 'open') return 'the release is half-way; the next command takes it back';
  if (ending === 'forward')
    return `release ${work.next?.id ?? ''} serves everything; the old one has not stopped yet, the next command sees to that`;
  return [servingTruth(work), schemaTruth(work)].filter(Boolean).join('; ');
}

function servingTruth({ live, exposed }: Work): string {
  if (live === undefined) return 'nothing of this app serves requests';
  if (exposed === undefined) return `release ${live.id} serves everything; no user has seen the new one`;
  const seconds = ((performance.now() - exposed.since) / 1000).toFixed(1);
  return `release ${live.id} serves everything; up to ${exposed.share} % of the requests went to the new one, for ${seconds} s`;
}
