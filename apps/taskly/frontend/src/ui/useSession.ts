import { useCallback, useEffect, useRef, useState } from 'react';
import { me, signOut } from '../client/api.ts';
import { Refusal } from '../client/http.ts';
import { rememberSignedIn, wasSignedIn } from '../client/preferences.ts';
import { backoff } from '../model/backoff.ts';
import type { Account } from '../model/task.ts';

export type Session =
  | { phase: 'starting'; known: boolean }
  | { phase: 'unreachable' }
  | { phase: 'out'; notice: string | null }
  | { phase: 'in'; account: Account };

export interface SessionControl {
  session: Session;
  /** Asks the server again who is signed in. */
  check(notice?: string): void;
  enter(account: Account): void;
  leave(): Promise<void>;
}

/** Who is signed in in this browser; all tabs agree about it. */
export function useSession(): SessionControl {
  const [session, setSession] = useState<Session>(() => ({ phase: 'starting', known: wasSignedIn() }));
  const channel = useRef<BroadcastChannel>(undefined);
  /** While we sign out ourselves, the end of the session is no news. */
  const leaving = useRef(false);
  const check = useCheck(setSession, leaving);

  const enter = useCallback((account: Account) => {
    rememberSignedIn(true);
    setSession({ phase: 'in', account });
    channel.current?.postMessage('changed');
  }, []);

  const leave = useCallback(async () => {
    leaving.current = true;
    try {
      await signOut();
      rememberSignedIn(false);
      setSession({ phase: 'out', notice: null });
      channel.current?.postMessage('changed');
    } finally {
      leaving.current = false;
    }
  }, []);

  useEffect(() => {
    const opened = new BroadcastChannel('taskly.session');
    opened.addEventListener('message', () => check());
    channel.current = opened;
    check();
    return () => opened.close();
  }, [check]);

  return { session, check, enter, leave };
}

type Change = (change: (before: Session) => Session) => void;

function useCheck(setSession: Change, leaving: { readonly current: boolean }): (notice?: string) => void {
  const attempt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const check = useCallback(
    function ask(notice?: string): void {
      clearTimeout(timer.current);
      me().then(
        (account) => {
          attempt.current = 0;
          rememberSignedIn(true);
          setSession((before) => (before.phase === 'in' && before.account.id === account.id ? before : { phase: 'in', account }));
        },
        (error: unknown) => {
          if (leaving.current) return;
          if (error instanceof Refusal && error.status === 401) {
            rememberSignedIn(false);
            setSession((before) => (before.phase === 'out' ? before : { phase: 'out', notice: notice ?? null }));
            return;
          }
          setSession((before) => (before.phase === 'in' ? before : { phase: 'unreachable' }));
          timer.current = setTimeout(() => ask(notice), backoff(attempt.current++, Math.random(), 1000, 15_000));
        },
      );
    },
    [setSession, leaving],
  );

  useEffect(() => () => clearTimeout(timer.current), []);
  return check;
}
