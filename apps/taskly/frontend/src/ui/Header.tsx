import { useRef, useState, type RefObject } from 'react';
import type { Account } from '../model/task.ts';
import type { View } from '../model/view.ts';
import { CloseIcon, HelpIcon, Logo, SearchIcon } from './icons.tsx';
import { Menu } from './Menu.tsx';
import { ThemeButton } from './ThemeButton.tsx';

interface HeaderProps {
  account: Account;
  view: View;
  show: (view: View, replace?: boolean) => void;
  search: RefObject<HTMLInputElement | null>;
  onHelp: () => void;
  onSignOut: () => void;
}

export function Header({ account, view, show, search, onHelp, onSignOut }: HeaderProps) {
  return (
    <header className="header">
      <div className="header-inner">
        <a className="wordmark" href="/" aria-label="Taskly, all open tasks" onClick={(event) => goHome(event, show)}>
          <Logo /> <span>Taskly</span>
        </a>
        <SearchBox view={view} show={show} search={search} />
        <div className="header-buttons">
          <ThemeButton />
          <button
            type="button"
            className="icon-button help-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={onHelp}
          >
            <HelpIcon />
          </button>
          <Menu
            className="account"
            label="Your account"
            button={<span className="avatar">{(account.name ?? account.email).slice(0, 1).toUpperCase()}</span>}
            heading={<Identity account={account} />}
            items={[
              { label: 'Keyboard shortcuts', run: onHelp },
              { label: 'Sign out', run: onSignOut },
            ]}
          />
        </div>
      </div>
    </header>
  );
}

function goHome(event: { preventDefault(): void; metaKey: boolean; ctrlKey: boolean }, show: (view: View) => void): void {
  if (event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  show({ filter: 'open', query: '' });
}

function Identity({ account }: { account: Account }) {
  return (
    <>
      {account.name === null ? null : <strong>{account.name}</strong>}
      <span>{account.email}</span>
    </>
  );
}

const pauseInTyping = 200;

/** What was typed, and the query it was typed over: worth nothing once the address has moved on to another query. */
interface Draft {
  text: string;
  over: string;
}

function SearchBox({ view, show, search }: Pick<HeaderProps, 'view' | 'show' | 'search'>) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isCurrent = draft !== null && (draft.over === view.query || draft.text.trim() === view.query);
  const text = isCurrent ? draft.text : view.query;

  const apply = (typed: string): void => {
    clearTimeout(timer.current);
    if (typed.trim() !== view.query) show({ ...view, query: typed.trim() }, true);
  };
  const type = (typed: string): void => {
    clearTimeout(timer.current);
    setDraft({ text: typed, over: view.query });
    timer.current = setTimeout(() => apply(typed), pauseInTyping);
  };
  const clear = (): void => {
    setDraft(null);
    apply('');
    search.current?.focus();
  };
  return (
    <search className="search">
      <SearchIcon />
      <input
        ref={search}
        type="search"
        aria-label="Search tasks"
        placeholder="Search"
        maxLength={200}
        value={text}
        onChange={(event) => type(event.target.value)}
        onBlur={() => apply(text)}
        onKeyDown={(event) => (event.key === 'Escape' ? onEscape(event.currentTarget, text, clear) : undefined)}
      />
      {text === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" className="icon-button small" aria-label="Clear the search" onClick={clear}>
          <CloseIcon />
        </button>
      )}
    </search>
  );
}

function onEscape(input: HTMLInputElement, text: string, clear: () => void): void {
  if (text === '') input.blur();
  else clear();
}
