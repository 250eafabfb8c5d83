import { useCallback, useEffect, useState } from 'react';

export interface Address {
  path: string;
  search: string;
}

export interface Navigation extends Address {
  /** Shows another address of the app without loading a page. */
  go(to: string, replace?: boolean): void;
}

const here = (): Address => ({ path: location.pathname, search: location.search });

export function useAddress(): Navigation {
  const [address, setAddress] = useState(here);
  const go = useCallback((to: string, replace = false) => {
    if (to !== location.pathname + location.search) history[replace ? 'replaceState' : 'pushState'](null, '', to);
    setAddress(here());
  }, []);
  useEffect(() => {
    const listener = (): void => setAddress(here());
    addEventListener('popstate', listener);
    return () => removeEventListener('popstate', listener);
  }, []);
  return { ...address, go };
}

/** Whether a click on a link is ours to handle; with a modifier it belongs to the browser. */
export const isPlainClick = (event: { button: number; metaKey: boolean; ctrlKey: boolean; shiftKey: boolean; altKey: boolean }): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
