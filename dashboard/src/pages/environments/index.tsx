import { Page } from '../../ui/index.ts';

export default function EnvironmentsPage() {
  return <Page title="Environments">{null}</Page>;
}
