import { useCallback, useMemo, useRef } from 'react';
import type { PlaceStatus, Sample, Shape, Status, Traffic } from '../../../../src/server/api/index.ts';
import { rate } from '../../ui/format.ts';
import { classes, NotMeasured } from '../../ui/index.ts';
import { edgesOf, ingressNode, usersNode, type SetInPicture } from './edges.ts';
import { Edges } from './EdgeLines.tsx';
import { ReplicaPopover } from './ReplicaPopover.tsx';
import { ResourceCard } from './ResourceCard.tsx';
import { SetGroup } from './SetGroup.tsx';
import { Tip } from './Tip.tsx';
import styles from './Topology.module.css';
import { useReplicaKeys } from './useReplicaKeys.ts';
import { useSelectedReplica } from './useSelectedReplica.ts';

interface TopologyProps {
  readonly environment: string;
  readonly place: PlaceStatus;
  readonly shape: Shape | undefined;
  readonly sample: Sample | undefined;
  readonly numbers: Status['numbers'];
}

/** What runs, from the users to the data, as it is at this moment. */
export function Topology({ environment, place, shape, sample, numbers }: TopologyProps) {
  const area = useRef<HTMLDivElement>(null);
  const { services, next, release, resources } = place;
  const sets = useMemo<SetInPicture[]>(
    () => [{ set: 'live', release, services }, ...(next == null ? [] : [{ set: 'next', ...next } as const])],
    [services, next, release],
  );
  const edges = useMemo(() => edgesOf(sets, shape, sample), [sets, shape, sample]);
  const { selected, select } = useSelectedReplica();
  const onKeyDown = useReplicaKeys(area);
  const onClick = useCallback(
    (event: React.MouseEvent) => {
      const cell = (event.target as Element).closest<HTMLElement>('[data-replica]');
      if (cell?.dataset['replica'] !== undefined) select(cell.dataset['replica']);
    },
    [select],
  );
  return (
    <section aria-label="Topology" className={styles.frame}>
      <div ref={area} className={styles.area} onClick={onClick} onKeyDown={onKeyDown}>
        <Edges area={area} edges={edges} />
        <div className={styles.entry}>
          <Entry place={place} sample={sample} />
        </div>
        <div className={styles.sets}>
          {sets.map((set) => (
            <SetGroup
              key={set.set}
              {...set}
              share={next == null ? null : set.set === 'next' ? place.share : 100 - place.share}
              shape={shape}
              traffic={sample}
              numbers={numbers}
            />
          ))}
        </div>
        {resources.length === 0 ? null : (
          <ul className={styles.resources} aria-label="Resources">
            {resources.map((resource) => (
              <ResourceCard key={resource.name} resource={resource} />
            ))}
          </ul>
        )}
      </div>
      <Tip area={area} />
      <ReplicaPopover
        environment={environment}
        area={area}
        place={place}
        numbers={numbers}
        selected={selected}
        onClose={() => select(null)}
      />
    </section>
  );
}

function Entry({ place, sample }: { readonly place: PlaceStatus; readonly sample: Sample | undefined }) {
  const total: Traffic | undefined = sample === undefined || 'unsupported' in sample ? undefined : sample.total;
  return (
    <>
      <div className={styles.node} data-node={usersNode}>
        <h3>Users</h3>
        <p className={classes(styles.small, styles.wrapped)}>{total === undefined ? <NotMeasured /> : rate(total.perSecond)}</p>
      </div>
      <div className={styles.node} data-node={ingressNode}>
        <h3>Ingress</h3>
        <p className={styles.small} title={place.url}>
          {hostOf(place.url)}
        </p>
      </div>
    </>
  );
}

function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
