/** What a dead process left half-way is taken back, or finished when users were on the next set by decision. */
import type { Lease, Store } from '../platforms/store.ts';
import { readEvents, type OpenJournal } from './journal.ts';
import { pastReturn, pastShift, replay, type ReleaseEvent, type ReleaseState, type Step } from './machine.ts';
import { recoveringWork, unasked } from './new-work.ts';
import type { ReleaseRequest } from './request.ts';
import { destroyAll } from './steps/destroy.ts';
import { revert } from './steps/walk.ts';
import { walk } from './walk.ts';
import { platformContext, type Tools, type Work } from './work.ts';

/** False while the journal ends in the middle of an operation. */
export async function isSettled(store: Store): Promise<boolean> {
  return replay(await readEvents(store)).phase === 'idle';
}

export async function recover(journal: OpenJournal, tools: Tools, lease: Lease): Promise<void> {
  const state = journal.state();
  if (state.phase === 'idle') return;
  const live = await journal.ref(state.live);
  const next = state.phase === 'destroying' ? undefined : await journal.ref(state.release);
  const owner = next ?? live;
  if (owner === undefined) return forget(journal, state);
  const request: ReleaseRequest = { ...unasked, operation: begunAs(journal), app: owner.app, env: owner.env };
  const work = recoveringWork(journal, tools, lease, request, { live, next });
  if (state.phase === 'destroying') await destroyAll(work);
  else if (pastShift(state) && (await isSafeAhead(work, state))) await walk(work);
  else await undo(work);
}

/**
 * The journal may be ahead of what is: the process went back when the disk took no more notes, or the machine was switched off. Users lose
 * the old set only when the next one stands ready and has all requests.
 */
async function isSafeAhead(work: Work, state: ReleaseState): Promise<boolean> {
  const context = platformContext(work);
  try {
    await work.platform.awaitReady('next', () => {}, context);
    await work.platform.shift(100, context);
    return true;
  } catch (error) {
    work.signal.throwIfAborted();
    if (pastReturn(state)) return true;
    work.report({ step: 'recover', state: 'failed', message: (error as Error).message, elapsedMs: 0 });
    return false;
  }
}

/** What is gone on with bakes as long as what was begun. */
function begunAs(journal: OpenJournal): ReleaseRequest['operation'] {
  const last = journal.events().findLast((event) => event.type === 'begun');
  return last?.type === 'begun' && (last.operation === 'up' || last.operation === 'watch') ? last.operation : 'deploy';
}

/** The process died before there was a release to speak of: nothing has changed anywhere. */
async function forget(journal: OpenJournal, state: ReleaseState): Promise<void> {
  if (state.phase === 'destroying') return journal.add({ type: 'destroyed' });
  if (state.phase === 'running') await journal.add(died(state.step));
  await journal.add({ type: 'reverted' });
}

function died(step: Step): ReleaseEvent {
  return { type: 'failed', step, code: 'GR1004', message: 'the process that ran the release ended' };
}

async function undo(work: Work): Promise<void> {
  const state = work.journal.state();
  if (state.phase === 'running') await work.journal.add(died(state.step));
  await revert(work, performance.now());
  await work.journal.add({ type: 'reverted' });
}
