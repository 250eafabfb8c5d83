import { Page } from '../../ui/index.ts';

export default function ReleasesPage() {
  return <Page title="Releases">{null}</Page>;
}
