import { memo } from 'react';
import { Link } from 'wouter';
import type { Service, Status } from '../../../../src/server/api/index.ts';
import { pathIn, releaseColour, useLive } from '../../server/hooks.ts';
import { count, latency, rate } from '../../ui/format.ts';
import { Command, Empty, Figure, Figures, NotMeasured, Skeleton } from '../../ui/index.ts';
import styles from './TryPage.module.css';

/** The app in three sentences, and every replica with its state. */
export function WhatRuns({ environment, status }: { readonly environment: string; readonly status: Status | undefined }) {
  if (status === undefined) return <Skeleton height="180px" />;
  const { place } = status;
  if (place === null || place.services.length === 0) {
    return (
      <Empty title="Nothing runs yet" action={<Command>gantry up</Command>}>
        Start the app in a terminal, in the folder of its gantry.yaml; this page goes on by itself.
      </Empty>
    );
  }
  const replicas = place.services.reduce((sum, service) => sum + service.replicas.length, 0);
  const isLink = /^https?:\/\//u.test(place.url);
  return (
    <>
      <p>
        <b>{place.app}</b> is {count(place.services.length, 'service')} in {count(replicas, 'replica')}: copies of the same program, each a
        process of its own. People come to{' '}
        {isLink ? (
          <a href={place.url} target="_blank" rel="noreferrer">
            {place.url}
          </a>
        ) : (
          'its public address'
        )}
        , where Gantry's ingress gives each request to a replica that is ready.
      </p>
      <p>Open the app in another tab and use it while you try things here: what users notice is counted below.</p>
      <Traffic environment={environment} />
      <ul className={styles.services}>
        {place.services.map((service) => (
          <ServiceReplicas key={service.name} service={service} />
        ))}
        {place.next?.services.map((service) => (
          <ServiceReplicas key={`next ${service.name}`} service={service} isNext />
        ))}
      </ul>
      <p>
        <Link href={pathIn(environment)}>The overview</Link> draws how they hang together.
      </p>
    </>
  );
}

const ServiceReplicas = memo(function ServiceReplicas({
  service,
  isNext = false,
}: {
  readonly service: Service;
  readonly isNext?: boolean;
}) {
  return (
    <li>
      <span className={styles.service} title={service.name}>
        {service.name}
        {isNext ? ', next release' : ''}
      </span>
      <ul className={styles.replicas}>
        {service.replicas.map(({ id, state, restarts, release, detail }) => (
          <li key={id} className={styles.replica} data-state={state} title={detail}>
            <span className={styles.swatch} style={{ background: releaseColour(release) }} aria-hidden="true" />
            <span className={styles.id}>{id}</span>
            <span>
              {state}
              {restarts === 0 ? null : <span className={styles.quiet}>, restarted {restarts === 1 ? 'once' : `${restarts} times`}</span>}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
});

/** What users notice, now. */
function Traffic({ environment }: { readonly environment: string }) {
  const sample = useLive(environment, 'sample');
  if (sample === undefined) return <Skeleton height="46px" />;
  if ('unsupported' in sample) return <NotMeasured reason={sample.unsupported} />;
  const { perSecond, errors, p99 } = sample.total;
  return (
    <Figures>
      <Figure label="requests" value={rate(perSecond)} />
      <Figure label="failed" value={rate(errors)} />
      <Figure label="99 of 100 answered within" value={p99 === null ? 'no requests' : latency(p99)} />
    </Figures>
  );
}
