import { useSyncExternalStore } from 'react';

let version = 0;

function subscribe(changed: () => void): () => void {
  const tell = (): void => {
    version += 1;
    changed();
  };
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const query = matchMedia('(prefers-color-scheme: dark)');
  query.addEventListener('change', tell);
  return () => {
    observer.disconnect();
    query.removeEventListener('change', tell);
  };
}

/** Another number whenever the colours are others: a canvas does not see them change. */
export function useThemeVersion(): number {
  return useSyncExternalStore(subscribe, () => version);
}
