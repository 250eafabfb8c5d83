import { readItem, writeItem } from './storage.ts';

export type Theme = 'light' | 'dark';

const themeKey = 'taskly.theme';
const shortcutsKey = 'taskly.shortcuts';
const knownKey = 'taskly.known';

const system = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

export const currentTheme = (): Theme => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

/** Remembers a choice that differs from the system's; choosing what the system says anyway goes back to following it. */
export function chooseTheme(theme: Theme): void {
  writeItem(themeKey, theme === system() ? null : theme);
  showTheme(theme);
}

function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', theme === 'dark' ? '#121614' : '#f6f4ee');
}

/** Follows the system while nothing is remembered, and the choice made in another tab. */
export function watchTheme(onChange: () => void): () => void {
  const follow = (): void => {
    const chosen = readItem(themeKey);
    showTheme(chosen === 'dark' || chosen === 'light' ? chosen : system());
    onChange();
  };
  const query = matchMedia('(prefers-color-scheme: dark)');
  query.addEventListener('change', follow);
  addEventListener('storage', follow);
  return () => {
    query.removeEventListener('change', follow);
    removeEventListener('storage', follow);
  };
}

export const singleKeysOn = (): boolean => readItem(shortcutsKey) !== 'off';

export const setSingleKeys = (on: boolean): boolean => writeItem(shortcutsKey, on ? null : 'off');

/** Whether somebody was signed in here last time: decides what to show while the server is asked. */
export const wasSignedIn = (): boolean => readItem(knownKey) !== null;

export const rememberSignedIn = (signedIn: boolean): boolean => writeItem(knownKey, signedIn ? '1' : null);
