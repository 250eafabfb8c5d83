/** Everything that can be done from the keyboard: pages and the shell put it here while they are shown; the palette and the keys find it. */
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';

export const groups = ['Go to', 'Change', 'Environment', 'Logs', 'Page', 'Display'] as const;

export interface Action {
  /** Unique among those of a page; one of a page replaces one of the shell. */
  readonly id: string;
  readonly title: string;
  readonly group: (typeof groups)[number];
  /** One key (`/`), or two after each other (`g l`). */
  readonly keys?: string;
  /** Other words by which the palette finds it. */
  readonly words?: string;
  run(): void;
}

interface Source {
  readonly owner: 'page' | 'shell';
  readonly actions: readonly Action[];
}

let sources: readonly Source[] = [];
let all: readonly Action[] = [];
const listeners = new Set<() => void>();

function setSources(next: readonly Source[]): void {
  sources = next;
  const ordered = [...next.filter(({ owner }) => owner === 'shell'), ...next.filter(({ owner }) => owner === 'page')];
  all = [...new Map(ordered.flatMap(({ actions }) => actions).map((action) => [action.id, action])).values()];
  for (const listener of listeners) listener();
}

/** Offers the actions while the component is mounted. They are registered anew when their ids, titles or keys change. */
export function useActions(actions: readonly Action[], owner: Source['owner'] = 'page'): void {
  const run = useEffectEvent((id: string) => actions.find((action) => action.id === id)?.run());
  const key = JSON.stringify(actions.map(({ run: _run, ...shown }) => shown));
  useEffect(() => {
    const shown = JSON.parse(key) as Omit<Action, 'run'>[];
    const source = { owner, actions: shown.map((action) => ({ ...action, run: () => run(action.id) })) };
    setSources([...sources, source]);
    return () => setSources(sources.filter((other) => other !== source));
  }, [key, owner]);
}

export function currentActions(): readonly Action[] {
  return all;
}

export function useAllActions(): readonly Action[] {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, currentActions);
}
