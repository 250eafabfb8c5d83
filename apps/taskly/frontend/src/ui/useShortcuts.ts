import { useEffect } from 'react';
import { singleKeysOn } from '../client/preferences.ts';

/** Whether the person is typing, so that letters are text and not commands. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]');

/** Commands of a single key anywhere on the page; not while typing, not under a dialog, not when switched off. */
export function useShortcuts(commands: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      const command = commands[event.key];
      if (command === undefined || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null || !singleKeysOn()) return;
      event.preventDefault();
      command();
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  });
}
