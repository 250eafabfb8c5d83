import type { Plan } from '../../../../src/server/api/index.ts';
import { apiIn, pathIn, useEnvironmentName, useGet } from '../../server/hooks.ts';
import { Button, Card, LinkButton, Loading, Page, ProblemView, ReleaseBadge } from '../../ui/index.ts';
import { ChangeDialog } from './ChangeDialog.tsx';
import { useChangeActions, useChanging } from './changing.ts';
import compare from './Compare.module.css';
import { Differences } from './parts/Differences.tsx';
import { PlanSummary } from './parts/PlanSummary.tsx';
import { Values } from './parts/Values.tsx';

/** What a release of the folder would change; looks, and changes nothing. */
export function PlanPage() {
  const environment = useEnvironmentName();
  const { data, problem, isLoading, refetch } = useGet<Plan>(apiIn(environment, 'plan'), { refetchOn: [`${environment}/releases`] });
  const changing = useChanging(environment);
  useChangeActions(changing, undefined);
  return (
    <Page
      title="Plan"
      about={<About plan={data} />}
      actions={
        <>
          <LinkButton href={pathIn(environment, 'releases')}>All releases</LinkButton>
          <Button busy={isLoading} onClick={refetch}>
            Look again
          </Button>
          <Button kind="primary" onClick={() => changing.ask({ kind: 'deploy' })}>
            Release now ...
          </Button>
        </>
      }
    >
      {problem !== undefined && <ProblemView problem={problem} retry={refetch} />}
      {data === undefined ? problem === undefined && <Loading what="the plan" height="480px" /> : <Planned plan={data} />}
      <ChangeDialog changing={changing} />
    </Page>
  );
}

function About({ plan }: { readonly plan: Plan | undefined }) {
  if (plan === undefined) return '\u00A0';
  return (
    <>
      What a release of the folder as it is now would change.{' '}
      {plan.live === null ? 'Nothing is released yet.' : <ReleaseBadge release={plan.live.release} number={plan.live.number} />}
      {plan.live !== null && ' serves.'}
    </>
  );
}

function Planned({ plan }: { readonly plan: Plan }) {
  const { variables, settings, files } = plan;
  return (
    <>
      <Card>
        <PlanSummary plan={plan} />
      </Card>
      {variables.length + settings.length > 0 && (
        <div className={compare.values}>
          <Values title="Variables" values={variables} note="A value that contains a secret is never shown." />
          <Values title="Settings" values={settings} />
        </div>
      )}
      {files.length > 0 && <Differences files={files} />}
    </>
  );
}
