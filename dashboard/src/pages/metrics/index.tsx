import { Page } from '../../ui/index.ts';

export default function MetricsPage() {
  return <Page title="Metrics">{null}</Page>;
}
