/** Light, dark, or as the system is; kept in this browser. The early script applies it before the first paint. */
import { useSyncExternalStore } from 'react';

export type Theme = 'auto' | 'light' | 'dark';

const key = 'gantry.theme';
const listeners = new Set<() => void>();

export function useTheme(): Theme {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, currentTheme);
}

export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

export function setTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  store(theme);
  for (const listener of listeners) listener();
}

function store(theme: Theme): void {
  try {
    if (theme === 'auto') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Without storage it holds for this tab.
  }
}
