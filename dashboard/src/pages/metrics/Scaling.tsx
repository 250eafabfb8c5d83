import { useState } from 'react';
import type { Problem, Service, ServiceShape, Shape } from '../../../../src/server/api/index.ts';
import { problemFrom } from '../../server/client.ts';
import { useLive, useOperation } from '../../server/hooks.ts';
import { count } from '../../ui/format.ts';
import { Badge, Button, Card, Empty, ProblemView, Skeleton } from '../../ui/index.ts';
import styles from './MetricsPage.module.css';

/** How many replicas each service has, may have, and should have. */
export function Scaling({ environment, shape }: { readonly environment: string; readonly shape: Shape | undefined }) {
  const status = useLive(environment, 'status');
  const { start, latest } = useOperation();
  const [problem, setProblem] = useState<Problem>();
  const services = status?.place?.services.filter(({ kind }) => kind !== 'static');
  const scale = async (service: string, wanted: number | 'auto'): Promise<void> => {
    setProblem(undefined);
    try {
      await start(environment, { operation: 'scale', service, count: wanted });
    } catch (error) {
      setProblem(problemFrom(error));
    }
  };
  const failed = problem ?? (latest?.state === 'failed' ? latest.error : null);
  return (
    <Card title="Replicas">
      {failed === null ? null : <ProblemView problem={failed} />}
      {status === undefined ? (
        <Skeleton height="96px" />
      ) : services === undefined || services.length === 0 ? (
        <Empty title="Nothing runs here">What runs can be scaled here.</Empty>
      ) : (
        <ul className={styles.scaling}>
          {services.map((service) => (
            <ServiceScale
              key={service.name}
              service={service}
              shape={shape?.services.find(({ name }) => name === service.name)}
              isBusy={latest?.state === 'running'}
              onScale={(wanted) => void scale(service.name, wanted)}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface ServiceScaleProps {
  readonly service: Service;
  readonly shape: ServiceShape | undefined;
  readonly isBusy: boolean;
  onScale(wanted: number | 'auto'): void;
}

function ServiceScale({ service, shape, isBusy, onScale }: ServiceScaleProps) {
  const { name, desired, ready, pinned } = service;
  const [min, max] = [shape?.min ?? 0, shape?.max ?? desired];
  return (
    <li className={styles.service}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      <span className={styles.counts}>
        {ready} of {count(desired, 'replica')} ready
        {shape === undefined ? null : <small>{min === max ? `always ${min}` : `${min} to ${max}`}</small>}
        {pinned ? <Badge tone="info">fixed by hand</Badge> : min === max ? null : <Badge>automatic</Badge>}
      </span>
      <span className={styles.buttons}>
        <Button small disabled={isBusy || desired <= min} aria-label={`One replica less of ${name}`} onClick={() => onScale(desired - 1)}>
          -
        </Button>
        <Button small disabled={isBusy || desired >= max} aria-label={`One replica more of ${name}`} onClick={() => onScale(desired + 1)}>
          +
        </Button>
        <Button small disabled={isBusy || !pinned} aria-label={`Auto: scale ${name} by itself again`} onClick={() => onScale('auto')}>
          Auto
        </Button>
      </span>
    </li>
  );
}
