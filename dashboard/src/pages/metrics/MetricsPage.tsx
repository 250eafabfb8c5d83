import { useMemo, useState, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import type { Shape } from '../../../../src/server/api/index.ts';
import { serviceColour } from '../../server/colours.ts';
import { apiIn, useEnvironmentName, useGet } from '../../server/hooks.ts';
import { Choices, Select } from '../../ui/Field.tsx';
import { Card, classes, Empty, Loading, Page, ProblemView } from '../../ui/index.ts';
import { chartsOf, type Percentile } from './charts.ts';
import { ChartView } from './ChartView.tsx';
import { Decisions, Events } from './Happened.tsx';
import styles from './MetricsPage.module.css';
import { Moment } from './Moment.tsx';
import { createReading } from './reading.ts';
import { Scaling } from './Scaling.tsx';
import { ranges, useTimeline, type Minutes, type Watched } from './use-timeline.ts';

const percentiles = ['p50', 'p95', 'p99'] as const;

export function MetricsPage() {
  const environment = useEnvironmentName();
  const [search, setSearch] = useSearchParams();
  const minutes = ranges.find((value) => String(value) === search.get('minutes')) ?? 15;
  const service = search.get('service') || undefined;
  const percentile = percentiles.find((name) => name === search.get('latency')) ?? 'p95';
  const shape = useGet<Shape>(apiIn(environment, 'shape')).data;
  const watched = useTimeline(environment, minutes);
  const change = (name: string, value: string): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const services = shape?.services.map(({ name }) => name) ?? [];
  return (
    <Page
      title="Scaling and metrics"
      about="What the services do, what they use of their limits, and why there are as many replicas as there are."
      actions={
        <>
          <Select
            label="Service"
            value={service ?? ''}
            choices={[{ value: '', text: 'all, side by side' }, ...services.map((name) => ({ value: name, text: name }))]}
            onChange={(value) => change('service', value)}
          />
          {service === undefined ? (
            <Select
              label="Latency"
              value={percentile}
              choices={percentiles.map((name) => ({ value: name, text: name }))}
              onChange={(value) => change('latency', value)}
            />
          ) : null}
          <Choices
            label="Time"
            value={String(minutes)}
            choices={ranges.map((value) => ({ value: String(value), text: value < 60 ? `${value} min` : `${value / 60} h` }))}
            onChange={(value) => change('minutes', value)}
          />
        </>
      }
    >
      <Charts {...{ watched, minutes, service, percentile }}>
        <Scaling environment={environment} shape={shape} />
        <Decisions decisions={watched.decisions} />
        <Events markers={watched.history?.markers} />
      </Charts>
    </Page>
  );
}

interface ChartsProps {
  readonly watched: Watched;
  readonly minutes: Minutes;
  readonly service: string | undefined;
  readonly percentile: Percentile;
  /** What stands beside the charts. */
  readonly children: ReactNode;
}

function Charts({ watched, minutes, service, percentile, children }: ChartsProps) {
  const { history, timeline, problem, unsupported, retry } = watched;
  const [reading] = useState(createReading);
  const charts = useMemo(() => chartsOf(timeline, { service, percentile, colourOf: serviceColour }), [timeline, service, percentile]);
  const isEmpty = timeline.times.length === 0;
  return (
    <>
      {problem === undefined || history !== undefined ? null : <ProblemView problem={problem} retry={retry} />}
      {unsupported === null || isEmpty ? null : <p role="status">Not measured now: {unsupported}</p>}
      {isEmpty ? null : <Moment timeline={timeline} reading={reading} />}
      <div className={styles.charts}>
        {history === undefined && problem === undefined ? <Placeholders /> : null}
        {history === undefined || !isEmpty ? null : <NothingMeasured unsupported={unsupported} />}
        {isEmpty
          ? null
          : charts.map((chart) => <ChartView key={chart.id} {...{ chart, timeline, minutes, reading }} markers={history?.markers ?? []} />)}
        {children}
      </div>
    </>
  );
}

function NothingMeasured({ unsupported }: { readonly unsupported: string | null }) {
  return (
    <Card className={classes(styles.whole)}>
      {unsupported === null ? (
        <Empty title="Nothing is measured yet">The first figures come within seconds of something running.</Empty>
      ) : (
        <Empty title="Not measured">{unsupported}</Empty>
      )}
    </Card>
  );
}

function Placeholders() {
  return Array.from({ length: 7 }, (_, index) => <Loading key={index} what="a chart" height="252px" />);
}
