import { Suspense, useEffect, useRef, useSyncExternalStore } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { pathIn, useEnvironmentName, useOverview } from '../server/hooks.ts';
import { onSession, signedOut } from '../server/session.ts';
import { Empty, LinkButton, Loading, Page } from '../ui/index.ts';
import { focusNextPage } from '../ui/Page.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { pages, routes, type PageName } from './pages.ts';
import { Shell } from './Shell.tsx';
import { SignedOut } from './SignedOut.tsx';

export function App() {
  const reason = useSyncExternalStore(onSession, signedOut);
  if (reason !== null) return <SignedOut reason={reason} />;
  return (
    <Shell>
      <Content />
    </Shell>
  );
}

function Content() {
  const [location] = useLocation();
  useFocusOnNavigation(location);
  return (
    <ErrorBoundary key={location}>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          {routes.map(([pattern, page]) => (
            <Route key={pattern} path={pattern}>
              <InEnvironment page={page} />
            </Route>
          ))}
          <Route path="/">
            <First />
          </Route>
          <Route>
            <Nowhere title="There is no such page">The address may come from another version of Gantry.</Nowhere>
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

/** As after a page load: at the top, and the heading has the focus, so that it is read out. */
function useFocusOnNavigation(location: string): void {
  const before = useRef(location);
  useEffect(() => {
    const from = before.current;
    before.current = location;
    // Nobody went anywhere when `/` leads to the first environment.
    if (from === location || from === '/') return;
    window.scrollTo(0, 0);
    const heading = document.querySelector<HTMLElement>('main h1');
    if (heading === null) focusNextPage();
    else heading.focus({ preventScroll: true });
  }, [location]);
}

function InEnvironment({ page }: { readonly page: PageName }) {
  const name = useEnvironmentName();
  const overview = useOverview();
  const isKnown = overview === undefined || page === 'environments' || overview.environments.some((each) => each.name === name);
  if (!isKnown) {
    const names = overview.environments.map((each) => each.name).join(', ');
    return <Nowhere title={`There is no environment "${name}"`}>{names === '' ? 'The app has none.' : `There are: ${names}.`}</Nowhere>;
  }
  const PageContent = pages[page];
  return <PageContent />;
}

function First() {
  const overview = useOverview();
  const [first] = overview?.environments ?? [];
  if (first !== undefined) return <Redirect to={pathIn(first.name)} replace />;
  if (overview === undefined) return <PageSkeleton />;
  return <Redirect to="/environments" replace />;
}

function PageSkeleton() {
  return (
    <div style={{ padding: 'var(--space-5) var(--space-6)' }}>
      <Loading what="the page" height="70vh" />
    </div>
  );
}

function Nowhere({ title, children }: { readonly title: string; readonly children: string }) {
  return (
    <Page title="Not found">
      <Empty title={title} action={<LinkButton href="/">Go to the overview</LinkButton>}>
        {children}
      </Empty>
    </Page>
  );
}
