import { useCallback, useMemo, useState } from 'react';

/** Lines that somebody has picked or opened, by their ids: they stay when lines come and go around them. */
export interface Selection {
  /** The line that the keyboard is on. */
  readonly active: number | undefined;
  /** Ids of the first and the last picked line. */
  readonly range: readonly [number, number] | undefined;
  has(id: number): boolean;
  isOpen(id: number): boolean;
  /** @param extend up to the line picked before */
  pick(id: number, extend: boolean): void;
  setOpen(id: number, isOpen: boolean): void;
  clear(): void;
}

interface Picked {
  readonly anchor: number;
  readonly active: number;
}

export function useSelection(): Selection {
  const [picked, setPicked] = useState<Picked>();
  const [open, setOpened] = useState<ReadonlySet<number>>(() => new Set());
  const pick = useCallback(
    (id: number, extend: boolean) => setPicked((before) => ({ active: id, anchor: extend ? (before?.anchor ?? id) : id })),
    [],
  );
  const setOpen = useCallback((id: number, isOpen: boolean) => setOpened((before) => changed(before, id, isOpen)), []);
  const clear = useCallback(() => setPicked(undefined), []);
  return useMemo(() => {
    const range = picked && ([Math.min(picked.anchor, picked.active), Math.max(picked.anchor, picked.active)] as const);
    return {
      active: picked?.active,
      range,
      has: (id) => range !== undefined && id >= range[0] && id <= range[1],
      isOpen: (id) => open.has(id),
      pick,
      setOpen,
      clear,
    };
  }, [picked, open, pick, setOpen, clear]);
}

function changed(before: ReadonlySet<number>, id: number, isOpen: boolean): ReadonlySet<number> {
  const next = new Set(before);
  if (isOpen) next.add(id);
  else next.delete(id);
  return next;
}
