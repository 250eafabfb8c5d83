export interface Circumstances {
  offline: boolean;
  /** Changes on their way to the server. */
  waiting: number;
  /** Changes that wait for the person. */
  undecided: number;
  durable: boolean;
}

export interface Status {
  tone: 'good' | 'busy' | 'bad';
  text: string;
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`);

/** The one line that says whether what is on the screen is safe. */
export function statusOf({ offline, waiting, undecided, durable }: Circumstances): Status {
  if (!durable && waiting > 0) return { tone: 'bad', text: `${changes(waiting)} not stored: keep this tab open` };
  if (offline) return { tone: 'bad', text: waiting === 0 ? 'Offline' : `Offline, ${changes(waiting)} waiting` };
  if (undecided > 0) return { tone: 'bad', text: `${changes(undecided)} not saved: see the list` };
  return waiting > 0 ? { tone: 'busy', text: `Saving ${changes(waiting)}…` } : { tone: 'good', text: 'Everything is saved' };
}
