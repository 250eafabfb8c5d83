import { Page } from '../../ui/index.ts';

export default function TryPage() {
  return <Page title="Try">{null}</Page>;
}
