/** A small change that somebody is about to make; the dialog for it is the shell's, so that every page can open it. */
import { useSyncExternalStore } from 'react';

export type Change =
  /** Undefined: all services. */
  { readonly kind: 'restart'; readonly service: string | undefined } | { readonly kind: 'scale'; readonly service: string };

let current: Change | undefined;
const listeners = new Set<() => void>();

/** Opens the dialog; undefined closes it. */
export function askChange(change: Change | undefined): void {
  current = change;
  for (const listener of listeners) listener();
}

export function useChange(): Change | undefined {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => current,
  );
}
