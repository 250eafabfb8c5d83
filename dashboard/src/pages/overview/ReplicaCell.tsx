import { memo, type CSSProperties } from 'react';
import type { Replica } from '../../../../src/server/api/index.ts';
import { releaseColour } from '../../server/hooks.ts';
import { classes } from '../../ui/index.ts';
import styles from './ReplicaCell.module.css';
import { ordinalOf, releaseText, replicaText, toneOfReplica } from './words.ts';

interface CellProps {
  readonly replica: Replica;
  /** Of its release. */
  readonly number: number | undefined;
  /** One of many: a square, whose words come when it has the pointer or the focus. */
  readonly isSmall: boolean;
}

const symbols: Readonly<Record<Replica['state'], string>> = {
  ready: '',
  starting: '~',
  waiting: '✗',
  failed: '✗',
  unready: '✗',
  stopping: '-',
};

/** Presses, keys and the words at the pointer are handled once for all cells, by the topology. */
export const ReplicaCell = memo(function ReplicaCell({ replica, number, isSmall }: CellProps) {
  const { id, state, restarts, release } = replica;
  const words = replicaText(replica, number);
  const shared = { type: 'button', tabIndex: -1, 'data-replica': id, 'data-words': words, 'data-state': state } as const;
  const style = { '--release': releaseColour(release) } as CSSProperties;
  if (isSmall) {
    return (
      <button {...shared} aria-label={words} className={classes(styles.cell, styles[toneOfReplica(replica)])} style={style}>
        {symbols[state]}
      </button>
    );
  }
  const ordinal = ordinalOf(id);
  return (
    <button {...shared} className={classes(styles.chip, styles[toneOfReplica(replica)])} style={style}>
      <span className={styles.swatch} />
      <span className="visually-hidden">{id.slice(0, id.length - ordinal.length)}</span>
      <span className={styles.ordinal}>{ordinal}</span> <span className={styles.state}>{state}</span>
      {restarts === 0 ? null : (
        <span className={styles.restarts}>
          ↺{restarts}
          <span className="visually-hidden"> restarts</span>
        </span>
      )}
      <span className="visually-hidden">, release {releaseText(replica, number)}</span>
    </button>
  );
});
