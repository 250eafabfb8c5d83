import { useEffect, useState, useSyncExternalStore } from 'react';
import { TaskStore, type Snapshot, type StoreEvents } from '../client/task-store.ts';
import type { View } from '../model/view.ts';

/** The store of the signed-in account, for as long as the page shows it; null until it has started. */
export function useTaskStore(account: string, view: View, events: StoreEvents): TaskStore | null {
  const [store, setStore] = useState<TaskStore | null>(null);
  useEffect(() => {
    const opened = new TaskStore(account, view, events);
    setStore(opened);
    return () => {
      opened.stop();
      setStore(null);
    };
    // The view has an effect of its own, and `events` reach the newest functions by themselves.
  }, [account]);
  useEffect(() => store?.open(view), [store, view]);
  return store;
}

export const useSnapshot = (store: TaskStore): Snapshot => useSyncExternalStore(store.subscribe, store.getSnapshot);
