import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import type { Overview } from '../../../src/server/api/index.ts';
import { useConnection, useEnvironmentName, useOverview } from '../server/hooks.ts';
import { ConnectionState, StaleBanner } from './ConnectionState.tsx';
import { EnvironmentSwitcher } from './EnvironmentSwitcher.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { Logo } from './Logo.tsx';
import { PageLinks } from './Navigation.tsx';
import styles from './Shell.module.css';
import { ThemeButton } from './ThemeButton.tsx';
import { Toasts } from './Toasts.tsx';
import { IconButton } from '../ui/index.ts';
import { HelpIcon, SearchIcon } from '../ui/icons.tsx';
import { useActions } from './actions.ts';
import { orAnew } from './anew.ts';
import { useKeys } from './useKeys.ts';
import { useGoActions } from './useGoActions.ts';

const loadPalette = () => import('./Palette.tsx');
const Palette = lazy(orAnew(loadPalette));
const Changes = lazy(orAnew(() => import('./Changes.tsx')));

/** What stands around every page: where one is, where one can go, and whether what is shown is true now. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const overview = useOverview();
  const environment = useEnvironmentName();
  const { state } = useConnection();
  const [palette, setPalette] = useState({ isOpen: false, opened: 0 });
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openPalette = useCallback(() => setPalette((now) => (now.isOpen ? now : { isOpen: true, opened: now.opened + 1 })), []);
  const closePalette = useCallback(() => setPalette((now) => ({ ...now, isOpen: false })), []);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  // Whoever opens it goes on typing at once.
  useEffect(() => void loadPalette().catch(() => undefined), []);
  useKeys(openPalette);
  useGoActions(environment, overview);
  useActions(
    [
      { id: 'help', title: 'Keyboard shortcuts', group: 'Page', keys: '?', words: 'help keys', run: openHelp },
      { id: 'search', title: 'Search everything', group: 'Page', keys: '/', run: openPalette },
    ],
    'shell',
  );
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <Rail overview={overview} environment={environment} onPalette={openPalette} onHelp={openHelp} />
      <main id="content" className={styles.main} tabIndex={-1} data-stale={state === 'stale' || undefined}>
        <StaleBanner />
        {children}
      </main>
      <Toasts />
      <KeyHelp open={isHelpOpen} onClose={() => setHelpOpen(false)} />
      <Suspense fallback={null}>
        {/* Opened again in the moment in which it closes, it is a new one: nothing of what was typed before stands in it. */}
        {palette.isOpen ? <Palette key={palette.opened} onClose={closePalette} /> : null}
        <Changes environment={environment} />
      </Suspense>
    </div>
  );
}

interface RailProps {
  readonly overview: Overview | undefined;
  readonly environment: string;
  onPalette(): void;
  onHelp(): void;
}

function Rail({ overview, environment, onPalette, onHelp }: RailProps) {
  const environments = overview?.environments;
  return (
    <header className={styles.rail}>
      <div className={styles.brand}>
        <Logo />
        <span className={styles.names}>
          <span className={styles.product}>Gantry</span>
          <span className={styles.app} title={overview?.app}>
            {overview?.app ?? '\u00a0'}
          </span>
        </span>
      </div>
      <EnvironmentSwitcher current={environment} environments={environments} />
      <PageLinks environment={environment} canTry={environments?.find(({ name }) => name === environment)?.canTry !== false} />
      <div className={styles.tools}>
        <ConnectionState />
        <span className={styles.buttons}>
          <IconButton label="Search and commands (Ctrl K)" onClick={onPalette}>
            <SearchIcon />
          </IconButton>
          <IconButton label="Keyboard shortcuts (?)" className={styles.help} onClick={onHelp}>
            <HelpIcon />
          </IconButton>
          <ThemeButton />
        </span>
      </div>
    </header>
  );
}
