/** Requests of our own to one set, where users are too few to judge by. */
import type { SetName } from '../stack/stack.ts';
import type { Window } from './gate.ts';
import { probe, probePaths, type ProbePath } from './meter-probe.ts';
import { platformContext, type Work } from './work.ts';

const atOnce = 4;
/** For all of them together. */
const deadlineMs = 10_000;
const bounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** Asks the set's own GET smoke checks, or its routes and health paths, so many times; gives what it saw itself. */
export async function smokeTraffic(work: Work, set: SetName, count: number): Promise<Window> {
  const release = set === 'live' ? work.live : work.next;
  const paths = release === undefined ? [] : probePaths(release.app);
  const window = {
    requests: 0,
    failed: 0,
    refused: 0,
    waiting: 0,
    probes: 0,
    bounds,
    buckets: Array.from({ length: bounds.length + 1 }, () => 0),
  };
  if (paths.length === 0 || count === 0) return window;
  const entry = await work.platform.entry(set, platformContext(work));
  const deadline = performance.now() + deadlineMs;
  let begun = 0;
  const ask = async (): Promise<void> => {
    while (begun < count && performance.now() < deadline && !work.signal.aborted) {
      const path = paths[begun % paths.length] as ProbePath;
      begun += 1;
      const startedAt = performance.now();
      const { failure } = await probe(entry, path, { timeoutMs: Math.max(1, deadline - performance.now()) });
      const ms = performance.now() - startedAt;
      const found = bounds.findIndex((bound) => ms <= bound);
      const index = found === -1 ? bounds.length : found;
      window.requests += 1;
      window.failed += failure === undefined ? 0 : 1;
      window.buckets[index] = (window.buckets[index] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return window;
}
