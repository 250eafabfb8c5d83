import { Page } from '../../ui/index.ts';

export default function OverviewPage() {
  return <Page title="Overview">{null}</Page>;
}
