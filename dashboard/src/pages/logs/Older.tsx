import { useRef, useState } from 'react';
import { dateTime } from '../../ui/format.ts';
import { Button } from '../../ui/index.ts';
import styles from './LogsPage.module.css';
import type { LogModel, LogState } from './model.ts';

/** How far back the lines reach, and what fetches more. */
export function Older({ model, state }: { readonly model: LogModel; readonly state: LogState }) {
  const isStopped = useRef(false);
  const [isLoadingAll, setLoadingAll] = useState(false);
  if (model.ring.length === 0) return null;
  const { at } = model.ring.row(model.ring.first);
  const canLoad = state.more && model.canHoldMore;
  const loadAll = async (): Promise<void> => {
    isStopped.current = false;
    setLoadingAll(true);
    while (await model.older()) if (isStopped.current) break;
    setLoadingAll(false);
  };
  return (
    <div className={styles.older}>
      <span>{Number.isNaN(at) ? 'From the beginning of what is loaded' : `From ${dateTime(at)}`}</span>
      {canLoad && !isLoadingAll ? (
        <>
          <Button small kind="plain" busy={state.loading === 'older'} onClick={() => void model.older()}>
            Load older lines
          </Button>
          <Button small kind="plain" onClick={() => void loadAll()}>
            Load all
          </Button>
        </>
      ) : null}
      {isLoadingAll ? (
        <Button small kind="plain" onClick={() => (isStopped.current = true)}>
          Stop loading
        </Button>
      ) : null}
      {canLoad || isLoadingAll ? null : <span>{state.more ? 'The page holds no more lines.' : 'There are no older lines.'}</span>}
    </div>
  );
}
