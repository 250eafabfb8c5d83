import { memo } from 'react';
import type { Sample, Service, ServiceShape, Shape, Status, Traffic } from '../../../../src/server/api/index.ts';
import { latency, percent, rate } from '../../ui/format.ts';
import { Badge, classes, NotMeasured, ReleaseBadge } from '../../ui/index.ts';
import { releaseColour } from '../../server/hooks.ts';
import { Trail } from './EdgeLines.tsx';
import { serviceNode } from './edges.ts';
import { ReplicaCell } from './ReplicaCell.tsx';
import styles from './SetGroup.module.css';

interface SetProps {
  readonly set: 'live' | 'next';
  readonly release: string | null;
  readonly services: readonly Service[];
  /** Percent of the requests that it gets; null while there is only one set. */
  readonly share: number | null;
  readonly shape: Shape | undefined;
  readonly traffic: Sample | undefined;
  readonly numbers: Status['numbers'];
}

/** The replicas of one release, of all services together. */
export function SetGroup({ set, release, services, share, shape, traffic, numbers }: SetProps) {
  const measured = traffic === undefined || 'unsupported' in traffic ? undefined : traffic.services;
  const totals = measured === undefined ? undefined : totalOf(measured.filter((each) => each.set === set).map((each) => each.traffic));
  const number = release === null ? 0 : (numbers[release] ?? 0);
  return (
    <section className={styles.set} style={{ borderColor: releaseColour(release) }} aria-label={set === 'live' ? 'Live set' : 'Next set'}>
      <Trail perSecond={totals?.perSecond ?? null} release={release} />
      <header className={styles.head}>
        {share === null ? null : (
          <span className={styles.share} style={{ borderColor: releaseColour(release) }}>
            {percent(share)}
            <span className="visually-hidden"> of the requests</span>
          </span>
        )}
        <ReleaseBadge release={release} number={number} />
        <span className={styles.role}>{set === 'live' ? (share === null ? 'serves all requests' : 'live set') : 'next set'}</span>
        {totals === undefined ? null : (
          <span className={styles.total}>
            {rate(totals.perSecond)}
            <span className={classes(totals.errors > 0 && styles.failing)}>{rate(totals.errors)} errors</span>
          </span>
        )}
      </header>
      <ul className={styles.services}>
        {services.map((service) => (
          <ServiceCard
            key={service.name}
            set={set}
            service={service}
            described={shape?.services.find(({ name }) => name === service.name)}
            traffic={measured?.find((each) => each.service === service.name && each.set === set)?.traffic}
            isMeasured={traffic === undefined ? null : measured !== undefined}
            numbers={numbers}
          />
        ))}
      </ul>
    </section>
  );
}

function totalOf(all: readonly Traffic[]): Pick<Traffic, 'perSecond' | 'errors'> {
  const sum = (of: (traffic: Traffic) => number): number => all.reduce((total, traffic) => total + of(traffic), 0);
  return { perSecond: sum(({ perSecond }) => perSecond), errors: sum(({ errors }) => errors) };
}

/** More replicas than this are drawn as small cells. */
const mostChips = 8;

interface ServiceProps {
  readonly set: 'live' | 'next';
  readonly service: Service;
  readonly described: ServiceShape | undefined;
  readonly traffic: Traffic | undefined;
  /** Null: nobody knows yet. */
  readonly isMeasured: boolean | null;
  readonly numbers: Status['numbers'];
}

const ServiceCard = memo(function ServiceCard({ set, service, described, traffic, isMeasured, numbers }: ServiceProps) {
  const { name, kind, route, ready, desired, degraded, pinned } = service;
  const replicas = set === 'next' ? service.replicas : service.replicas.filter((replica) => replica.set !== 'next');
  const range = described === undefined || described.min === described.max ? '' : `, ${described.min} to ${described.max} by load`;
  return (
    <li className={styles.service} data-node={serviceNode(set, name)}>
      <div className={styles.about}>
        <h3 className={styles.name} title={name}>
          {name}
        </h3>
        {route === undefined ? <span className={styles.kind}>{kind}</span> : <code className={styles.route}>{route}</code>}
        {degraded ? <Badge tone="bad">degraded</Badge> : null}
        {pinned ? <Badge>pinned</Badge> : null}
        <span className={classes(styles.count, ready < desired && styles.few)} title={`${ready} of ${desired} ready${range}`}>
          {kind === 'static' ? 'files' : `${ready}/${desired} ready`}
        </span>
      </div>
      {kind === 'web' ? <ServiceTraffic traffic={traffic} isMeasured={isMeasured} /> : null}
      {replicas.length === 0 ? null : (
        <div className={replicas.length > mostChips ? styles.cells : styles.chips} role="group" aria-label={`Replicas of ${name}`}>
          {replicas.map((replica) => (
            <ReplicaCell key={replica.id} replica={replica} number={numbers[replica.release]} isSmall={replicas.length > mostChips} />
          ))}
        </div>
      )}
    </li>
  );
});

function ServiceTraffic({ traffic, isMeasured }: { readonly traffic: Traffic | undefined; readonly isMeasured: boolean | null }) {
  if (isMeasured === null) return <p className={styles.unmeasured} />;
  if (!isMeasured) {
    return (
      <p className={styles.unmeasured}>
        <NotMeasured />
      </p>
    );
  }
  const { perSecond = 0, p50 = null, p99 = null, errors = 0 } = traffic ?? {};
  return (
    <dl className={styles.traffic}>
      <Value label="requests" value={rate(perSecond)} />
      <Value label="p50" value={p50 === null ? '-' : latency(p50)} />
      <Value label="p99" value={p99 === null ? '-' : latency(p99)} />
      <Value label="errors" value={rate(errors)} isBad={errors > 0} />
    </dl>
  );
}

function Value({ label, value, isBad = false }: { readonly label: string; readonly value: string; readonly isBad?: boolean }) {
  return (
    <div className={classes(styles.value, isBad && styles.bad)}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
