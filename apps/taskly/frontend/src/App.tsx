import { useCallback, useEffect, useRef } from 'react';
import type { Account } from './model/task.ts';
import { AuthPage } from './ui/AuthPage.tsx';
import { Link } from './ui/Link.tsx';
import { TasksPage, TasksSkeleton } from './ui/TasksPage.tsx';
import { useAddress, type Navigation } from './ui/useAddress.ts';
import { useSession } from './ui/useSession.ts';

const titles: Record<string, string> = {
  '/': 'Tasks · Taskly',
  '/sign-in': 'Sign in · Taskly',
  '/sign-up': 'Create your account · Taskly',
};

export function App() {
  const navigation = useAddress();
  const { go } = navigation;
  const { session, check, enter, leave } = useSession();
  const isAuthPath = navigation.path === '/sign-in' || navigation.path === '/sign-up';
  const wantedRef = useWantedPage(navigation, session.phase);
  const signedOut = useCallback(() => check('You have been signed out. Sign in to go on; nothing is lost.'), [check]);
  const onEnter = useCallback(
    (account: Account) => {
      enter(account);
      go(wantedRef.current, true);
    },
    [enter, go, wantedRef],
  );

  useEffect(() => {
    document.title = titles[navigation.path] ?? 'Not found · Taskly';
  }, [navigation.path]);

  if (titles[navigation.path] === undefined) return <NotFound go={go} />;
  if (session.phase === 'unreachable') return <Unreachable again={() => check()} />;
  if (session.phase === 'in' || (session.phase === 'starting' && session.known)) {
    if (session.phase === 'starting' || isAuthPath) return <TasksSkeleton />;
    return <TasksPage key={session.account.id} account={session.account} navigation={navigation} onSignedOut={signedOut} onLeave={leave} />;
  }
  const notice = session.phase === 'out' ? session.notice : null;
  return <AuthPage mode={navigation.path === '/sign-up' ? 'sign-up' : 'sign-in'} notice={notice} go={go} onEnter={onEnter} />;
}

/** Keeps the address in step with the session, and remembers where somebody wanted to go before signing in. */
function useWantedPage({ path, search, go }: Navigation, phase: string): { current: string } {
  const wanted = useRef('/');
  useEffect(() => {
    const isAuth = path === '/sign-in' || path === '/sign-up';
    if (phase === 'out' && path === '/') {
      wanted.current = `/${search}`;
      go('/sign-in', true);
    }
    if (phase === 'in' && isAuth) go(wanted.current, true);
  }, [path, search, phase, go]);
  return wanted;
}

function NotFound({ go }: { go: (to: string) => void }) {
  return (
    <main className="lost">
      <h1>This page does not exist</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      <Link className="button primary" to="/" go={go}>
        Go to your tasks
      </Link>
    </main>
  );
}

function Unreachable({ again }: { again: () => void }) {
  useEffect(() => {
    addEventListener('online', again);
    return () => removeEventListener('online', again);
  }, [again]);
  return (
    <main className="lost">
      <h1>Taskly cannot be reached</h1>
      <output>Check your connection. We keep trying; changes you made before are safe in this browser.</output>
      <button type="button" className="button primary" onClick={again}>
        Try now
      </button>
    </main>
  );
}
