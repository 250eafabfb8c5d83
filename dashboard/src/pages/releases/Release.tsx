import { useCallback, useEffect, useEffectEvent } from 'react';
import { Link } from 'wouter';
import type { ReleaseDetail, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { serverNow } from '../../server/clock.ts';
import { apiIn, pathIn, useEnvironmentName, useGet, useLive } from '../../server/hooks.ts';
import { dateTime, duration } from '../../ui/format.ts';
import { Badge, Button, Card, Empty, LinkButton, Loading, Page, ProblemView, ReleaseBadge, useTicking } from '../../ui/index.ts';
import { comparePath } from './address.ts';
import { ChangeDialog } from './ChangeDialog.tsx';
import { useChangeActions, useChanging, type Changing } from './changing.ts';
import { isEmpty } from './changes.ts';
import { useReleases } from './list.ts';
import { plainLine } from './evidence.ts';
import { canGoBackTo, endingOf, nameOf, promotedBefore } from './outcome.ts';
import { Changes } from './parts/Changes.tsx';
import { Evidence } from './parts/Evidence.tsx';
import { Gate } from './parts/Gate.tsx';
import { Guardrails } from './parts/Guardrails.tsx';
import { Meter } from './parts/Meter.tsx';
import { Result } from './parts/Result.tsx';
import { TakeBack } from './parts/TakeBack.tsx';
import { Traffic } from './parts/Traffic.tsx';
import { Walk } from './parts/Walk.tsx';
import styles from './Release.module.css';
import { walkRows, withProgress } from './walk.ts';

/** One attempt, from the lock to the last replica that stopped; live while it lasts. */
export function ReleasePage({ attempt }: { readonly attempt: string }) {
  const environment = useEnvironmentName();
  const { data, problem, refetch } = useGet<ReleaseDetail>(apiIn(environment, `releases/${encodeURIComponent(attempt)}`), {
    refetchOn: [`${environment}/releases`],
  });
  const progress = useLive(environment, 'progress');
  useFreshAt(progress?.key === attempt ? progress.walk.filter(({ endedAt }) => endedAt !== null).length : 0, refetch);
  if (data === undefined)
    return (
      <Page title="Release">
        {problem === undefined ? (
          <Loading what="the release" height="640px" />
        ) : (
          <>
            <ProblemView problem={problem} retry={refetch} />
            <p>
              <Link href={pathIn(environment, 'releases')}>All releases of {environment}</Link>
            </p>
          </>
        )}
      </Page>
    );
  const isCurrent = progress == null ? undefined : progress.key === data.key;
  return (
    <Loaded
      environment={environment}
      detail={withProgress(data, progress)}
      atWork={progress === undefined ? undefined : isCurrent === true}
    />
  );
}

/** What is recorded between two ends (findings, the plan) is there as soon as the step has ended. @param steps that have ended */
function useFreshAt(steps: number, refetch: () => void): void {
  const fetchAgain = useEffectEvent(refetch);
  useEffect(() => {
    if (steps > 0) fetchAgain();
  }, [steps]);
}

interface LoadedProps {
  readonly environment: string;
  readonly detail: ReleaseDetail;
  readonly atWork: boolean | undefined;
}

function Loaded({ environment, detail, atWork }: LoadedProps) {
  const changing = useChanging(environment);
  const isRunning = detail.outcome === 'running';
  const name = nameOf(detail);
  return (
    <Page
      title={name.charAt(0).toUpperCase() + name.slice(1)}
      about={<About detail={detail} atWork={atWork} />}
      actions={<Actions environment={environment} detail={detail} changing={changing} />}
    >
      <Result detail={detail} facts={<Facts detail={detail} />} />
      <div className={styles.columns}>
        {detail.evidence !== null && (
          <div className={styles.top}>
            <Evidence environment={environment} evidence={detail.evidence} at={detail.ended} />
          </div>
        )}
        <Card title="The walk" className={styles.walk ?? ''} flush>
          <LiveWalk detail={detail} />
        </Card>
        <div className={styles.side}>
          <Card title="What users noticed" flush>
            <Meter meter={detail.meter} running={isRunning} />
          </Card>
          {isRunning && (
            <Card title="Requests" flush>
              <Traffic environment={environment} />
            </Card>
          )}
          {detail.gates.length > 0 && (
            <Card title="Gates" flush>
              {detail.gates.map((gate) => (
                <Gate key={gate.step} gate={gate} />
              ))}
            </Card>
          )}
        </div>
        <div className={styles.more}>
          <Card title="What it changed">
            {isEmpty(detail.changes) ? <NoChanges isOpen={isOpen(detail, 'plan')} /> : <Changes changes={detail.changes} />}
          </Card>
          <Guardrails findings={detail.findings} allowed={detail.allowed} isOpen={isOpen(detail, 'guard')} />
        </div>
      </div>
      <ChangeDialog changing={changing} />
    </Page>
  );
}

function NoChanges({ isOpen }: { readonly isOpen: boolean }) {
  return <p className={styles.muted}>{isOpen ? 'Not planned yet.' : 'Nothing that runs, or it did not come to a plan.'}</p>;
}

/** The step is still to come, or under way. */
function isOpen({ outcome, walk }: ReleaseDetail, step: string): boolean {
  return outcome === 'running' && !walk.some((one) => one.step === step && one.endedAt !== null);
}

function LiveWalk({ detail }: { readonly detail: ReleaseDetail }) {
  const isRunning = detail.outcome === 'running';
  const second = useTicking(useCallback(() => (isRunning ? String(Math.floor(serverNow() / 1000)) : '0'), [isRunning]));
  if (detail.walk.length === 0) return <Empty title="No step is recorded" />;
  return <Walk rows={walkRows(detail.walk, Number(second) * 1000)} hasEnded={detail.outcome !== 'running'} />;
}

const shownCommit = 9;

function About({ detail, atWork }: Pick<LoadedProps, 'detail' | 'atWork'>) {
  const { symbol, words, tone } = endingOf(detail, detail.outcome === 'running' ? atWork : undefined);
  return (
    <span className={styles.about}>
      <Badge tone={tone} symbol={symbol}>
        {words}
      </Badge>
      {detail.live && (
        <Badge tone="good" symbol="✓">
          serves
        </Badge>
      )}
    </span>
  );
}

function Facts({ detail }: Pick<LoadedProps, 'detail'>) {
  return (
    <span className={styles.about}>
      {detail.release !== null && <ReleaseBadge release={detail.release} brief />}
      <span>
        {detail.operation} by {plainLine(detail.who)}
      </span>
      {detail.commit !== null && (
        <span title={detail.commit}>
          commit <code>{detail.commit.slice(0, shownCommit)}</code>
        </span>
      )}
      <time dateTime={detail.begun}>{dateTime(detail.begun)}</time>
      {detail.durationMs !== null && <span>took {duration(detail.durationMs)}</span>}
    </span>
  );
}

interface ActionsProps {
  readonly environment: string;
  readonly detail: ReleaseDetail;
  readonly changing: Changing;
}

function Actions({ environment, detail, changing }: ActionsProps) {
  const { releases } = useReleases(environment);
  const known: readonly ReleaseSummary[] = releases ?? [];
  const before = promotedBefore(detail, known);
  useChangeActions(changing, canGoBackTo(detail, known) ? detail : undefined);
  return (
    <>
      <LinkButton href={pathIn(environment, 'releases')}>All releases</LinkButton>
      {before?.release != null && detail.release !== null && detail.outcome === 'promoted' && (
        <LinkButton href={comparePath(environment, before.release, detail.release)}>{`Compare with ${before.number}`}</LinkButton>
      )}
      {canGoBackTo(detail, known) && (
        <Button onClick={() => changing.ask({ kind: 'rollback', goal: detail })}>Roll back to this ...</Button>
      )}
      {detail.outcome === 'running' && <TakeBack environment={environment} walk={detail.walk} />}
    </>
  );
}
