import { createContext, useContext } from 'react';

export interface Toast {
  id: string;
  text: string;
  /** ms on the screen; it stays while the pointer or the focus is on it. */
  time: number;
  action?: { label: string; run: () => void };
  onPause?: () => void;
  /** Goes on with so many ms left. */
  onResume?: (ms: number) => void;
}

export interface Services {
  /** Says something to people who listen to the page instead of looking at it. */
  announce(text: string): void;
  toast(toast: Toast): void;
  dismiss(id: string): void;
}

export const ServicesContext = createContext<Services>({ announce: () => undefined, toast: () => undefined, dismiss: () => undefined });

export const useServices = (): Services => useContext(ServicesContext);
