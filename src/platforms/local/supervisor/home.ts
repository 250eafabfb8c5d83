/** The app's folder may be deleted or moved away while the app runs; nobody could stop it from there any more. */
import { statSync } from 'node:fs';
import type { Clock, Timer } from './clock.ts';

const lookMs = 1000;
/** In a row: an editor or a checkout may replace a folder and put it back. */
const missesUntilGone = 5;

/** Calls `onGone` once when the folder has not been there for some seconds. */
export function watchHome(folder: string, clock: Clock, onGone: () => void): Timer {
  let misses = 0;
  let timer: Timer;
  const look = (): void => {
    misses = isMissing(folder) ? misses + 1 : 0;
    if (misses === missesUntilGone) onGone();
    else timer = clock.after(lookMs, look);
  };
  timer = clock.after(lookMs, look);
  return { cancel: () => timer.cancel() };
}

/** Only what is certain: a folder that cannot be looked at just now is not missing. */
function isMissing(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
