import { type KeyboardEvent, useCallback } from 'react';
import type { LogModel, LogState } from './model.ts';
import type { Selection } from './selection.ts';

interface KeyOptions {
  readonly model: LogModel;
  readonly state: LogState;
  readonly selection: Selection;
  /** Index of the row in the middle of what is seen. */
  seen(): number;
  /** Rows that fit. */
  fit(): number;
  goTo(index: number): void;
  onFollow(follow: boolean): void;
  onCopy(): void;
  onMatch(step: 1 | -1): void;
}

/** Everything that the list does, by keyboard. */
export function useKeys(options: KeyOptions): (event: KeyboardEvent) => void {
  const { model, state, selection, seen, fit, goTo, onFollow, onCopy, onMatch } = options;
  return useCallback(
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const { view } = state;
      const place = selection.active === undefined ? undefined : model.ring.placeOf(selection.active);
      const at = place === undefined ? seen() : view.indexFrom(place);
      const move = (to: number): void => {
        const index = Math.max(0, Math.min(view.length - 1, to));
        const target = view.at(index);
        if (target === undefined) return;
        selection.pick(model.ring.id(target), event.shiftKey);
        if (event.key === 'End' && !event.shiftKey) onFollow(true);
        else goTo(index);
      };
      const open = (isOpen: boolean): void => {
        if (selection.active === undefined) return move(at);
        selection.setOpen(selection.active, isOpen);
        goTo(at);
      };
      const actions: Record<string, () => void> = {
        ArrowDown: () => move(place === undefined ? at : at + 1),
        ArrowUp: () => move(place === undefined ? at : at - 1),
        PageDown: () => move(at + fit()),
        PageUp: () => move(at - fit()),
        Home: () => move(0),
        End: () => move(view.length - 1),
        Enter: () => open(selection.active === undefined || !selection.isOpen(selection.active)),
        ' ': () => open(selection.active === undefined || !selection.isOpen(selection.active)),
        ArrowRight: () => open(true),
        ArrowLeft: () => open(false),
        Escape: selection.clear,
        c: onCopy,
        n: () => onMatch(1),
        N: () => onMatch(-1),
      };
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    },
    [model, state, selection, seen, fit, goTo, onFollow, onCopy, onMatch],
  );
}
