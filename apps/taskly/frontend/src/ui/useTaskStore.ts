import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Snapshot, StoreEvents } from '../client/snapshot.ts';
import { TaskStore } from '../client/task-store.ts';
import type { View } from '../model/view.ts';

/** The store of one account, running for as long as the page shows it. */
export function useTaskStore(account: string, view: View, events: StoreEvents): TaskStore {
  const [store] = useState(() => new TaskStore(account, view, events));
  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);
  useEffect(() => store.open(view), [store, view]);
  return store;
}

export const useSnapshot = (store: TaskStore): Snapshot => useSyncExternalStore(store.subscribe, store.getSnapshot);
