import { memo } from 'react';
import { Link } from 'wouter';
import type { ReleaseSummary } from '../../../../../src/server/api/index.ts';
import { duration } from '../../../ui/format.ts';
import { Badge, Button, RelativeTime, ReleaseBadge } from '../../../ui/index.ts';
import { releasePath } from '../address.ts';
import { plainLine } from '../evidence.ts';
import { briefMeterText, endingOf, nameOf } from '../outcome.ts';
import styles from './ReleaseRow.module.css';

interface ReleaseRowProps {
  readonly release: ReleaseSummary;
  readonly environment: string;
  readonly atWork: boolean | undefined;
  /** Absent where a rollback cannot go. */
  readonly rollBack?: (release: ReleaseSummary) => void;
}

const shownCommit = 7;

/** One attempt; the whole row leads to it. */
export const ReleaseRow = memo(function ReleaseRow({ release, environment, atWork, rollBack }: ReleaseRowProps) {
  const { key, operation, who, begun, durationMs, commit, live } = release;
  const { symbol, words, tone } = endingOf(release, atWork);
  return (
    <li className={styles.row} data-live={live}>
      <Link href={releasePath(environment, key)} className={styles.name} data-row="">
        {release.number === 0 ? (
          <span className={styles.none}>{nameOf(release)}</span>
        ) : (
          <ReleaseBadge release={release.release} number={release.number} />
        )}
      </Link>
      <span className={styles.outcome}>
        {live ? (
          <Badge tone="good" symbol="✓">
            serves
          </Badge>
        ) : (
          <Badge tone={tone} symbol={symbol}>
            {words}
          </Badge>
        )}
      </span>
      <Noticed release={release} />
      <span className={styles.when}>
        <RelativeTime at={begun} />
      </span>
      <span className={styles.took}>
        {durationMs !== null && (
          <>
            <span className={styles.word}>took </span>
            {duration(durationMs)}
          </>
        )}
      </span>
      <span className={styles.who} title={`${operation} by ${who}`}>
        {operation} by {plainLine(who)}
      </span>
      <code className={styles.commit} title={commit ?? undefined}>
        {commit?.slice(0, shownCommit)}
      </code>
      <span className={styles.action}>
        {rollBack !== undefined && (
          <Button small kind="plain" onClick={() => rollBack(release)} aria-label={`Roll back to release ${release.number}`}>
            Roll back
          </Button>
        )}
        {release.outcome === 'promoted' && !release.runnable && !live && <span className={styles.gone}>not kept</span>}
      </span>
    </li>
  );
});

/** What users noticed, and why it failed. */
function Noticed({ release: { meter, failed, outcome } }: { readonly release: ReleaseSummary }) {
  const figures = briefMeterText(meter);
  return (
    <span className={styles.noticed}>
      {failed !== null && (
        <span className={styles.why} title={plainLine(failed.message)}>
          {failed.step}: {plainLine(failed.message)} <code>{failed.code}</code>
        </span>
      )}
      {figures !== '' && <span data-failed={(meter?.failed ?? 0) > 0}>{figures}</span>}
      {figures === '' && outcome === 'promoted' && <span className={styles.none}>not measured</span>}
    </span>
  );
}

/** Names the columns for those who see them; a row says them in its own words. */
export function ListHead() {
  return (
    <div className={styles.head} aria-hidden="true">
      <span>Release</span>
      <span>Outcome</span>
      <span>What users noticed</span>
      <span>Begun</span>
      <span className={styles.took}>Took</span>
      <span>Who</span>
      <span className={styles.commit}>Commit</span>
      <span />
    </div>
  );
}
