import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Tries } from '../../../../src/server/api/index.ts';
import { apiIn, pathIn, useEnvironmentName, useGet, useLive, useOverview } from '../../server/hooks.ts';
import { Badge, Empty, LinkButton, Loading, Page, ProblemView } from '../../ui/index.ts';
import { Disturb } from './Disturb.tsx';
import { Release } from './Release.tsx';
import styles from './TryPage.module.css';
import { isReleased, useTries } from './use-tries.ts';
import { WhatRuns } from './WhatRuns.tsx';

const title = 'Try it';

export function TryPage() {
  const environment = useEnvironmentName();
  const summary = useOverview()?.environments.find(({ name }) => name === environment);
  const { data: tries, problem, refetch } = useGet<Tries>(apiIn(environment, 'tries'), { refetchOn: [`${environment}/releases`] });
  const about = 'See with your own eyes what Gantry does: five steps, each with what will happen before and what has happened after.';
  if (problem !== undefined) return <Page title={title}>{<ProblemView problem={problem} retry={refetch} />}</Page>;
  if (tries === undefined)
    return (
      <Page title={title} about={about}>
        {<Loading what="what can be tried" height="60vh" />}
      </Page>
    );
  if (tries.unsupported !== null || summary?.canTry === false) return <NotHere reason={tries.unsupported} />;
  return (
    <Page title={title} about={about} actions={<Badge tone="info">local only: for learning</Badge>}>
      <Path environment={environment} tries={tries} />
    </Page>
  );
}

function NotHere({ reason }: { readonly reason: string | null }) {
  const local = useOverview()?.environments.find(({ canTry }) => canTry);
  return (
    <Page title={title}>
      <Empty
        title="Nothing can be tried here"
        action={local === undefined ? undefined : <LinkButton href={pathIn(local.name, 'try')}>{`Try it in ${local.name}`}</LinkButton>}
      >
        {reason ?? 'People may use this environment: nobody disturbs it for fun.'}
      </Empty>
    </Page>
  );
}

function Path({ environment, tries }: { readonly environment: string; readonly tries: Tries }) {
  const trying = useTries(environment);
  const status = useLive(environment, 'status');
  const done = new Set<string>(trying.attempts.map(({ kind }) => kind));
  const part = { environment, trying, status };
  return (
    <ol className={styles.path}>
      <Step number={1} title="What runs" isDone={(status?.place?.services.length ?? 0) > 0}>
        <WhatRuns environment={environment} status={status} />
      </Step>
      <Step number={2} title="Kill a replica, and watch it come back" isDone={done.has('kill')}>
        <Disturb {...part} hows={['kill']} />
      </Step>
      <Step number={3} title="Freeze one, slow one down" isDone={done.has('freeze') || done.has('slow')}>
        <Disturb {...part} hows={['freeze', 'slow']} />
      </Step>
      <Step number={4} title="Make a good release, and watch traffic move" isDone={done.has('good release')}>
        <Release {...part} kind="good release" change={tries.good} />
      </Step>
      <Step number={5} title="Make a bad one, and find the line that explains it" isDone={done.has('bad release')}>
        <Release {...part} kind="bad release" change={tries.bad} />
        {trying.attempts.some((attempt) => isReleased(attempt) && attempt.kind === 'bad release' && attempt.detail !== null) ? (
          <p>
            That was all. Your files are as they were: <Link href={pathIn(environment, 'plan')}>a deploy</Link> puts everything back as they
            say, and <Link href={pathIn(environment, 'releases')}>the releases</Link> keep what you have done.
          </p>
        ) : null}
      </Step>
    </ol>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly children: ReactNode;
}

function Step({ number, title, isDone, children }: StepProps) {
  return (
    <li className={styles.step} data-done={isDone}>
      <h2>
        <span className={styles.number} aria-hidden="true">
          {isDone ? '✓' : number}
        </span>
        <span className="visually-hidden">{`Step ${number}${isDone ? ', done' : ''}: `}</span>
        {title}
      </h2>
      <div className={styles.body}>{children}</div>
    </li>
  );
}
