import type { ReactNode } from 'react';
import { Link, matchRoute, useLocation, useRouter } from 'wouter';
import { pathIn } from '../server/hooks.ts';
import { EnvironmentsIcon, LogsIcon, MetricsIcon, OverviewIcon, ReleasesIcon, TryIcon } from '../ui/icons.tsx';
import { classes } from '../ui/index.ts';
import styles from './Navigation.module.css';
import { preload, routes, type PageName } from './pages.ts';

interface Place {
  readonly page: PageName;
  readonly title: string;
  readonly icon: ReactNode;
  readonly path: string;
}

/** Pages of one environment, in the order of the navigation. */
const environmentPages: readonly Place[] = [
  { page: 'overview', title: 'Overview', icon: <OverviewIcon />, path: '' },
  { page: 'releases', title: 'Releases', icon: <ReleasesIcon />, path: 'releases' },
  { page: 'logs', title: 'Logs', icon: <LogsIcon />, path: 'logs' },
  { page: 'metrics', title: 'Metrics', icon: <MetricsIcon />, path: 'metrics' },
  { page: 'try', title: 'Try it', icon: <TryIcon />, path: 'try' },
];

export function PageLinks({ environment, canTry }: { readonly environment: string; readonly canTry: boolean }) {
  const current = useCurrentPage();
  const shown = environmentPages.filter(({ page }) => page !== 'try' || canTry);
  return (
    <nav className={styles.links} aria-label="Pages">
      {shown.map(({ page, title, icon, path }) => (
        <PageLink key={page} page={page} isCurrent={current === page} href={pathIn(environment, path)} icon={icon}>
          {title}
        </PageLink>
      ))}
      <PageLink page="environments" isCurrent={current === 'environments'} href="/environments" icon={<EnvironmentsIcon />} isWideOnly>
        Environments
      </PageLink>
    </nav>
  );
}

interface LinkProps {
  readonly page: PageName;
  readonly href: string;
  readonly icon: ReactNode;
  readonly isCurrent: boolean;
  readonly isWideOnly?: boolean;
  readonly children: ReactNode;
}

function PageLink({ page, href, icon, isCurrent, isWideOnly = false, children }: LinkProps) {
  return (
    <Link
      href={href}
      className={classes(styles.link, isWideOnly && styles.wideOnly)}
      aria-current={isCurrent ? 'page' : undefined}
      onPointerEnter={() => preload(page)}
      onFocus={() => preload(page)}
    >
      {icon}
      <span className={styles.title}>{children}</span>
    </Link>
  );
}

function useCurrentPage(): PageName | undefined {
  const [location] = useLocation();
  const { parser } = useRouter();
  return routes.find(([pattern]) => matchRoute(parser, pattern, location)[0])?.[1];
}
