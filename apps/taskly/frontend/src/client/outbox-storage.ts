import type { Entry } from '../model/outbox.ts';
import { keysWith, readItem, writeItem } from './storage.ts';

/**
 * The outbox of one account in localStorage, shared by all tabs. Each entry has a key of its own, so two tabs that write
 * at the same moment cannot lose each other's entries.
 */
export interface OutboxStorage {
  load(): Entry[];
  /** Stores the difference between two lists; false when the browser refused (full, or not allowed). */
  save(before: readonly Entry[], after: readonly Entry[]): boolean;
  clear(): void;
  /** Calls back when another tab changed the outbox; returns the way to stop that. */
  watch(onChange: () => void): () => void;
}

export function outboxStorage(account: string): OutboxStorage {
  const prefix = `taskly.outbox.${account}.`;
  const load = (): Entry[] =>
    keysWith(prefix)
      .sort()
      .flatMap((key) => parse(readItem(key)));

  function save(before: readonly Entry[], after: readonly Entry[]): boolean {
    const kept = new Set(after);
    const known = new Set(before);
    const ids = new Set(after.map(({ id }) => id));
    for (const entry of before) if (!kept.has(entry) && !ids.has(entry.id)) writeItem(prefix + entry.id, null);
    return after.filter((entry) => !known.has(entry)).every((entry) => writeItem(prefix + entry.id, JSON.stringify(entry)));
  }

  function watch(onChange: () => void): () => void {
    const listener = (event: StorageEvent): void => {
      if (event.key === null || event.key.startsWith(prefix)) onChange();
    };
    addEventListener('storage', listener);
    return () => removeEventListener('storage', listener);
  }

  return { load, save, watch, clear: () => keysWith(prefix).forEach((key) => writeItem(key, null)) };
}

function parse(text: string | null): Entry[] {
  try {
    return text === null ? [] : [JSON.parse(text) as Entry];
  } catch {
    return [];
  }
}
