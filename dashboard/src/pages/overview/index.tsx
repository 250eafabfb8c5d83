import type { EnvironmentSummary, Sample, Shape, Status } from '../../../../src/server/api/index.ts';
import { apiIn, pathIn, useEnvironmentName, useGet, useLive, useOverview } from '../../server/hooks.ts';
import { classes, Command, Empty, LinkButton, Loading, Page, ProblemView, RelativeTime, Skeleton } from '../../ui/index.ts';
import { Headline } from './Headline.tsx';
import { Hint } from './Hint.tsx';
import styles from './Overview.module.css';
import { Strip } from './Strip.tsx';
import { Topology } from './Topology.tsx';

export default function OverviewPage() {
  const environment = useEnvironmentName();
  const status = useLive(environment, 'status');
  const summary = useOverview()?.environments.find(({ name }) => name === environment);
  return (
    <Page title="Overview" about={<Headline environment={environment} status={status} url={summary?.url ?? ''} />}>
      {summary === undefined ? null : <Files summary={summary} />}
      {status === undefined ? <Waiting /> : <Known environment={environment} status={status} summary={summary} />}
    </Page>
  );
}

/** What is wrong with the app's files; what is wrong with the place makes its state unknown, and stands with it. */
function Files({ summary: { state, problem } }: { readonly summary: EnvironmentSummary }) {
  if (problem === null || state === 'unknown') return null;
  return (
    <div className={styles.old}>
      <ProblemView problem={problem} />
      <p>What follows is what runs, by what the files said before.</p>
    </div>
  );
}

function Waiting() {
  return (
    <>
      <div className={styles.strip}>
        {['now', 'traffic', 'release', 'scaling'].map((card) => (
          <div key={card} className={classes(styles.tile, styles.tileWaiting)}>
            <Skeleton height="100%" />
          </div>
        ))}
      </div>
      <Loading what="what runs" height="420px" />
    </>
  );
}

const unreachable: Sample = { unsupported: 'The place cannot be asked now.' };

interface KnownProps {
  readonly environment: string;
  readonly status: Status;
  readonly summary: EnvironmentSummary | undefined;
}

function Known({ environment, status, summary }: KnownProps) {
  const { place, problem } = status;
  const { data: shape } = useGet<Shape>(apiIn(environment, 'shape'));
  const sample = useLive(environment, 'sample');
  if (place === null && problem !== null) return <ProblemView problem={problem} />;
  if (place === null || (place.state === 'stopped' && place.release === null)) {
    return <NothingRuns environment={environment} isLocal={summary?.target === 'local'} shape={shape} />;
  }
  const isOld = problem !== null;
  return (
    <>
      {problem === null ? null : <Old at={status.at} problem={problem} />}
      <div className={styles.known} data-stale={isOld || undefined}>
        <Strip environment={environment} place={place} sample={isOld ? unreachable : sample} />
        {summary?.canTry === true && !isOld ? <Hint environment={environment} /> : null}
        <Topology environment={environment} place={place} shape={shape} sample={isOld ? unreachable : sample} numbers={status.numbers} />
      </div>
    </>
  );
}

function Old({ at, problem }: { readonly at: number; readonly problem: NonNullable<Status['problem']> }) {
  return (
    <div className={styles.old}>
      <ProblemView problem={problem} />
      <p>
        What follows is how it was <RelativeTime at={at} />.
      </p>
    </div>
  );
}

interface NothingProps {
  readonly environment: string;
  readonly isLocal: boolean;
  readonly shape: Shape | undefined;
}

/** Nothing was released, or it was stopped: what starts it. */
function NothingRuns({ environment, isLocal, shape }: NothingProps) {
  const releases = useLive(environment, 'releases');
  const wasReleased = releases?.some(({ outcome }) => outcome === 'promoted') === true;
  const command = isLocal ? 'gantry up' : `gantry deploy ${environment}`;
  const parts = [...(shape?.services ?? []), ...(shape?.resources ?? [])].map(({ name }) => name);
  return (
    <Empty
      title={wasReleased ? `${environment} is stopped` : `Nothing was released to ${environment} yet`}
      action={
        <LinkButton href={pathIn(environment, wasReleased ? 'releases' : 'plan')}>
          {wasReleased ? 'See its releases' : 'See what a release would make'}
        </LinkButton>
      }
    >
      <p>
        {wasReleased ? 'Its data is kept. ' : ''}To start it: <Command>{command}</Command>
      </p>
      {parts.length === 0 ? null : <p>The app file describes {parts.join(', ')}.</p>}
    </Empty>
  );
}
