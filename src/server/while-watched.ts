/** Something that is done again and again as long as somebody watches. */
import { topics } from './api/index.ts';
import type { Hub } from './hub.ts';

/** @param names of the environments that may be watched. @param act one at a time; it does not reject */
export function whileWatched(hub: Hub, names: () => readonly string[], everyMs: number, act: () => Promise<void>): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const isWatched = (): boolean => names().some((name) => topics.some((topic) => hub.isWanted(`${name}/${topic}`)));
  const plan = (): void => {
    if (isClosed || timer !== undefined || !isWatched()) return;
    timer = setTimeout(() => {
      void act().finally(() => {
        timer = undefined;
        plan();
      });
    }, everyMs);
  };
  const forget = hub.onInterest(plan);
  plan();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      forget();
    },
  };
}
