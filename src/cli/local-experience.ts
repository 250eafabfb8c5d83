/** What releases on this machine have shown, from their journal. */
import type { Experience } from '../guard/guard.ts';
import { folderStore } from '../platforms/folder-store.ts';
import { placesOf } from '../platforms/local/places.ts';
import { experienceIn } from '../release/experience.ts';
import { readEvents } from '../release/journal.ts';
import { replay } from '../release/machine.ts';

export async function localExperience(folder: string): Promise<Experience> {
  const events = await readEvents(folderStore(placesOf(folder).storeDir));
  return experienceIn(events, replay(events).live !== null);
}
