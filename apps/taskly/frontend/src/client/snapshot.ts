import type { Board } from '../model/board.ts';
import type { Entry } from '../model/outbox.ts';

export type Read = { state: 'loading' } | { state: 'failed'; message: string };

/** Everything the screen is drawn from; a new object with every change. */
export interface Snapshot {
  board: Board;
  entries: readonly Entry[];
  /** Views that are being read, or could not be. */
  reads: ReadonlyMap<string, Read>;
  /** Completed a moment ago: they keep their place so that the eye can follow. */
  lingering: ReadonlySet<string>;
  link: 'connecting' | 'live' | 'down';
  /** Changes do not get through although there may be a network. */
  failing: boolean;
  /** How many changes are on their way to the server. */
  waiting: number;
  /** The outbox is in localStorage, so that it survives the tab. */
  durable: boolean;
}

export interface StoreEvents {
  onNotice(text: string): void;
  onSignedOut(): void;
}
