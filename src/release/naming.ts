/** The release gets its id when everything that it consists of is known. */
import type { ReleaseRef } from '../stack/stack.ts';
import { lastNumber } from './history.ts';
import { newRelease, renderedFiles } from './plan.ts';
import { platformContext, type Work } from './work.ts';

/** Gives false, and ends the release, when that very release serves already. */
export async function nameRelease(work: Work): Promise<boolean> {
  const { journal, live, platform, store } = work;
  const next = await nextRelease(work);
  if (next.id === live?.id) {
    await platform.awaitReady('live', () => {}, platformContext(work));
    await journal.add({ type: 'unchanged' });
    return false;
  }
  const ref = await store.put(Buffer.from(JSON.stringify(next)));
  const files = await store.put(Buffer.from(JSON.stringify(renderedFiles(work, { live: next }))));
  await journal.add({ type: 'named', release: next.id }, { number: lastNumber(journal.events()) + 1, ref, files });
  work.next = next;
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
  const known = services.filter(({ name }) => work.app.services[name] !== undefined);
  return Object.fromEntries(known.map(({ name, desired }) => [name, clamp(desired, work.app.services[name]?.scale)]));
}

function clamp(count: number, scale: { readonly min: number; readonly max: number } | undefined): number {
  return scale === undefined ? count : Math.min(Math.max(count, scale.min), scale.max);
}
