import { useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { EnvironmentSummary } from '../../../../src/server/api/index.ts';
import { pathIn, useOverview } from '../../server/hooks.ts';
import { Button, Card, Loading, Page, ProblemView, ReleaseBadge, StateBadge } from '../../ui/index.ts';
import { ExternalIcon } from '../../ui/icons.tsx';
import styles from './Environments.module.css';
import { Parity } from './Parity.tsx';
import { parityGroups, paritySummary } from './parity.ts';

/** All environments of the app side by side, and what each makes of what the app asks for. */
export default function EnvironmentsPage() {
  const overview = useOverview();
  return (
    <Page title="Environments" about={overview === undefined ? '\u00A0' : <Where app={overview.app} folder={overview.folder} />}>
      {overview === undefined ? <Loading what="environments" height="480px" /> : <Environments environments={overview.environments} />}
    </Page>
  );
}

function Where({ app, folder }: { readonly app: string; readonly folder: string }) {
  return (
    <>
      Where {app} runs, by the files in <code>{folder}</code>
    </>
  );
}

function Environments({ environments }: { readonly environments: readonly EnvironmentSummary[] }) {
  const [search, setSearch] = useSearchParams();
  const groups = useMemo(() => parityGroups(environments), [environments]);
  const onlyDiffering = search.get('only') === 'differences';
  const toggle = (): void => setSearch(onlyDiffering ? {} : { only: 'differences' }, { replace: true });
  return (
    <>
      <ul className={styles.cards}>
        {environments.map((environment) => (
          <li key={environment.name}>
            <One environment={environment} />
          </li>
        ))}
      </ul>
      <Card
        title="What the app asks for, and what each place makes of it"
        actions={
          environments.length > 1 && (
            <Button small aria-pressed={onlyDiffering} onClick={toggle}>
              {onlyDiffering ? '✓ ' : ''}Only what differs
            </Button>
          )
        }
        flush
      >
        <Parity environments={environments} groups={groups} onlyDiffering={onlyDiffering} />
      </Card>
    </>
  );
}

function One({ environment }: { readonly environment: EnvironmentSummary }) {
  const { name, target, title, state, release, url, problem, parity } = environment;
  return (
    <Card
      title={
        <Link href={pathIn(name)} className={styles.name}>
          {name}
        </Link>
      }
      actions={<StateBadge state={state} />}
    >
      <dl className={styles.facts}>
        <Fact name="Target">
          {title} <span className={styles.muted}>({target})</span>
        </Fact>
        <Fact name="Release">
          {release === null ? (
            <span className={styles.muted}>none serves</span>
          ) : (
            <ReleaseBadge release={release.id} number={release.number} />
          )}
        </Fact>
        <Fact name="Address">
          <Address url={url} />
        </Fact>
        <Fact name="Gives">{paritySummary(parity)}</Fact>
      </dl>
      {problem !== null && <ProblemView problem={problem} />}
      <p className={styles.links}>
        <Link href={pathIn(name, 'releases')}>Releases</Link>
        <Link href={pathIn(name, 'plan')}>Plan</Link>
        <Link href={pathIn(name, 'logs')}>Logs</Link>
        <Link href={pathIn(name, 'metrics')}>Metrics</Link>
      </p>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Only what a browser opens as a page becomes a link. */
function Address({ url }: { readonly url: string }) {
  if (url === '') return <span className={styles.muted}>nothing listens</span>;
  if (!/^https?:\/\//.test(url)) return <span>{url}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {url} <ExternalIcon />
    </a>
  );
}
