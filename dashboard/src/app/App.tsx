import { Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { pathIn, useOverview } from '../server/hooks.ts';
import { Empty, LinkButton, Loading, Page } from '../ui/index.ts';
import { TooltipProvider } from '../ui/Tooltip.tsx';
import { pages, routes } from './pages.ts';

export function App() {
  return (
    <TooltipProvider delayDuration={300}>
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading what="the page" height="60vh" />}>
          <Switch>
            {routes.map(([pattern, page]) => {
              const Content = pages[page];
              return (
                <Route key={pattern} path={pattern}>
                  <Content />
                </Route>
              );
            })}
            <Route path="/">
              <First />
            </Route>
            <Route>
              <Nowhere />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </TooltipProvider>
  );
}

function First() {
  const first = useOverview()?.environments[0];
  return first === undefined ? <Loading what="the environments" height="60vh" /> : <Redirect to={pathIn(first.name)} replace />;
}

function Nowhere() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" action={<LinkButton href="/">Go to the overview</LinkButton>}>
        The address may come from another version of Gantry.
      </Empty>
    </Page>
  );
}
