import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import type { Shape } from '../../../../src/server/api/index.ts';
import { apiIn, useEnvironmentName, useGet } from '../../server/hooks.ts';
import { Toggle } from '../../ui/Field.tsx';
import { number } from '../../ui/format.ts';
import { Button, Card, classes, Page, ProblemView } from '../../ui/index.ts';
import { readAddress, withParts, type LogAddress } from './address.ts';
import { LogList } from './LogList.tsx';
import styles from './LogsPage.module.css';
import { capacity, type LogModel, type LogState } from './model.ts';
import { Loading, NoLines, NothingMatches } from './Nothing.tsx';
import { Older } from './Older.tsx';
import { useCopy, useIsNarrow, useLogActions, useMatches, useTyped } from './page-hooks.ts';
import { useSelection } from './selection.ts';
import { Filters, Search, type Change } from './Toolbar.tsx';
import { useLogs } from './use-logs.ts';

export function LogsPage() {
  const environment = useEnvironmentName();
  const [search, setSearch] = useSearchParams();
  const address = useMemo(() => readAddress(search), [search]);
  const change = useCallback<Change>((parts) => setSearch((before) => withParts(before, parts), { replace: true }), [setSearch]);
  const [words, setWords] = useTyped(address.words, change);
  const { model, state, complaint } = useLogs(environment, address, address.words);
  const selection = useSelection();
  const onFollow = useCallback(
    (follow: boolean) => change({ follow: follow ? undefined : 'no', ...(follow ? { at: undefined } : {}) }),
    [change],
  );
  const { target, onMatch, found } = useMatches(model, state, selection, address);
  const [note, copy] = useCopy(model, state, selection);
  const field = useRef<HTMLInputElement>(null);
  const isNarrow = useIsNarrow();
  const [areFiltersOpen, setFiltersOpen] = useState(false);
  useLogActions({ field, address, change, onFollow, copy });
  const shape = useGet<Shape>(apiIn(environment, 'shape')).data;
  const services = shape?.services.map(({ name }) => name) ?? [];
  return (
    <Page title="Logs" about="Every line of all replicas, jobs and resources, as it comes.">
      <Card flush className={classes(styles.card)}>
        <Search
          {...{ field, words, address, found, complaint, onMatch, change, areFiltersOpen }}
          hasMatches={state.view.hits.length > 0}
          onWords={setWords}
          onFilters={() => setFiltersOpen(!areFiltersOpen)}
        />
        <Filters {...{ address, services, change }} sources={sourcesOf(state, address)} isOpen={areFiltersOpen}>
          <Toggle isOn={address.wrap} onClick={() => change({ wrap: address.wrap ? undefined : 'yes' })}>
            Wrap lines
          </Toggle>
          <Toggle isOn={address.follow} onClick={() => onFollow(!address.follow)}>
            Follow
          </Toggle>
        </Filters>
        <Trouble {...{ model, state, complaint }} />
        <Older model={model} state={state} />
        <Content {...{ environment, model, state, address, change }}>
          <LogList
            {...{ model, state, selection, isNarrow, target, onFollow, onMatch }}
            isPattern={address.isPattern}
            wrap={address.wrap}
            follow={address.follow}
            onCopy={copy}
          />
        </Content>
        <footer className={styles.footer}>
          <span>{summaryOf(state, model)}</span>
          <span role="status">{note}</span>
          <Button small kind="plain" onClick={copy} disabled={selection.range === undefined}>
            Copy
          </Button>
        </footer>
      </Card>
    </Page>
  );
}

function Trouble({
  model,
  state,
  complaint,
}: {
  readonly model: LogModel;
  readonly state: LogState;
  readonly complaint: string | undefined;
}) {
  return (
    <>
      {complaint === undefined ? null : (
        <p className={styles.complaint} role="alert">
          {complaint}
        </p>
      )}
      {state.problem === undefined ? null : (
        <div className={styles.problem}>
          <ProblemView problem={state.problem} retry={() => void model.load()} />
        </div>
      )}
    </>
  );
}

interface ContentProps {
  readonly environment: string;
  readonly model: LogModel;
  readonly state: LogState;
  readonly address: LogAddress;
  readonly change: Change;
  readonly children: ReactNode;
}

function Content({ environment, model, state, address, change, children }: ContentProps) {
  if (state.view.length > 0) return children;
  if (model.ring.length === 0) {
    if (state.loading === 'history') return <Loading />;
    if (state.problem !== undefined) return null;
    return <NoLines environment={environment} change={change} isChosen={(address.service ?? address.replica) !== undefined} />;
  }
  return state.isSearching ? <Loading /> : <NothingMatches model={model} state={state} change={change} />;
}

/** Of the chosen service, its replicas and jobs. */
function sourcesOf({ sources }: LogState, { service }: LogAddress): readonly string[] {
  return service === undefined ? sources : sources.filter((name) => name.startsWith(`${service}-`) || name.startsWith(`job-${service}-`));
}

function summaryOf({ view }: LogState, { ring, canHoldMore }: LogModel): string {
  const lines = `${number(ring.length)} ${ring.length === 1 ? 'line' : 'lines'}`;
  const shown = view.length === ring.length ? lines : `${number(view.length)} of ${lines}`;
  return canHoldMore ? shown : `${shown}; the page keeps the newest ${number(capacity)}`;
}
