import { useLive } from '../../server/hooks.ts';
import { Button, Command, Empty, Skeleton } from '../../ui/index.ts';
import type { LogModel, LogState } from './model.ts';
import styles from './LogsPage.module.css';
import { nothingChosen } from './page-hooks.ts';
import type { Change } from './Toolbar.tsx';

/** Lines of the final height, so that nothing moves when they come. */
export function Loading() {
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">Loading the lines</span>
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} height="12px" width={`${40 + ((index * 37) % 50)}%`} />
      ))}
    </div>
  );
}

/** The server has no line at all of what is chosen. */
export function NoLines({
  environment,
  isChosen,
  change,
}: {
  readonly environment: string;
  readonly isChosen: boolean;
  readonly change: Change;
}) {
  const status = useLive(environment, 'status');
  if (isChosen) {
    return (
      <Empty title="No lines of this service or source yet" action={<Button onClick={() => change(nothingChosen)}>Show all</Button>}>
        What it writes from now on appears here.
      </Empty>
    );
  }
  if (status !== undefined && (status.place === null || status.place.state === 'stopped')) {
    return (
      <Empty title="Nothing runs here" action={<Command>{environment === 'local' ? 'gantry up' : `gantry deploy ${environment}`}</Command>}>
        Lines appear as soon as something runs. This starts it:
      </Empty>
    );
  }
  return <Empty title="No lines yet">Whatever a program writes to its output or its error output appears here.</Empty>;
}

/** There are lines, and the filters let none of them pass. */
export function NothingMatches({ model, state, change }: { readonly model: LogModel; readonly state: LogState; readonly change: Change }) {
  const canSearch = state.more && model.canHoldMore;
  return (
    <Empty
      title="Nothing matches"
      action={
        <div className={styles.buttons}>
          <Button onClick={() => change(nothingChosen)}>Show all lines</Button>
          {canSearch ? (
            <Button kind="primary" busy={state.loading === 'older'} onClick={() => void model.older()}>
              Search older lines
            </Button>
          ) : null}
        </div>
      }
    >
      {canSearch ? 'The lines loaded so far hold no match; there are older ones.' : 'No line that is here passes what is chosen above.'}
    </Empty>
  );
}
