import { useEffect, useMemo, useRef, useState } from 'react';
import type { StoreEvents } from '../client/snapshot.ts';
import type { TaskStore } from '../client/task-store.ts';
import { rowsOf } from '../model/rows.ts';
import type { Account } from '../model/task.ts';
import { searchFromView, viewFromSearch, viewKey, type View } from '../model/view.ts';
import { Composer } from './Composer.tsx';
import { Filters } from './Filters.tsx';
import { Greeting } from './Greeting.tsx';
import { Header } from './Header.tsx';
import { Help } from './Help.tsx';
import { ListFooter, ListNotice } from './ListFooter.tsx';
import { EmptyList, ListSkeleton } from './ListStates.tsx';
import { useServices } from './services.ts';
import { SignOutDialog } from './SignOutDialog.tsx';
import { StatusLine } from './StatusLine.tsx';
import { TaskList } from './TaskList.tsx';
import { hintIds } from './TaskRow.tsx';
import type { Navigation } from './useAddress.ts';
import { useClock } from './useClock.ts';
import { useShortcuts } from './useShortcuts.ts';
import { useSnapshot, useTaskStore } from './useTaskStore.ts';

interface TasksPageProps {
  account: Account;
  navigation: Navigation;
  onSignedOut: () => void;
  onLeave: () => Promise<void>;
}

export function TasksPage({ account, navigation, onSignedOut, onLeave }: TasksPageProps) {
  const { toast } = useServices();
  const view = useMemo(() => viewFromSearch(navigation.search), [navigation.search]);
  const events = useMemo<StoreEvents>(
    () => ({ onNotice: (text) => toast({ id: text, text, time: 8000 }), onSignedOut }),
    [toast, onSignedOut],
  );
  const store = useTaskStore(account.id, view, events);
  return <Tasks account={account} store={store} view={view} navigation={navigation} onLeave={onLeave} />;
}

/** The page's shape before anything is known, so that nothing jumps when it is. */
export function TasksSkeleton() {
  return (
    <div className="page" aria-busy="true">
      <div className="header" />
      <main className="column">
        <p className="unseen">Loading your tasks…</p>
        <div className="greeting-space" />
        <div className="composer-space" />
        <div className="filters-space" />
        <ListSkeleton />
      </main>
    </div>
  );
}

interface TasksProps {
  account: Account;
  store: TaskStore;
  view: View;
  navigation: Navigation;
  onLeave: () => Promise<void>;
}

function Tasks({ account, store, view, navigation, onLeave }: TasksProps) {
  const snapshot = useSnapshot(store);
  const clock = useClock();
  const [dialog, setDialog] = useState<'help' | 'sign-out' | null>(null);
  const composer = useRef<HTMLInputElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const { board, entries, lingering } = snapshot;
  const rows = useMemo(() => rowsOf(board, entries, view, lingering), [board, entries, view, lingering]);
  const read = snapshot.reads.get(viewKey(view));
  const reach = board.reaches.get(viewKey(view));
  const show = (next: View, replace?: boolean): void => navigation.go(`/${searchFromView(next)}`, replace);
  const close = (): void => setDialog(null);

  useShortcuts({ n: () => composer.current?.focus(), '/': () => search.current?.focus(), '?': () => setDialog('help') });
  useLinkAnnouncements(snapshot.link === 'down' || snapshot.failing);

  return (
    <div className="page">
      <Header
        account={account}
        view={view}
        show={show}
        search={search}
        onHelp={() => setDialog('help')}
        onSignOut={() => setDialog('sign-out')}
      />
      <main className="column">
        <Greeting account={account} clock={clock} />
        <Composer store={store} today={clock.today} input={composer} />
        <Filters view={view} go={navigation.go} />
        <h2 className="unseen">Tasks</h2>
        <Hints />
        {rows.length === 0 && reach === undefined && read?.state !== 'failed' ? <ListSkeleton /> : null}
        {rows.length === 0 && reach !== undefined ? <EmptyList view={view} show={show} onNew={() => composer.current?.focus()} /> : null}
        {read?.state === 'failed' ? <ListNotice message={read.message} again={() => void store.refresh()} /> : null}
        <TaskList key={view.filter} store={store} rows={rows} view={view} today={clock.today} composer={composer} />
        <ListFooter reach={reach} loading={read?.state === 'loading'} more={() => store.more(view)} />
      </main>
      <StatusLine snapshot={snapshot} />
      {dialog === 'help' ? <Help onClose={close} /> : null}
      {dialog === 'sign-out' ? <SignOutDialog store={store} onLeave={onLeave} onClose={close} /> : null}
    </div>
  );
}

function Hints() {
  return (
    <div hidden>
      <p id={hintIds.edit}>Opens the task to edit it</p>
      <p id={hintIds.move}>The up and down arrow keys move the task; it can be dragged as well</p>
    </div>
  );
}

function useLinkAnnouncements(down: boolean): void {
  const { announce } = useServices();
  const before = useRef(down);
  useEffect(() => {
    if (before.current === down) return;
    before.current = down;
    announce(down ? 'Offline. Your changes are kept and sent later.' : 'Online again.');
  }, [down, announce]);
}
