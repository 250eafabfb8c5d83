import { percent } from '../../../ui/format.ts';
import { releaseColour } from '../../../server/hooks.ts';
import styles from './Share.module.css';

interface Side {
  readonly name: string;
  readonly release: string | null;
}

interface ShareProps {
  readonly live: Side;
  readonly next: Side;
  /** Percent of the requests that go to the next set. */
  readonly share: number;
}

/** Whose requests go where, while two sets stand. */
export function Share({ live, next, share }: ShareProps) {
  return (
    <div className={styles.share}>
      <div className={styles.bar} aria-hidden="true">
        <span className={styles.part} style={{ width: `${100 - share}%`, background: releaseColour(live.release) }} />
        <span className={styles.part} style={{ width: `${share}%`, background: releaseColour(next.release) }} />
      </div>
      <p className={styles.words}>
        <span>
          <strong>{percent(100 - share)}</strong> {live.name}
        </span>
        <span>
          <strong>{percent(share)}</strong> {next.name}
        </span>
      </p>
    </div>
  );
}
