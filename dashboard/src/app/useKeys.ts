import { useEffect } from 'react';
import { currentActions } from './actions.ts';
import { isTyping, meant, type Press } from './keys.ts';

/** Listens for the keys of all actions, and for the palette's own. */
export function useKeys(openPalette: () => void): void {
  useEffect(() => {
    let before: Press | undefined;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return openPalette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof HTMLElement && isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const press = { key: event.key, at: event.timeStamp };
      const actions = currentActions();
      const keys = meant(before, press, new Set(actions.flatMap((action) => action.keys ?? [])));
      before = press;
      const action = keys === undefined ? undefined : actions.findLast((each) => each.keys === keys);
      if (action === undefined) return;
      event.preventDefault();
      action.run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [openPalette]);
}
