import { memo } from 'react';
import type { Resource } from '../../../../src/server/api/index.ts';
import { StateBadge } from '../../ui/index.ts';
import { resourceNode } from './edges.ts';
import styles from './Topology.module.css';

export const ResourceCard = memo(function ResourceCard({ resource }: { readonly resource: Resource }) {
  const { name, type, version, state, connection, detail } = resource;
  return (
    <li className={styles.resource} data-node={resourceNode(name)}>
      <div className={styles.resourceHead}>
        <h3 title={name}>{name}</h3>
        <StateBadge state={state} />
      </div>
      <p className={styles.small}>
        {type} {version}
      </p>
      {connection === undefined ? null : <code className={styles.connection}>{connection}</code>}
      {detail === undefined ? null : <p className={styles.detail}>{detail}</p>}
    </li>
  );
});
