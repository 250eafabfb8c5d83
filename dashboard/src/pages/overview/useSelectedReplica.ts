import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

export interface Selection {
  /** Id of a replica, or null. */
  readonly selected: string | null;
  select(id: string | null): void;
}

/** Kept in the address, so that a link shows the same. */
export function useSelectedReplica(): Selection {
  const [search, setSearch] = useSearchParams();
  const select = useCallback(
    (id: string | null) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (id === null) after.delete('replica');
          else after.set('replica', id);
          return after;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return { selected: search.get('replica'), select };
}
