import { useCallback } from 'react';
import type { ReleaseSummary } from '../../../../src/server/api/index.ts';
import { pathIn, useEnvironmentName, useLive } from '../../server/hooks.ts';
import { Button, Card, Command, Empty, LinkButton, Loading, Page, ProblemView, RelativeTime } from '../../ui/index.ts';
import { comparePath } from './address.ts';
import { ChangeDialog } from './ChangeDialog.tsx';
import { useChangeActions, useChanging, type Changing } from './changing.ts';
import { useReleases, type ReleaseListing } from './list.ts';
import { canGoBackTo, promotedBefore, rollbackGoal } from './outcome.ts';
import { ListHead, ReleaseRow } from './parts/ReleaseRow.tsx';
import { UnderWay } from './parts/UnderWay.tsx';
import styles from './ReleaseList.module.css';

/** Everything that was released to the environment, newest first. */
export function ReleaseList() {
  const environment = useEnvironmentName();
  const listing = useReleases(environment);
  const changing = useChanging(environment);
  const progress = useLive(environment, 'progress');
  const { releases, problem } = listing;
  const live = releases?.find((release) => release.live);
  useChangeActions(changing, rollbackGoal(releases ?? []));
  return (
    <Page
      title="Releases"
      about={<About live={live} isKnown={releases !== undefined} />}
      actions={<Actions changing={changing} releases={releases ?? []} />}
    >
      {progress != null && <UnderWay environment={environment} progress={progress} releases={releases ?? []} />}
      {problem !== undefined && <ProblemView problem={problem} retry={listing.refetch} />}
      <Card flush>
        {releases === undefined ? (
          problem === undefined && <Loading what="releases" height="480px" />
        ) : (
          <Rows
            listing={listing}
            releases={releases}
            environment={environment}
            atWork={progress === undefined ? undefined : progress !== null}
            changing={changing}
          />
        )}
      </Card>
      <ChangeDialog changing={changing} />
    </Page>
  );
}

function About({ live, isKnown }: { readonly live: ReleaseSummary | undefined; readonly isKnown: boolean }) {
  if (live === undefined) return isKnown ? 'Nothing serves yet.' : '\u00A0';
  return (
    <>
      release {live.number} serves, promoted <RelativeTime at={live.ended ?? live.begun} /> by {live.who}
    </>
  );
}

function Actions({ changing, releases }: { readonly changing: Changing; readonly releases: readonly ReleaseSummary[] }) {
  const { environment, ask } = changing;
  const goal = rollbackGoal(releases);
  const live = releases.find((release) => release.live);
  const before = live === undefined ? undefined : promotedBefore(live, releases);
  return (
    <>
      <LinkButton href={pathIn(environment, 'plan')}>Plan</LinkButton>
      {live?.release != null && before?.release != null && (
        <LinkButton href={comparePath(environment, before.release, live.release)}>Compare</LinkButton>
      )}
      {goal !== undefined && <Button onClick={() => ask({ kind: 'rollback', goal })}>Roll back ...</Button>}
      <Button kind="primary" onClick={() => ask({ kind: 'deploy' })}>
        Release now ...
      </Button>
    </>
  );
}

interface RowsProps {
  readonly listing: ReleaseListing;
  readonly releases: readonly ReleaseSummary[];
  readonly environment: string;
  /** Somebody carries on what has no end yet; undefined while nobody knows. */
  readonly atWork: boolean | undefined;
  readonly changing: Changing;
}

function Rows({ listing, releases, environment, atWork, changing }: RowsProps) {
  const { ask } = changing;
  const rollBack = useCallback((goal: ReleaseSummary) => ask({ kind: 'rollback', goal }), [ask]);
  if (releases.length === 0) return <Nothing environment={environment} ask={() => ask({ kind: 'deploy' })} />;
  const newest = firstOfEach(releases);
  return (
    <>
      <ListHead />
      <ol className={styles.rows} aria-label="Releases, newest first" onKeyDown={moveFocus}>
        {releases.map((release) => (
          <ReleaseRow
            key={release.key}
            release={release}
            environment={environment}
            atWork={release.outcome === 'running' ? atWork : undefined}
            {...(newest.has(release.key) && canGoBackTo(release, releases) ? { rollBack } : {})}
          />
        ))}
      </ol>
      {listing.hasOlder && (
        <div className={styles.older}>
          <Button busy={listing.isLoadingOlder} onClick={listing.loadOlder}>
            Older releases
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ environment, ask }: { readonly environment: string; ask(): void }) {
  return (
    <Empty
      title="Nothing was released yet"
      action={
        <Button kind="primary" onClick={ask}>
          Release now ...
        </Button>
      }
    >
      A release takes the folder as it is, starts it beside what serves, checks it, and moves users over without a failed request. Make the
      first one here, or in a terminal: <Command>{`gantry deploy ${environment}`}</Command>
    </Empty>
  );
}

/** Keys of the newest attempt of each release: what was promoted several times can be gone back to once. */
function firstOfEach(releases: readonly ReleaseSummary[]): ReadonlySet<string> {
  const keys = new Map<string, string>();
  for (const { release, key, outcome } of releases)
    if (release !== null && outcome === 'promoted' && !keys.has(release)) keys.set(release, key);
  return new Set(keys.values());
}

const moves: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  j: (index, last) => Math.min(index + 1, last),
  k: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** Enter is the link's own. */
function moveFocus(event: React.KeyboardEvent<HTMLOListElement>): void {
  const move = moves[event.key];
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a[data-row]')];
  const index = links.findIndex((link) => link === document.activeElement);
  if (move === undefined || index === -1 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  links[move(index, links.length - 1)]?.focus();
}
