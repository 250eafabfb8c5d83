/** The moment at which all charts are read: where the mouse is, or the slider. */
import { useSyncExternalStore } from 'react';

/** Index of a point; null reads the newest. */
export interface Reading {
  get(): number | null;
  set(index: number | null): void;
  subscribe(listener: () => void): () => void;
}

export function createReading(): Reading {
  let current: number | null = null;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(index) {
      if (index === current) return;
      current = index;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Only what calls this is drawn anew when the moment changes. */
export function useReading(reading: Reading): number | null {
  return useSyncExternalStore(reading.subscribe, reading.get);
}
