import { Link } from 'wouter';
import type { Marker, ScalingDecision } from '../../../../src/server/api/index.ts';
import { pathIn, useEnvironmentName } from '../../server/hooks.ts';

import { Badge, Card, DataTable, Empty, RelativeTime, Skeleton, type Column, type Tone } from '../../ui/index.ts';

/** Why there are as many replicas as there are. */
export function Decisions({ decisions }: { readonly decisions: readonly ScalingDecision[] }) {
  return (
    <Card title="Scaling decisions" flush>
      {decisions.length === 0 ? (
        <Empty title="No decisions in this time">
          The autoscaler acts when a service uses more or less of its limit than its target says.
        </Empty>
      ) : (
        <DataTable
          caption="Scaling decisions, newest first"
          columns={decisionColumns}
          rows={decisions.slice(0, 50)}
          rowKey={({ at, service, reason }) => `${at} ${service} ${reason}`}
        />
      )}
    </Card>
  );
}

const decisionColumns: readonly Column<ScalingDecision>[] = [
  { header: 'Time', cell: ({ at }) => <RelativeTime at={at} /> },
  { header: 'Service', cell: ({ service }) => service },
  { header: 'Replicas', align: 'right', cell: ({ from, to }) => (from === to ? `stays ${to}` : `${from} → ${to}`) },
  { header: 'Because', grow: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
];

/** The marks across the charts, as a list. */
export function Events({ markers }: { readonly markers: readonly Marker[] | undefined }) {
  const environment = useEnvironmentName();
  const shown = markers?.filter(({ kind }) => kind !== 'scale').toReversed();
  return (
    <Card title="Releases and restarts" flush actions={<Link href={pathIn(environment, 'releases')}>All releases</Link>}>
      {shown === undefined ? (
        <Skeleton height="120px" />
      ) : shown.length === 0 ? (
        <Empty title="Nothing happened in this time">Releases and restarts stand here, and as lines across the charts.</Empty>
      ) : (
        <DataTable
          caption="Releases and restarts, newest first"
          columns={eventColumns}
          rows={shown.slice(0, 50)}
          rowKey={({ at, text, kind }) => `${at} ${kind} ${text}`}
        />
      )}
    </Card>
  );
}

const tones: Readonly<Record<Marker['kind'], Tone>> = {
  promoted: 'good',
  'rolled back': 'warn',
  failed: 'bad',
  restart: 'warn',
  scale: 'quiet',
};

const eventColumns: readonly Column<Marker>[] = [
  { header: 'Time', cell: ({ at }) => <RelativeTime at={at} /> },
  { header: 'What', cell: ({ kind }) => <Badge tone={tones[kind]}>{kind}</Badge> },
  { header: 'Which', grow: true, cell: ({ text }) => <span title={text}>{text}</span> },
];
