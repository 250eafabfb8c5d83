import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { PlaceStatus, ReleaseSummary, Sample, ScalingDecision, Traffic } from '../../../../src/server/api/index.ts';
import { pathIn, useLive } from '../../server/hooks.ts';
import { duration, latency, percent, rate } from '../../ui/format.ts';
import { Badge, classes, NotMeasured, ReleaseBadge, RelativeTime, StateBadge } from '../../ui/index.ts';
import { meterText } from '../../ui/words.ts';
import styles from './Overview.module.css';
import { countTexts, decisionText, stateText, troubles } from './words.ts';

interface StripProps {
  readonly environment: string;
  readonly place: PlaceStatus;
  readonly sample: Sample | undefined;
}

/** The four answers that somebody looks for first. Each keeps its size, whatever it says. */
export function Strip({ environment, place, sample }: StripProps) {
  return (
    <div className={styles.strip}>
      <NowCard environment={environment} place={place} />
      <TrafficCard sample={sample} />
      <ReleaseCard environment={environment} operation={place.operation} share={place.share} hasNext={place.next != null} />
      <ScalingCard environment={environment} decisions={place.scaling} />
    </div>
  );
}

function Tile({
  title,
  tone,
  children,
  action,
}: {
  readonly title: string;
  readonly tone?: 'bad';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <section className={classes(styles.tile, tone === 'bad' && styles.tileBad)}>
      <header className={styles.tileHead}>
        <h2>{title}</h2>
        {action}
      </header>
      {children}
    </section>
  );
}

const mostTroubles = 3;

const NowCard = memo(function NowCard({ environment, place }: { readonly environment: string; readonly place: PlaceStatus }) {
  const all = troubles(place);
  const shown = all.slice(0, mostTroubles);
  return (
    <Tile title={all.length === 0 ? 'What runs' : 'Problems'} {...(all.length === 0 ? {} : { tone: 'bad' })}>
      <p className={styles.lead}>{stateText(place)}</p>
      {all.length > 0 ? null : (
        <ul className={styles.counts}>
          {countTexts(place).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {/* Said when it appears, as it matters more than what somebody does meanwhile. */}
      <ul className={classes(styles.troubles, all.length === 1 && styles.alone)} aria-live="polite">
        {shown.map(({ key, service, text }) => (
          <li key={key} className={styles.trouble} title={text}>
            <span aria-hidden="true">✗</span>
            {service === null ? (
              <span>{text}</span>
            ) : (
              <Link href={`${pathIn(environment, 'logs')}?service=${encodeURIComponent(service)}`}>{text}</Link>
            )}
          </li>
        ))}
      </ul>
      {all.length > shown.length ? <p className={styles.muted}>and {all.length - shown.length} more below</p> : null}
    </Tile>
  );
});

const nothing: Traffic = { perSecond: 0, errors: 0, refused: null, p50: null, p95: null, p99: null };

function TrafficCard({ sample }: { readonly sample: Sample | undefined }) {
  const reason = sample !== undefined && 'unsupported' in sample ? sample.unsupported : undefined;
  const total = sample === undefined || 'unsupported' in sample ? undefined : sample.total;
  const { perSecond, errors, p50, p99 } = total ?? nothing;
  const figure = (value: string): ReactNode => {
    if (total !== undefined) return value;
    return reason === undefined ? '…' : <NotMeasured reason={reason} />;
  };
  return (
    <Tile title="Requests">
      <dl className={styles.figures}>
        <Fact label="now" value={figure(rate(perSecond))} />
        <Fact label="errors" value={figure(rate(errors))} isBad={errors > 0} />
        <Fact label="p50" value={figure(p50 === null ? '-' : latency(p50))} />
        <Fact label="p99" value={figure(p99 === null ? '-' : latency(p99))} />
      </dl>
      {reason === undefined ? null : <p className={styles.muted}>{reason}</p>}
    </Tile>
  );
}

function Fact({ label, value, isBad = false }: { readonly label: string; readonly value: ReactNode; readonly isBad?: boolean }) {
  return (
    <div className={classes(styles.fact, isBad && styles.bad)}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface ReleaseProps {
  readonly environment: string;
  readonly operation: PlaceStatus['operation'];
  readonly share: number;
  readonly hasNext: boolean;
}

const ReleaseCard = memo(function ReleaseCard({ environment, operation, share, hasNext }: ReleaseProps) {
  const releases = useLive(environment, 'releases');
  const last = releases?.find(({ outcome }) => outcome !== 'running');
  const underWay = releases?.find(({ outcome }) => outcome === 'running');
  const path = pathIn(environment, 'releases');
  const shown = operation === null ? last : underWay;
  const href = shown === undefined ? path : `${path}/${encodeURIComponent(shown.key)}`;
  return (
    <Tile
      title={operation === null ? 'Last release' : 'Under way'}
      action={<Link href={href}>{operation === null ? 'Details' : 'Watch'}</Link>}
    >
      {operation === null ? (
        <LastRelease last={last} isKnown={releases !== undefined} />
      ) : (
        <>
          <p className={styles.lead}>
            <Badge tone="info" symbol="~">
              {operation.step}
            </Badge>{' '}
            {operation.name} by {operation.who}
          </p>
          <p>
            since <RelativeTime at={operation.since} />
            {hasNext ? `, ${percent(share)} of the requests on the next set` : ''}
          </p>
        </>
      )}
    </Tile>
  );
});

function LastRelease({ last, isKnown }: { readonly last: ReleaseSummary | undefined; readonly isKnown: boolean }) {
  if (last === undefined) return <p className={styles.muted}>{isKnown ? 'None yet.' : '\u00a0'}</p>;
  const { outcome, number, release, operation, meter, durationMs, ended, failed } = last;
  return (
    <>
      <p className={styles.lead}>
        <StateBadge state={outcome} /> {number === 0 ? operation : <ReleaseBadge release={release} number={number} />}
      </p>
      <p>
        {operation}
        {durationMs === null ? '' : `, took ${duration(durationMs)}`}
        {ended === null ? null : (
          <>
            , <RelativeTime at={ended} />
          </>
        )}
      </p>
      {failed === null ? null : <p className={styles.clamped}>{failed.message}</p>}
      {meter === null ? null : <p className={styles.muted}>{meterText(meter)}</p>}
    </>
  );
}

interface ScalingProps {
  readonly environment: string;
  readonly decisions: readonly ScalingDecision[];
}

const ScalingCard = memo(function ScalingCard({ environment, decisions }: ScalingProps) {
  const [last] = decisions;
  return (
    <Tile title="Autoscaler" action={<Link href={pathIn(environment, 'metrics')}>Metrics</Link>}>
      {last === undefined ? (
        <p className={styles.muted}>It has not changed anything lately.</p>
      ) : (
        <>
          <p className={styles.lead}>{decisionText(last)}</p>
          <p>
            <RelativeTime at={last.at} />
          </p>
          <p className={classes(styles.muted, styles.clamped)} title={last.reason}>
            {last.reason}
          </p>
        </>
      )}
    </Tile>
  );
});
