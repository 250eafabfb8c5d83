import { Link } from 'wouter';
import type { Progress, ReleaseDetail, ReleaseSummary, WalkStep } from '../../../../../src/server/api/index.ts';
import { apiIn, useGet } from '../../../server/hooks.ts';
import { Card, LinkButton } from '../../../ui/index.ts';
import { releasePath } from '../address.ts';
import { plainLine } from '../evidence.ts';
import { meterText, nameOf } from '../outcome.ts';
import { currentStep, isTakenBack, mergedWalk } from '../walk.ts';
import { TakeBack } from './TakeBack.tsx';
import { Traffic } from './Traffic.tsx';
import styles from './UnderWay.module.css';

interface UnderWayProps {
  readonly environment: string;
  readonly progress: Progress;
  readonly releases: readonly ReleaseSummary[];
}

/** The release under way in a few lines, above the list. */
export function UnderWay({ environment, progress, releases }: UnderWayProps) {
  const { key, operation, meter } = progress;
  const { data } = useGet<ReleaseDetail>(apiIn(environment, `releases/${encodeURIComponent(key)}`));
  const walk = data === undefined ? progress.walk : mergedWalk(data.walk, progress.walk);
  const summary = releases.find((release) => release.key === key);
  const step = currentStep(walk);
  const path = releasePath(environment, key);
  const figures = meterText(meter);
  return (
    <Card
      title={
        <Link
          href={path}
        >{`${summary === undefined || summary.number === 0 ? operation : nameOf(summary)} is ${isTakenBack(walk) ? 'being taken back' : 'under way'}`}</Link>
      }
      actions={
        <>
          <TakeBack environment={environment} walk={walk} />
          <LinkButton href={path}>Watch</LinkButton>
        </>
      }
      flush
    >
      <div className={styles.body}>
        <Strip walk={walk} />
        <p className={styles.now} role="status">
          <strong>{step?.step ?? 'begins'}</strong> <span>{plainLine(step?.message ?? '')}</span>
        </p>
        {figures !== '' && <p className={styles.figures}>{figures}</p>}
      </div>
      <Traffic environment={environment} />
    </Card>
  );
}

/** One mark for each step; the words are below. */
function Strip({ walk }: { readonly walk: readonly WalkStep[] }) {
  return (
    <div className={styles.strip} aria-hidden="true">
      {walk.map(({ step, state }) => (
        <span key={step} className={styles.mark} data-state={state} title={`${step}: ${state}`} />
      ))}
    </div>
  );
}
