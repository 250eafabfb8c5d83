/** Who this browser is to the server: a token in this origin's storage, got once for the word in the link. */
import type { Session } from '../../../src/server/api/index.ts';

const storageKey = 'gantry.token';

/** Why there is no token: never had one, its link was used before, nobody took the link, or the server does not know the token any more. */
export type SignedOut = 'no link' | 'used link' | 'no answer' | 'expired';

let token: string | null = read();
let reason: SignedOut = 'no link';
const listeners = new Set<() => void>();

export function currentToken(): string | null {
  return token;
}

/** Null while signed in. */
export function signedOut(): SignedOut | null {
  return token === null ? reason : null;
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param refused the token that the server did not take; another tab may have a newer one by now */
export function signOut(refused: string | null): void {
  if (refused !== token) return;
  const stored = read();
  if (stored !== null && stored !== refused) return set(stored);
  reason = 'expired';
  write(null);
  set(null);
}

/** Exchanges the word behind `#launch=` for a token, and takes it out of the address bar and the history. */
export async function signIn(): Promise<void> {
  const launch = new URLSearchParams(location.hash.slice(1)).get('launch');
  if (launch === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    const body = JSON.stringify({ launch });
    const response = await fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    reason = 'used link';
    if (!response.ok) return;
    const { token } = (await response.json()) as Session;
    write(token);
    set(token);
  } catch {
    reason = 'no answer';
  }
}

function set(value: string | null): void {
  token = value;
  for (const listener of listeners) listener();
}

function read(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function write(value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, value);
  } catch {
    // Without storage the token lasts as long as this tab.
  }
}

window.addEventListener('storage', (event) => {
  if (event.key === storageKey && event.newValue !== null) set(event.newValue);
});
