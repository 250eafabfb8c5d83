import { Link } from 'wouter';
import type { Plan } from '../../../../../src/server/api/index.ts';
import { apiIn, pathIn, useGet } from '../../../server/hooks.ts';
import { Loading, ProblemView, ReleaseBadge } from '../../../ui/index.ts';
import type { Wish } from '../changing.ts';
import styles from './Brief.module.css';
import { PlanSummary } from './PlanSummary.tsx';
import { TypedName } from './TypedName.tsx';

interface BriefProps {
  readonly wish: Wish;
  readonly environment: string;
  readonly typed: string;
  type(text: string): void;
}

/** What would happen, before anything does. */
export function Brief({ wish, environment, typed, type }: BriefProps) {
  if (wish.kind === 'deploy') return <DeployBrief environment={environment} />;
  return (
    <div className={styles.brief}>
      <p>
        <ReleaseBadge release={wish.goal.release} number={wish.goal.number} /> is started beside the one that serves, checked, and then gets
        all requests. If a request fails meanwhile, it is taken back.
      </p>
      <p>
        <strong>Databases are not rolled back:</strong> their contents stay as they are now. If a migration since then has taken away what
        that release needs, it is refused before anything changes.
      </p>
      <TypedName environment={environment} typed={typed} type={type} />
    </div>
  );
}

function DeployBrief({ environment }: { readonly environment: string }) {
  const { data, problem, isLoading, refetch } = useGet<Plan>(apiIn(environment, 'plan'));
  return (
    <div className={styles.brief}>
      {isLoading && <Loading what="the plan" height="120px" />}
      {problem !== undefined && <ProblemView problem={problem} retry={refetch} />}
      {data !== undefined && <PlanSummary plan={data} />}
      <p className={styles.muted}>
        Lock, guardrails, build and plan come first; whatever needs a yes is asked before anything changes. Then users move to the new
        release step by step, and back at once if it is worse. <Link href={pathIn(environment, 'plan')}>Read the whole plan</Link>
      </p>
    </div>
  );
}
