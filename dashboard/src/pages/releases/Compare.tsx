import { useLocation } from 'wouter';
import type { Comparison, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { apiIn, pathIn, useEnvironmentName, useGet } from '../../server/hooks.ts';
import { Button, Card, Empty, LinkButton, Loading, Page, ProblemView } from '../../ui/index.ts';
import { comparePath } from './address.ts';
import styles from './Compare.module.css';
import { useReleases } from './list.ts';
import { promotedOnce } from './outcome.ts';
import { Differences } from './parts/Differences.tsx';
import { Values } from './parts/Values.tsx';

interface CompareProps {
  /** Ids of releases that were promoted. */
  readonly from: string;
  readonly to: string;
}

/** What differs between two releases. */
export function Compare({ from, to }: CompareProps) {
  const environment = useEnvironmentName();
  const query = new URLSearchParams({ from, to }).toString();
  const { data, problem, refetch } = useGet<Comparison>(apiIn(environment, `compare?${query}`), { keep: true });
  return (
    <Page
      title="Compare releases"
      about="What differs between two releases that have served."
      actions={<LinkButton href={pathIn(environment, 'releases')}>All releases</LinkButton>}
    >
      <Chooser environment={environment} from={from} to={to} />
      {problem !== undefined && <ProblemView problem={problem} retry={refetch} />}
      {data === undefined ? problem === undefined && <Loading what="the comparison" height="480px" /> : <Differing comparison={data} />}
    </Page>
  );
}

function Chooser({ environment, from, to }: CompareProps & { readonly environment: string }) {
  const [, navigate] = useLocation();
  const { releases } = useReleases(environment);
  const choices = promotedOnce(releases ?? []);
  const go = (nextFrom: string, nextTo: string): void => navigate(comparePath(environment, nextFrom, nextTo));
  return (
    <Card>
      <div className={styles.chooser}>
        <Choice label="From" value={from} choices={choices} choose={(release) => go(release, to)} />
        <Button onClick={() => go(to, from)}>Swap sides</Button>
        <Choice label="To" value={to} choices={choices} choose={(release) => go(from, release)} />
      </div>
    </Card>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly ReleaseSummary[];
  choose(release: string): void;
}

function Choice({ label, value, choices, choose }: ChoiceProps) {
  const isKnown = choices.some(({ release }) => release === value);
  return (
    <label className={styles.choice}>
      {label}
      <select value={value} onChange={(event) => choose(event.target.value)}>
        {!isKnown && <option value={value}>release {value.slice(0, 12)}</option>}
        {choices.map(({ key, release, number, live }) => (
          <option key={key} value={release ?? ''}>
            release {number} ({release}){live ? ', serves' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}

function Differing({ comparison }: { readonly comparison: Comparison }) {
  const { content, variables, secrets, settings, files } = comparison;
  if (content.length + variables.length + secrets.length + settings.length + files.length === 0)
    return <Empty title="Nothing differs">Both releases consist of the same content, settings and secrets.</Empty>;
  return (
    <>
      <div className={styles.values}>
        <Values title="Content" values={content} note="Addresses of what was built: equal content has an equal address." />
        <Values title="Variables" values={variables} note="A value that contains a secret is never shown." />
        <Values title="Secrets" values={secrets} note="Versions; the values are never shown." />
        <Values title="Settings" values={settings} />
      </div>
      <Differences files={files} />
    </>
  );
}
