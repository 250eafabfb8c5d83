import { Route, Switch } from 'wouter';
import { Compare } from './Compare.tsx';
import { PlanPage } from './Plan.tsx';
import { ReleaseList } from './ReleaseList.tsx';
import { ReleasePage } from './Release.tsx';

export default function Releases() {
  return (
    <Switch>
      <Route path="/e/:env/releases">
        <ReleaseList />
      </Route>
      <Route path="/e/:env/releases/:key">{({ key }) => <ReleasePage key={key} attempt={key} />}</Route>
      <Route path="/e/:env/compare/:from/:to">{({ from, to }) => <Compare from={from} to={to} />}</Route>
      <Route path="/e/:env/plan">
        <PlanPage />
      </Route>
    </Switch>
  );
}
